"""The config file: its settings as text by their names, and its other parts as they are."""

from collections.abc import Collection, Hashable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.file.part_types import drop, keys_at, unknown
from config.file.reading import SectionReader
from config.file.yaml_text import Path as KeyPath
from config.file.yaml_text import YamlDocument, YamlError, YamlProblem, read_yaml
from config.sources import Models
from utils.file_settings import FileBot, FileSettings, file_fields
from utils.regular_files import Unreadable, read_regular
from utils.setting_types import SettingsModel

SUFFIXES = (".yaml", ".yml")
#: Keys that lead to an entry of a field: the field, and a name.
ENTRY = 2
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
    #: Where in the document it begins: the part of another bot does below its name.
    root: KeyPath = ()
    #: What it says of other bots, by their names.
    bots: dict[str, "ConfigFile"] = field(default_factory=dict)
    #: Sections that are read as they are, by their names.
    parts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_parts(cls, text: str) -> "ConfigFile":
        """Return a file with nothing but the parts of a `FileBot`, which is given as JSON."""
        bot = FileBot.model_validate_json(text)
        return cls(Path(bot.file), YamlDocument(bot.parts), parts=bot.parts)

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
            file.problems += map(file._sentence, error.problems)
            return file
        file.problems += map(file._sentence, file.document.problems)
        SectionReader(file, variables, models, knows_all=knows_all).read()
        return file

    def part(self, place: str) -> Any:
        """Return what is at a place such as `whatsapp.workflow`; None where nothing is."""
        found = self.content
        for key in place.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found

    @property
    def content(self) -> Any:
        """All that it says."""
        found = self.document.values
        for key in self.root:
            found = found[key]
        return found

    def as_bot(self) -> FileBot:
        """Return what another bot is run with."""
        values = {name: value for name, value in self.values.items() if value}
        return FileBot(values=values, parts=self.parts, file=str(self.path))

    def shadows(self, models: Models) -> frozenset[str]:
        """Return the names of all settings that the file has: other sources do not count."""
        every = (names for model in models for names in model.names().values())
        return frozenset(name for names in every if names[0] in self.values for name in names)

    def place_of(self, path: KeyPath, line: int = 0) -> str:
        """Return where something is: "bot.yaml:12: checks.reply.on".

        `line` counts from the beginning of the text at `path`.
        """
        path = (*self.root, *path)
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
        if issubclass(model, FileSettings) and model.bots_field:
            parts[model.bots_field] = {name: bot.as_bot() for name, bot in self.bots.items()}
        return {name: part for name, part in parts.items() if part is not None}

    def place_of_setting(self, name: str) -> str:
        """Return where a setting is, with a colon; nothing if it is not in the file."""
        return f"{self.place_of(self.places[name])}: " if name in self.places else ""

    def problems_of(
        self, settings: SettingsModel, wrong: Collection[KeyPath] = ()
    ) -> Iterator[str]:
        """Yield a sentence for each problem between parts that a model reads as they are.

        Parts at `wrong` have been told of already.
        """
        for problem in settings.file_problems() if isinstance(settings, FileSettings) else ():
            if any(problem.path[: len(path)] == path for path in wrong):
                continue
            place = self.place_of(self._written(problem.path), problem.line)
            yield f"{place}: {problem.text.rstrip('.')}.".replace("?.", "?")

    def problems_of_rest(self, model: type[SettingsModel], error: ValidationError) -> Iterator[str]:
        """Yield what `problems_of` finds in those parts that can be read, where others cannot."""
        rest = deepcopy(self.parts_for(model))
        wrong = [drop(rest, (str(field).lower(), *keys)) for field, *keys in _places(error)]
        if not all(len(path) > ENTRY for path in wrong):
            return  # nobody knows whether others mean what is missing
        places = file_fields(model)
        entries = {(*places[str(field)].split("."), *keys[: ENTRY - 1]) for field, *keys in wrong}
        try:
            settings = model(**rest)
        except ValidationError:
            return
        yield from self.problems_of(settings, entries)

    def _written(self, path: KeyPath) -> KeyPath:
        """Return a path without keys on the way that a shorter form of the file leaves out."""
        known = self.document.known_path(self.root, path[:-1])
        return (*known[len(self.root) :], *path[-1:])

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
        found = self.document.known_path((*self.root, *place), error["loc"][1:])
        path = found[len(self.root) :]
        if error["type"] == "extra_forbidden":
            kind = model.model_fields[field].annotation
            known = keys_at(kind, path[len(place) : -1]) or keys_at(kind, error["loc"][1:-1])
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
            content = read_regular(self.path)
        except Unreadable as error:
            named = self.name if self.path.suffix in SUFFIXES else "BOT_CONFIG"  # no secret
            self.problems.append(f"{named} cannot be read: {error}.")
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(f"{self.name} cannot be read: save it as UTF-8.")
            return None

    def _sentence(self, problem: YamlProblem) -> str:
        return f"{self.name}:{problem.line}: {problem.text}."


def _shown(key: Hashable) -> str:
    """Return a key; of a long one, which may be a token in the wrong place, its beginning."""
    text = str(key)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:3]}..."


def _places(error: ValidationError) -> Iterator[KeyPath]:
    """Yield where values are that cannot be read."""
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        yield each["loc"] or ("",)
