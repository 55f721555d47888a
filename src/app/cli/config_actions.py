"""What `watch.py config` does."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.cli.config_schema import config_schema
from app.cli.shown_values import MASKED, shown
from app.composition.features import settings_models
from app.development.given_settings import given_settings
from app.development.plan import EMULATED_ACCOUNT
from config.env import DEFAULT_FILE, Models, Settings, SettingsError, load_settings
from config.file.sections import FileKey, all_keys
from config.names import FILE_SETTING
from config.sources import GivenValues
from utils.commands import CommandError
from utils.file_settings import file_fields
from utils.invocation_dir import resolve


def check() -> int:
    """Print what is wrong with the file, or that nothing is. Return 1 or 0."""
    name = _file().name
    try:
        settings = load_settings(_completed(os.environ), DEFAULT_FILE, settings_models())
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    for remark in settings.remarks:
        print(f"warning: {remark}")
    print(f"{name}: nothing is wrong with it.")
    return 0


def show() -> int:
    """Print each setting with its value and its source."""
    given = _given(os.environ)
    texts = _texts(given)
    width = max(map(len, texts))
    for name, (text, source) in texts.items():
        print(f"{name:<{width}}  {text}".rstrip() + f"  [{source}]")
    return 1 if _print_problems(given) else 0


def diff(name: str | None) -> int:
    """Print what changes with another file: settings, and keys of the other sections."""
    if name is None:
        raise CommandError("Name the file: config diff FILE")
    file = str(resolve(name).absolute())
    now, then = _given(os.environ), _given({**os.environ, FILE_SETTING: file})
    if _print_problems(then):
        return 1
    lines = [*_changed(now, then), *_changed_parts(now, then)]
    print("\n".join(lines) or "Nothing changes.")
    return 0


def schema() -> int:
    """Print the JSON schema."""
    print(json.dumps(config_schema(_models()), indent=2, ensure_ascii=False))
    return 0


def reload() -> int:
    """Check the file, and have running bots look at it: they notice its new time."""
    if check():
        return 1
    os.utime(_file())
    print("Bots that run with this file read it again within a second.")
    return 0


def _models() -> Models:
    return (Settings, *settings_models())


def _file() -> Path:
    config = _given(os.environ).config
    if config is None:
        raise CommandError("There is no config file: name one, or set BOT_CONFIG.")
    return config.path


def _given(environ: Mapping[str, str]) -> GivenValues:
    return GivenValues.read(_completed(environ), DEFAULT_FILE, _models())


def _completed(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with stand-ins for an account that is not set: a laptop has none."""
    given = given_settings(environ, DEFAULT_FILE, settings_models())
    missing = {name: value for name, value in EMULATED_ACCOUNT.items() if name not in given}
    return {"ENVIRONMENT": "development", **environ, **missing}


def _print_problems(given: GivenValues) -> bool:
    problems = given.config.problems if given.config else []
    if problems:
        print("\n".join(problems), file=sys.stderr)
    return bool(problems)


def _texts(given: GivenValues) -> dict[str, tuple[str, str]]:
    """Return the value of each setting as text, and its source, by name."""
    return {key.name: _text(key, given) for key in all_keys(_models())}


def _text(key: FileKey, given: GivenValues) -> tuple[str, str]:
    values = given.values
    name = next((one for one in key.names if one in values), None)
    if name is None:
        default = key.info.get_default()
        return "" if default in (None, (), frozenset()) else str(default), "default"
    text = MASKED if _is_hidden(key) else shown(key.name, values[name])
    if given.config is not None and key.name in given.config.places:
        return text, given.config.place_of_setting(key.name).rstrip(": ")
    if os.environ.get(name) or name not in given.file:
        is_own = name in os.environ
        return text, f"environment, {name}" if is_own else "stand-in of the emulator"
    return text, f"{DEFAULT_FILE}, {name}"


def _is_hidden(key: FileKey) -> bool:
    return key.is_secret or not key.info.repr


def _changed(now: GivenValues, then: GivenValues) -> Iterator[str]:
    values, others = now.values, then.values
    for key in all_keys(_models()):
        old, new = (
            next((given[name] for name in key.names if given.get(name)), "")
            for given in (values, others)
        )
        if old != new:
            before, after = shown(key.name, old), shown(key.name, new)
            differs = before != after and not _is_hidden(key)
            change = (
                f"{before or 'default'} -> {after or 'default'}" if differs else "another value"
            )
            yield f"{key.name}: {change}"


def _changed_parts(now: GivenValues, then: GivenValues) -> Iterator[str]:
    places = {place for model in _models() for place in file_fields(model).values() if place}
    for place in sorted(places):
        old, new = (one.config.part(place) if one.config else None for one in (now, then))
        if not isinstance(old, dict | None) or not isinstance(new, dict | None):
            if old != new:
                yield f"{place}: changed"
            continue
        before, after = old or {}, new or {}
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                is_new, is_gone = name not in before, name not in after
                what = "new" if is_new else "removed" if is_gone else "changed"
                yield f"{place}.{name}: {what}"
