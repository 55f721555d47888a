"""The features whose folders are there."""

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import features
from utils.setting_types import SettingsModel


@cache
def settings_models() -> tuple[type[SettingsModel], ...]:
    """Return the settings of each feature that has some, by the name of its folder."""
    names = [f"{one.name}.settings" for one in pkgutil.iter_modules(features.__path__, "features.")]
    return tuple(_model(name) for name in names if find_spec(name))


def _model(module: str) -> type[SettingsModel]:
    found: object = getattr(import_module(module), "SETTINGS", None)
    if isinstance(found, type) and issubclass(found, SettingsModel):
        return found
    raise TypeError(f"{module}: SETTINGS must be the settings of the feature, a SettingsModel")
