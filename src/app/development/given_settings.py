"""What is set in files and the environment, for commands that run before or beside the bot."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from config.env import Models, Settings
from config.names import is_placeholder
from config.sources import GivenValues


def given_settings(
    environ: Mapping[str, str], env_file: Path, models: Models = ()
) -> dict[str, str]:
    """Return the text of each setting that is given, by its first name; no placeholders."""
    values = GivenValues.read(environ, env_file, _with_core(models)).values
    found = {
        first: [values[name] for name in names if name in values]
        for first, names in _names(_with_core(models)).items()
    }
    return {
        first: texts[0] for first, texts in found.items() if texts and not is_placeholder(texts[0])
    }


def given_secrets(environ: Mapping[str, str], env_file: Path, models: Models = ()) -> list[str]:
    """Return every secret that is given, also where the settings are wrong."""
    given = given_settings(environ, env_file, models)
    names = (
        names[0]
        for model in _with_core(models)
        for field, names in model.names().items()
        if SecretStr.__name__ in str(model.model_fields[field].annotation)
    )
    return [given[name] for name in names if name in given]


def values_with_prefix(prefix: str, environ: Mapping[str, str], env_file: Path) -> dict[str, str]:
    """Return the variables of another program, by the beginning of their names."""
    values = GivenValues.read(environ, env_file).values
    return {name: value for name, value in values.items() if name.startswith(prefix)}


def setting_names(models: Models = ()) -> tuple[str, ...]:
    """Return the first name of each setting: the core's, then the features'."""
    return tuple(_names(_with_core(models)))


def descriptions(models: Models = ()) -> dict[str, str]:
    """Return what each setting is for, by its first name."""
    return {
        names[0]: model.model_fields[field].description or ""
        for model in _with_core(models)
        for field, names in model.names().items()
    }


def _with_core(models: Models) -> Models:
    return (Settings, *models)


def _names(models: Models) -> dict[str, tuple[str, ...]]:
    return {names[0]: names for model in models for names in model.names().values()}
