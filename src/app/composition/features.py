"""Finds the features that are there, and builds them in the order in which they need each other."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from loguru import logger

import features
import storage.tables
from services.conversations.job_specs import CONVERSATIONS, EVENTS
from services.feature import Feature, Parts
from services.operator_tables import TableSchema
from services.sending.outbox import OUTBOX
from utils.setting_types import SettingsModel


class FeatureError(Exception):
    """The features cannot be used as they are; says which folder to look at."""


@cache
def find_features() -> tuple[type[Feature], ...]:
    """Return the features that are there; those that need an absent one are left out."""
    found: dict[str, type[Feature]] = {}
    for module in _modules_of_features("feature"):
        name = module.split(".")[1]
        try:
            declared = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if not _is_absent_feature(error):
                raise
            logger.warning("features/{} is left out: it needs {}", name, error.name)
            continue
        found[name] = declared.FEATURE
    return tuple(_in_order(found))


@cache
def settings_models() -> tuple[type[SettingsModel], ...]:
    """Return the settings of each feature that has some, by the name of its folder."""
    return tuple(_settings_model(module) for module in _modules_of_features("settings"))


@cache
def import_tables() -> None:
    """Import `storage/tables/*.py` and `features/<name>/tables.py`.

    A table is known once its module is imported, and erasing and merging must know all tables.
    """
    core = pkgutil.iter_modules(storage.tables.__path__, "storage.tables.")
    for module in [*(one.name for one in core), *_modules_of_features("tables")]:
        importlib.import_module(module)


def operator_schemas() -> Sequence[TableSchema]:
    """Return the tables that operators see with the features that are there."""
    return [schema for feature in find_features() for schema in feature.schemas]


def build_features(parts: Parts, kinds: Sequence[type[Feature]]) -> None:
    """Build the features one after the other, and connect them to conversations."""
    for kind in kinds:
        parts.features.append(kind(parts))
    added = (pool for feature in parts.features for pool in feature.pools)
    parts.pools = (CONVERSATIONS, EVENTS, OUTBOX, *added)
    extensions = parts.context.extensions
    for feature in parts.features:
        extensions.stages += feature.stages()
        extensions.effects |= feature.effects()
        for field, handler in feature.events().items():
            extensions.events.setdefault(field, []).append(handler)
        extensions.observers += feature.observers()
        extensions.resets.append(feature.reset)
        extensions.open_chats.append(feature.is_in_chat)
        extensions.operators_reachable |= feature.reaches_operators


def _settings_model(module: str) -> type[SettingsModel]:
    found: object = getattr(importlib.import_module(module), "SETTINGS", None)
    if isinstance(found, type) and issubclass(found, SettingsModel):
        return found
    raise TypeError(f"{module}: SETTINGS must be the settings of the feature, a SettingsModel")


def _in_order(found: dict[str, type[Feature]]) -> Iterator[type[Feature]]:
    """Those that others need come first; without needs, by name."""
    done: set[str] = set()
    waiting = dict(sorted(found.items()))
    while waiting:
        ready = [name for name, one in waiting.items() if done.issuperset(one.needs)]
        if not ready:
            missing = {name: sorted({*one.needs} - done) for name, one in waiting.items()}
            raise FeatureError(f"features that need each other, or an absent one: {missing}")
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
