"""The config file: its settings as text by their names, and its other parts as they are."""

import difflib
import json
import re
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from config.file.part_types import keys_at
from config.file.sections import FileKey, file_places, file_sections, settings_sections
from config.file.yaml_text import Path as KeyPath
from config.file.yaml_text import YamlDocument, YamlError, YamlProblem, read_yaml
from config.names import OTHER_NAMES
from config.sources import Models
from utils.file_settings import FileSettings, file_fields
from utils.setting_types import SettingsModel

VERSIONS = ("1", "1.0")
SUFFIXES = (".yaml", ".yml")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: Largest file, in bytes.
MAX_BYTES = 1_000_000
#: Longest key that is told, in characters.
MAX_SHOWN_CHARS = 60


@dataclass(slots=True)
class ConfigFile:
    """What the config file says."""

    path: Path
    document: YamlDocument = field(default_factory=YamlDocument)
    #: Text of each setting by its best name; empty for a setting that is taken back.
    values: dict[str, str] = field(default_factory=dict)
    #: Where each of these settings is in the file.
    places: dict[str, KeyPath] = field(default_factory=dict)
    #: Sentences, each with its line.
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def read(
        cls, path: Path, variables: Mapping[str, str], models: Models, *, knows_all: bool = True
    ) -> "ConfigFile":
        """Read a file. What is wrong with it becomes `problems`.

        `variables` are those that `${NAME}` stands for. `models` decide which sections there are;
        with all of them, a key that none knows is a problem.
        """
        file = cls(path)
        text = file._text()
        if text is None:
            return file
        try:
            file.document = read_yaml(text)
        except YamlError as error:
            file.problems += [file._sentence(one) for one in error.problems]
            return file
        _Reading(file, variables, models, knows_all=knows_all).read()
        return file

    def part(self, place: str) -> Any:
        """Return what is at a place such as `whatsapp.workflow`; None where nothing is."""
        found = self.document.values
        for key in place.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def shadows(self, models: Models) -> frozenset[str]:
        """Return the names of all settings that the file has: other sources do not count."""
        every = (names for model in models for names in model.names().values())
        return frozenset(name for names in every if names[0] in self.values for name in names)

    def place_of(self, path: KeyPath, line: int = 0) -> str:
        """Return where something is: "bot.yaml:12: checks.reply.on".

        `line` counts from the beginning of the text at `path`.
        """
        begins = self.document.text_lines.get(path)
        at = begins + line - 1 if line and begins else self.document.line_of(path)
        return f"{self.name}:{at}: {'.'.join(map(_shown, path))}".rstrip(": ")

    def remarks(self, shadowed: Collection[str]) -> Iterator[str]:
        """Yield what the file has in vain, and what it makes vain."""
        yield from self.warnings
        if shadowed:
            names = ", ".join(shadowed)
            yield f"{self.name} counts more than the environment and .env: {names} not read."

    def parts_for(self, model: type[SettingsModel]) -> dict[str, Any]:
        """Return the parts that a model reads as they are, by its fields."""
        parts = {
            name: self.part(place) if place else str(self.path.parent)
            for name, place in file_fields(model).items()
        }
        return {name: part for name, part in parts.items() if part is not None}

    def place_of_setting(self, name: str) -> str:
        """Return where a setting is, with a colon; nothing if it is not in the file."""
        return f"{self.place_of(self.places[name])}: " if name in self.places else ""

    def problems_of(self, settings: SettingsModel) -> Iterator[str]:
        """Yield a sentence for each problem between parts that a model reads as they are."""
        for problem in settings.file_problems() if isinstance(settings, FileSettings) else ():
            place = self.place_of(problem.path, problem.line)
            yield f"{place}: {problem.text.rstrip('.')}.".replace("?.", "?")

    def error_in_part(
        self, model: type[SettingsModel], alias: str, error: ErrorDetails
    ) -> str | None:
        """Return the sentence for a wrong value in a part that a model reads as it is.

        None if the value is none of such a part.
        """
        field = alias.lower()
        if field not in file_fields(model):
            return None
        place = tuple(file_fields(model)[field].split("."))
        path = self.document.known_path(place, error["loc"][1:])
        if error["type"] == "extra_forbidden":
            known = keys_at(model.model_fields[field].annotation, path[len(place) : -1])
            text = unknown("key", str(path[-1]), sorted(known))
        elif error["type"] == "missing":
            path, text = (*path, error["loc"][-1]), "this is needed"
        else:
            text = error["msg"].rstrip(".")
        return f"{self.place_of(path)}: {text}.".replace("?.", "?")

    @property
    def name(self) -> str:
        return self.path.name

    def _text(self) -> str | None:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            named = self.name if self.path.suffix in SUFFIXES else "BOT_CONFIG"  # no secret
            self.problems.append(f"{named} cannot be read: {error.strerror}.")
            return None
        if len(content) > MAX_BYTES:
            self.problems.append(f"{self.name} has more than {MAX_BYTES} bytes.")
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(f"{self.name} cannot be read: save it as UTF-8.")
            return None

    def _sentence(self, problem: YamlProblem) -> str:
        return f"{self.name}:{problem.line}: {problem.text}."


