"""Finds every flow and menu of a package, and checks that they fit together."""

import importlib
import pkgutil
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from flow_engine.faults import Fault, FlowDefinitionError, line_of_error
from flow_engine.flow import Flow
from flow_engine.links import Definition, link_faults
from flow_engine.menu import Menu
from flow_engine.words import as_keyword, normalise


class Flows:
    """All flows and menus, by name and by the words that start them.

    Raises FlowDefinitionError, with all faults, for those that do not fit together.
    """

    def __init__(self, definitions: Iterable[Definition], sources: Collection[str] = ()) -> None:
        self._definitions = tuple(definitions)
        if faults := list(link_faults(self._definitions, sources)):
            raise FlowDefinitionError(faults)
        self._by_name = {definition.name: definition for definition in self._definitions}
        self._by_trigger = {
            normalise(trigger): definition
            for definition in self._definitions
            for trigger in definition.triggers
        }

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

    @property
    def private_fields(self) -> frozenset[str]:
        """Return the fields that some flow asks for as `Ask(private=True)`."""
        flows = [one for one in self if isinstance(one, Flow)]
        return frozenset(step.name for flow in flows for step in flow.steps if step.private)

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


def load_flows(package: ModuleType, sources: Collection[str] = ()) -> Flows:
    """Return every Flow and Menu that the modules of a package define; no list is needed.

    `sources` are the names that steps may take their options from. Raises FlowDefinitionError,
    with all faults of all files.
    """
    found = find_definitions(package)
    if found.faults:
        others = link_faults(found.definitions, sources, found.unusable)
        raise FlowDefinitionError([*found.faults, *others])
    return Flows(found.definitions, sources)


def find_definitions(package: ModuleType) -> FoundDefinitions:
    """Import every module of a package; a fault for each that fails."""
    definitions: dict[int, Definition] = {}
    faults: list[Fault] = []
    unusable: set[str] = set()
    for info in pkgutil.iter_modules(package.__path__):
        try:
            module = importlib.import_module(f"{package.__name__}.{info.name}")
        except Exception as error:  # noqa: BLE001  whatever a module may do while it is imported
            faults += _faults_of(error, package)
            unusable |= {info.name, *_names_in(package, info.name)}
            continue
        for value in vars(module).values():
            if isinstance(value, Flow | Menu):
                definitions[id(value)] = value
    return FoundDefinitions(tuple(definitions.values()), faults, frozenset(unusable))


def _faults_of(error: Exception, package: ModuleType) -> Sequence[Fault]:
    if isinstance(error, FlowDefinitionError):
        return error.faults
    folders = [Path(folder) for folder in package.__path__]
    where = line_of_error(error, lambda file: Path(file).parent in folders)
    if isinstance(error, SyntaxError):
        return [Fault(error.msg, where)]
    return [Fault(f"{type(error).__name__}: {error}", where)]


def _names_in(package: ModuleType, module: str) -> Iterable[str]:
    """Return the names of the flows and menus that a file seems to define."""
    files = (Path(folder) / f"{module}.py" for folder in package.__path__)
    source = "".join(f.read_text(encoding="utf-8", errors="replace") for f in files if f.is_file())
    return re.findall(r"\bname\s*=\s*[\"'](\w+)[\"']", source)
