"""Reads the sections of a config file into the settings that they are."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from config.file.kinds import fault_of
from config.file.part_types import unknown
from config.file.sections import FileKey, all_keys, file_places, file_sections, settings_sections
from config.file.yaml_text import Path as KeyPath
from config.names import OTHER_NAMES
from config.sources import Models
from utils.file_settings import model_of_bots

if TYPE_CHECKING:
    from config.file.config_file import ConfigFile

VERSIONS = ("1", "1.0")
#: An empty file is more likely one that was cut off than a wish for no settings at all.
EMPTY = (
    "the file is empty, or has only comments: write its sections again, or "
    'version: "1" alone for a file without settings'
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SectionReader:
    """Goes through the sections of one file."""

    def __init__(
        self, file: "ConfigFile", variables: Mapping[str, str], models: Models, *, knows_all: bool
    ) -> None:
        self.file = file
        self.knows_all = knows_all
        self.variables = variables
        self.settings = settings_sections(models)
        self.models = models
        owner = model_of_bots(models)
        section = owner.file_fields[owner.bots_field] if owner else ""
        #: The section with other bots, which such a bot has not.
        self.bots_section = "" if file.root else section
        #: Settings that are keys of such a bot, without a section.
        self.keys_of_bot = _keys_of_bot(models) if file.root else {}
        self.raw = file_sections(models) - ({section} if file.root else set())
        self.raw_places = file_places(models) - ({section} if file.root else set())

    def read(self) -> None:
        values = self.file.content
        if values is None:
            self._wrong((), EMPTY)
            return
        if not isinstance(values, dict):
            self._wrong((), "expected sections, such as whatsapp: and checks:")
            return
        for section, content in values.items():
            self._read_section(section, content)
        if self.file.root:
            self._keep_parts()

    def _read_section(self, section: str, content: Any) -> None:
        if section == "version":
            self._check_version(content)
        elif section in self.keys_of_bot:
            self._set(self.keys_of_bot[section], (section,), content)
        elif section == self.bots_section:
            self._read_bots(section, content)
        elif section in self.settings:
            self._read_settings(section, content)
        elif section not in self.raw and self.knows_all:
            self._ignore(section)

    def _keep_parts(self) -> None:
        """Keep what is read as it is."""
        for place in self.raw_places:
            section, _, key = place.partition(".")
            if (found := self.file.part(place)) is None:
                continue
            if key:
                self.file.parts.setdefault(section, {})[key] = found
            else:
                self.file.parts[section] = found

    def _read_bots(self, section: str, content: Any) -> None:
        """Read what is said of other bots: each has the sections of a file."""
        if not isinstance(content, dict | None):
            self._wrong((section,), "expected names, with sections below each")
            return
        for name, said in (content or {}).items():
            if not isinstance(said, dict):
                self._wrong((section, name), "expected sections and keys below this name")
                continue
            bot = type(self.file)(self.file.path, self.file.document, root=(section, name))
            SectionReader(bot, self.variables, self.models, knows_all=self.knows_all).read()
            self.file.bots[name] = bot
            self.file.problems += bot.problems
            self.file.warnings += bot.warnings

    def _check_version(self, value: Any) -> None:
        if str(value) not in VERSIONS:
            self._wrong(("version",), f'expected "{VERSIONS[0]}"')

    def _ignore(self, section: str) -> None:
        known = [*self.settings, *self.raw, *self.keys_of_bot, "version"]
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
        self.file.places[key.name] = path
        if (fault := fault_of(value, key.info.annotation)) is not None:
            self._wrong(path, fault)
            return
        text = self._text(path, value)
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
        return self.file.document.numbers.get((*self.file.root, *path), str(value))

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


def _names(name: str) -> Iterator[str]:
    """Yield a variable, and the others that mean the same setting."""
    yield name
    for best, others in OTHER_NAMES.items():
        if name == best or name in others:
            yield from (best, *others)


def _keys_of_bot(models: Models) -> Mapping[str, FileKey]:
    owner = model_of_bots(models)
    keys = {key.name: key for key in all_keys(models)}
    named = owner.bot_keys if owner else {}
    return {name: keys[setting] for name, setting in named.items() if setting in keys}
