"""Finds the features that are there, in the order in which they need each other."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from os import sep
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from loguru import logger
from sqlalchemy import Table

import features
import storage.tables
from app.checks.settings_models import repeated_settings
from config.env import Settings
from flow_engine import SavedData
from flow_engine.faults import SourceLine, did_you_mean, line_of_error
from services.feature import Feature
from services.operator_tables import TableSchema
from storage.engine.database import metadata
from storage.person_table import undeclared_tables
from utils.commands import CommandError
from utils.setting_types import SettingsModel

Base = TypeVar("Base")


class FeatureError(CommandError):
    """The features cannot be used as they are; says in which file, and what is wrong."""


@cache
def find_features() -> tuple[type[Feature], ...]:
    """Return the features that are there; those that need an absent one are left out.

    Raises FeatureError for a file of a feature that cannot be used.
    """
    found: dict[str, type[Feature]] = {}
    for module in _modules_of_features("feature"):
        name = module.split(".")[1]
        try:
            found[name] = _declared(module)
        except ModuleNotFoundError as error:
            logger.warning("features/{} is left out: it needs {}", name, error.name)
    return tuple(_in_order(_with_needs(found)))


@cache
def settings_models() -> tuple[type[SettingsModel], ...]:
    """Return the settings of each feature that has some, by the name of its folder.

    Raises FeatureError for a file that cannot be used, and for a variable that two models read.
    """
    models = tuple(_settings_model(module) for module in _modules_of_features("settings"))
    if faults := list(repeated_settings((Settings, *models))):
        raise FeatureError("\n".join(map(str, faults)))
    return models


@cache
def import_tables() -> None:
    """Import `storage/tables/*.py` and `features/<name>/tables.py`.

    A table is known once its module is imported, and erasing and merging must know all tables.
    """
    core = pkgutil.iter_modules(storage.tables.__path__, "storage.tables.")
    for module in [*(one.name for one in core), *_modules_of_features("tables")]:
        importlib.import_module(module)


def require_declared_tables() -> None:
    """Raise FeatureError for a table about people that erasing and merging do not know."""
    import_tables()
    for name in undeclared_tables():
        raise FeatureError(
            f"{_place_of(metadata.tables[name])}the table {name} is about people, and erasing and "
            "merging do not know it. Call declare_person_table (storage/person_table.py) beside it."
        )


def feature_texts() -> list[Path]:
    """Return the folders of the features' texts."""
    return sorted(path for root in features.__path__ for path in Path(root).glob("*/texts"))


def operator_schemas(saved: SavedData) -> Sequence[TableSchema]:
    """Return the tables that operators see with the features that are there.

    Raises FeatureError for two tables of one name.
    """
    schemas = [schema for feature in find_features() for schema in feature.schemas_for(saved)]
    names = [schema.name.casefold() for schema in schemas]
    for schema in schemas:
        if names.count(schema.name.casefold()) > 1:
            advice = "give SaveRecord another name" if saved.forms else "rename one"
            raise FeatureError(f"two tables of operators have the name {schema.name}: {advice}")
    return schemas


def _place_of(table: Table) -> str:
    """Return the line that names a table, in a module that has it, and a colon."""
    for module in [*sys.modules.values()]:
        if isinstance(module, ModuleType) and any(one is table for one in [*vars(module).values()]):
            return f"{_file_of(module.__name__).of_constant(table.name)}: "
    return ""


def _import(module: str) -> ModuleType:
    """Import a file of a feature; raise ModuleNotFoundError if it imports an absent feature."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and _is_absent_feature(error):
            raise
        where = line_of_error(error, lambda file: f"{sep}features{sep}" in file)
        raise FeatureError(f"{where}: {type(error).__name__}: {error}") from error


def _declared(module: str) -> type[Feature]:
    found = _subclass_in(module, "FEATURE", "the feature", Feature)
    folder = module.split(".")[1]
    if getattr(found, "name", None) != folder:
        raise FeatureError(f"{_file_of(module)}: name must be the folder's, {folder}")
    return found


def _settings_model(module: str) -> type[SettingsModel]:
    return _subclass_in(module, "SETTINGS", "the settings", SettingsModel)


def _subclass_in(module: str, name: str, what: str, base: type[Base]) -> type[Base]:
    """Return what a file of a feature declares under a name; raise FeatureError without it."""
    found: object = getattr(_import(module), name, None)
    if isinstance(found, type) and issubclass(found, base):
        return found
    raise FeatureError(
        f"{_file_of(module)}: {name} must name {what}, a subclass of {base.__name__}"
    )


def _file_of(module: str) -> SourceLine:
    return SourceLine(sys.modules[module].__file__ or module)


def _with_needs(found: Mapping[str, type[Feature]]) -> dict[str, type[Feature]]:
    """Leave out the features that need an absent one, and those that need these."""
    kept = dict(found)
    while lacking := {name for name, one in kept.items() if not kept.keys() >= {*one.needs}}:
        for name in sorted(lacking):
            absent = next(one for one in kept[name].needs if one not in kept)
            hint = did_you_mean(absent, kept)
            logger.warning("features/{} is left out: it needs {}{}", name, absent, hint)
        kept = {name: one for name, one in kept.items() if name not in lacking}
    return kept


def _in_order(found: Mapping[str, type[Feature]]) -> Iterator[type[Feature]]:
    """Those that others need come first; without needs, by name."""
    done: set[str] = set()
    waiting = dict(sorted(found.items()))
    while waiting:
        ready = [name for name, one in waiting.items() if done.issuperset(one.needs)]
        if not ready:
            raise FeatureError(f"these features need each other: {', '.join(waiting)}")
        for name in ready:
            done.add(name)
            yield waiting.pop(name)


def _modules_of_features(name: str) -> list[str]:
    """Return the modules of this name, by their feature's; no folder needs an `__init__.py`."""
    folders = sorted(one for path in features.__path__ for one in Path(path).iterdir())
    files = (f"{name}.py", f"{name}/__init__.py")
    there = (one for one in folders if any((one / file).is_file() for file in files))
    return [f"features.{folder.name}.{name}" for folder in there]


def _is_absent_feature(error: ModuleNotFoundError) -> bool:
    """Whether what could not be imported is a feature's folder, and not some library."""
    package, _, rest = (error.name or "").partition(".")
    if package != "features" or not rest:
        return False
    name = rest.partition(".")[0]
    return not any((Path(folder) / name).is_dir() for folder in features.__path__)
