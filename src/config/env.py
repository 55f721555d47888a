"""Reading the settings: `load_settings` for a process, `load_part` for a command."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.database_location import DatabaseLocation
from config.names import (
    conflicts,
    is_placeholder,
    known_secrets,
    misspelt,
    near_misses,
    remarks,
    without_superseded,
)
from config.settings import Settings
from config.sources import GivenValues, Model, Models
from utils.setting_types import SettingsModel

__all__ = [
    "DEFAULT_FILE",
    "Models",
    "Settings",
    "SettingsError",
    "build_settings",
    "load_database_url",
    "load_part",
    "load_settings",
]

DEFAULT_FILE = Path(".env")


class SettingsError(Exception):
    """The program cannot start with these settings; lists everything that is wrong with them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  - ".join(["These settings must be fixed:", *problems]))
        self.problems = problems


def load_settings(
    environ: Mapping[str, str] | None = None,
    env_file: Path = DEFAULT_FILE,
    models: Models = (),
) -> Settings:
    """Return the settings from the config file, then the environment, then .env.

    `models` are those of the features; `settings.of(model)` returns their settings.
    Raises SettingsError, which lists all problems of all models.
    """
    every: Models = (Settings, *models)
    given = GivenValues.read(_or_own(environ), env_file, every)
    known = [name for model in every for names in model.names().values() for name in names]
    ours = {name: value for name, value in given.values.items() if name in known}
    problems = [*(given.config.problems if given.config else ()), *given.file_problems]
    problems += [*misspelt(known, given.names_in_file), *known_secrets(ours)]
    core = _load(Settings, given, problems)
    features = [_load(model, given, problems) for model in models]
    if given.config is not None and given.config.bots:
        from config.file.bots import problems_of_bots  # few files have other bots

        problems += problems_of_bots(given, every, _load)
    near = list(near_misses(known, given.environment))
    if core is None or problems:
        raise SettingsError([*problems, *near])
    found = [one for one in features if one is not None]
    told = remarks(known, given.values, given.names_in_file)
    about_file = given.config.remarks(given.shadowed) if given.config else ()
    return core.with_features(found, [*told, *near, *about_file], given.values)


def load_part(
    model: type[Model],
    environ: Mapping[str, str] | None = None,
    env_file: Path = DEFAULT_FILE,
    others: Models = (),
) -> Model:
    """Return the settings of one model, for commands that need no account at Meta.

    `others` are models whose settings it has for other bots.
    """
    given = GivenValues.read(_or_own(environ), env_file, (model, *others), knows_all=False)
    problems = [*given.config.problems] if given.config else []
    found = _load(model, given, problems)
    if found is None or problems:
        raise SettingsError(problems)
    return found


def load_database_url(
    environ: Mapping[str, str] | None = None, env_file: Path = DEFAULT_FILE
) -> str:
    """Return DATABASE_URL alone, for commands that need no account at Meta."""
    return load_part(DatabaseLocation, environ, env_file).database_url


def build_settings(models: Models = (), /, **values: Any) -> Settings:
    """Return settings of the given values by field, without an environment.

    Raises pydantic's ValidationError.
    """
    features = [
        model(**{field: values.pop(field) for field in model.model_fields if field in values})
        for model in models
    ]
    return Settings(**values).with_features(features)


def _or_own(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _load(model: type[Model], given: GivenValues, problems: list[str]) -> Model | None:
    """Return the settings of one model; None, and what is wrong is added to `problems`."""
    values = without_superseded(given.values, given.values)
    names = [name for each in model.names().values() for name in each]
    examples = [name for name in names if is_placeholder(values.get(name, ""))]
    for each in model.names().values():
        problems += conflicts(each, values)
    problems += [
        f"{name} still has the value of an example: put your own there." for name in examples
    ]
    try:
        loaded = given.load(model)
    except ValidationError as error:
        told = tuple(one.rpartition(": ")[0] for one in problems)
        new = _sentences(model, error, given, examples)
        problems += (one for one in new if not _is_told(one, told))
        problems += given.config.problems_of_rest(model, error) if given.config else ()
        return None
    problems += given.config.problems_of(loaded) if given.config else ()
    return loaded


def _is_told(missing: str, told: Collection[str]) -> bool:
    """Whether a value is missing only since that of the config file is wrong."""
    place, is_missing, _ = missing.partition(": Missing required")
    return bool(is_missing) and place in told


def _sentences(
    model: type[SettingsModel], error: ValidationError, given: GivenValues, told: Sequence[str]
) -> Iterator[str]:
    """Yield a sentence for each wrong value, and never the value."""
    values = without_superseded(given.values, given.values)
    config = given.config
    for each in error.errors(include_input=False, include_url=False):
        place = str(each["loc"][0]) if each["loc"] else ""
        if config is not None and (sentence := config.error_in_part(model, place, each)):
            yield sentence
            continue
        field, names = next(
            (pair for pair in model.names().items() if place in (pair[0], *pair[1])),
            (place, (place,)),
        )
        name = next((one for one in names if one in values), names[0])
        if name not in told:
            sentence = _sentence(model, each, field, name, names[1:2])
            where = config.place_of_setting(name) if config is not None else ""
            yield where + (sentence.removeprefix(f"{name}: ") if where else sentence)


def _sentence(
    model: type[SettingsModel],
    error: ErrorDetails,
    field: str,
    name: str,
    others: Sequence[str],
) -> str:
    if error["type"] != "missing":
        message = error["msg"].rstrip(".")
        return f"{name}: {message}." if name else f"{message}."
    also = "".join(f" ({other} is required)" for other in others)
    meaning = model.model_fields[field].description or ""
    return f"Missing required environment variable: {name}{also}. {meaning}"