class _Reading:
    """Goes through the sections of one file."""

    def __init__(
        self, file: ConfigFile, variables: Mapping[str, str], models: Models, *, knows_all: bool
    ) -> None:
        self.file = file
        self.knows_all = knows_all
        self.variables = variables
        self.settings = settings_sections(models)
        self.raw = file_sections(models)
        self.raw_places = file_places(models)

    def read(self) -> None:
        values = self.file.document.values
        if values is None:
            return
        if not isinstance(values, dict):
            self._wrong((), "expected sections, such as whatsapp: and checks:")
            return
        for section, content in values.items():
            if section == "version":
                self._check_version(content)
            elif section in self.settings:
                self._read_settings(section, content)
            elif section not in self.raw and self.knows_all:
                self._ignore(section)

    def _check_version(self, value: Any) -> None:
        if str(value) not in VERSIONS:
            self._wrong(("version",), f'expected "{VERSIONS[0]}"')

    def _ignore(self, section: str) -> None:
        known = [*self.settings, *self.raw, "version"]
        nearest = difflib.get_close_matches(section, known, n=1, cutoff=0.75)
        if nearest:
            self._wrong((section,), f"unknown section: did you mean {nearest[0]}?")
        else:
            place = self.file.place_of((section,))
            self.file.warnings.append(f"{place}: ignored: no part of the bot reads this section.")

    def _read_settings(self, section: str, content: Any) -> None:
        if content is None:
            return
        if not isinstance(content, dict):
            self._wrong((section,), "expected keys with values below this section")
            return
        known = self.settings[section]
        for name, value in content.items():
            if f"{section}.{name}" in self.raw_places:
                continue
            if name in known:
                self._set(known[name], (section, name), value)
            elif self.knows_all:
                raw = [place.partition(".")[2] for place in self.raw_places]
                self._wrong((section, name), unknown("key", name, [*known, *filter(None, raw)]))

    def _set(self, key: FileKey, path: KeyPath, value: Any) -> None:
        if key.name in self.file.places:
            before = self.file.place_of(self.file.places[key.name])
            self._wrong(path, f"the same setting as {before}: keep one")
            return
        text = self._text(path, value)
        self.file.places[key.name] = path
        if key.is_secret and text and not _VARIABLE.search(text):
            place = self.file.place_of(path)
            self.file.warnings.append(
                f"{place}: a secret in clear: write ${{{key.name}}}, and set that variable."
            )
        self.file.values[key.name] = self._filled(path, text)

    def _text(self, path: KeyPath, value: Any) -> str:
        """Return a value as the environment would have it."""
        if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            return ", ".join(self._text((*path, i), one) for i, one in enumerate(value))
        if isinstance(value, dict | list):
            return json.dumps(value)
        if isinstance(value, bool):
            return str(value).lower()
        if value is None:
            return ""
        return self.file.document.numbers.get(path, str(value))

    def _filled(self, path: KeyPath, text: str) -> str:
        """Fill in variables of the environment."""

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            found = next((self.variables[n] for n in _names(name) if self.variables.get(n)), None)
            if found is None:
                self._wrong(path, f"the variable {name} is not set in the environment or .env")
            return found or ""

        return _VARIABLE.sub(value_of, text).strip()

    def _wrong(self, path: KeyPath, text: str) -> None:
        self.file.problems.append(f"{self.file.place_of(path)}: {text}.".replace("?.", "?"))


def _shown(key: Hashable) -> str:
    """Return a key; of a long one, which may be a token in the wrong place, its beginning."""
    text = str(key)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:3]}..."


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """Return what to say of a word that is none of those known."""
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"unknown {what}: did you mean {nearest[0]}?" if nearest else f"unknown {what}"


def _names(name: str) -> Iterator[str]:
    """Yield a variable, and the others that mean the same setting."""
    yield name
    for best, others in OTHER_NAMES.items():
        if name == best or name in others:
            yield from (best, *others)
