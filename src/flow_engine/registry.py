"""Finds every flow and menu of a package."""

import importlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from flow_engine.faults import Fault, FlowDefinitionError, line_of_error
from flow_engine.field_types import NAMED_BY
from flow_engine.flow import Flow
from flow_engine.menu import Menu
from flow_engine.phrases import Phrases
from flow_engine.saved import SavedData
from flow_engine.typos import Typos
from flow_engine.words import as_keyword, normalise

Definition = Flow[Any] | Menu


class Flows:
    """All flows and menus, by name and by the words that start them."""

    def __init__(
        self,
        definitions: Iterable[Definition],
        triggers: Mapping[str, Collection[str]] | None = None,
        phrases: Mapping[str, frozenset[str]] | None = None,
        saved: SavedData | None = None,
    ) -> None:
        """Keep flows and menus.

        `triggers` are more words that start them, by their names; `phrases` start them inside a
        sentence, too, unless it denies them or asks how.
        """
        #: what the flows save
        self.saved = saved or SavedData()
        self._by_name = {definition.name: definition for definition in definitions}
        more = triggers or {}
        self._by_trigger = {
            normalise(trigger): definition
            for definition in self
            for trigger in (*definition.triggers, *more.get(definition.name, ()))
        }
        #: What may be in a sentence, for each of them.
        self.phrases = [
            (Phrases(found), self._by_name[name])
            for name, found in (phrases or {}).items()
            if found and name in self._by_name
        ]
        #: Triggers that are understood with one letter wrong.
        self.typos = Typos(self._by_trigger)

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    def flow(self, name: str) -> Flow[Any]:
        if (found := self.find_flow(name)) is None:
            raise KeyError(name)
        return found

    def menu(self, name: str) -> Menu:
        if (found := self.find_menu(name)) is None:
            raise KeyError(name)
        return found

    def find_flow(self, name: str) -> Flow[Any] | None:
        found = self._by_name.get(name)
        return found if isinstance(found, Flow) else None

    def find_menu(self, name: str) -> Menu | None:
        found = self._by_name.get(name)
        return found if isinstance(found, Menu) else None

    @cached_property
    def dates(self) -> Mapping[str, str]:
        """When options take place, by option: `Ask(dates=...)` of all flows."""
        steps = (step for one in self if isinstance(one, Flow) for step in one.steps)
        return {option: rule for step in steps for option, rule in step.dates.items()}

    @property
    def private_fields(self) -> frozenset[str]:
        """Return the fields that some flow asks for as `Ask(private=True)`."""
        flows = [one for one in self if isinstance(one, Flow)]
        return frozenset(step.name for flow in flows for step in flow.steps if step.private)

    def led_to_by(self, referral: Mapping[str, object]) -> Flow[Any] | None:
        """Return the flow that people of an ad or a post start, if there is one."""
        named = [referral.get(one) for one in NAMED_BY]
        flows = (one for one in self if isinstance(one, Flow))
        return next((one for one in flows if any(name in one.referrals for name in named)), None)

    def triggered_by(self, text: str) -> Definition | None:
        """Return what a whole message starts, if anything."""
        return self._by_trigger.get(as_keyword(text))


@dataclass(frozen=True, slots=True)
class FoundDefinitions:
    """What a package of flows contains, and which of its files cannot be used."""

    definitions: Sequence[Definition]
    faults: Sequence[Fault]
    #: names that flows and menus seem to have in files that cannot be imported
    unusable: frozenset[str]


def find_definitions(package: ModuleType) -> FoundDefinitions:
    """Import every module of a package, also in folders of it; a fault for each that fails."""
    definitions: dict[int, Definition] = {}
    faults: list[Fault] = []
    unusable: set[str] = set()
    for path, imported in import_modules(package):
        if isinstance(imported, Sequence):
            faults += imported
            unusable |= {path.stem, *_names_in(path)}
            continue
        for value in vars(imported).values():
            if isinstance(value, Flow | Menu):
                definitions[id(value)] = value
    return FoundDefinitions(tuple(definitions.values()), faults, frozenset(unusable))


def import_modules(package: ModuleType) -> Iterator[tuple[Path, ModuleType | Sequence[Fault]]]:
    """Import every module of a package, also in folders of it.

    Yield the file of each, and the module or what is wrong with it.
    """
    for path, name in _modules_in(package):
        try:
            yield path, importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  whatever a module may do while it is imported
            yield path, _faults_of(error, package)


def _modules_in(package: ModuleType) -> Iterator[tuple[Path, str]]:
    """Yield the file and the name of each module; no folder needs an `__init__.py`."""
    for folder in map(Path, package.__path__):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            if parts != ("__init__",) and all(map(str.isidentifier, parts[:-1])):
                yield path, ".".join((package.__name__, *parts)).removesuffix(".__init__")


def _faults_of(error: Exception, package: ModuleType) -> Sequence[Fault]:
    if isinstance(error, FlowDefinitionError):
        return error.faults
    folders = [Path(folder) for folder in package.__path__]
    where = line_of_error(error, lambda file: any(map(Path(file).is_relative_to, folders)))
    if isinstance(error, SyntaxError):
        return [Fault(error.msg, where)]
    return [Fault(f"{type(error).__name__}: {error}", where)]


def _names_in(path: Path) -> Iterable[str]:
    """Return the names of the flows and menus that a file seems to define."""
    source = path.read_text(encoding="utf-8", errors="replace")
    return re.findall(r"\bname\s*=\s*[\"'](\w+)[\"']", source)
