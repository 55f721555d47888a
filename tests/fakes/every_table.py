"""Imports every module that may define a table: one that nobody imports is in no metadata."""

import pkgutil
from importlib import import_module

import features
import jobs.tables  # noqa: F401 - its tables are in the metadata from here on
import storage


def import_every_table() -> None:
    """Import `storage`, and of each feature the modules that are there."""
    for package in (storage, features):
        for _, name, is_package in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not is_package and "migrations" not in name:
                import_module(name)
