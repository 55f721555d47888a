"""Finds every flow and menu of a package, and checks that they fit together."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator
from types import ModuleType
from typing import Any

from flow_engine.effects import ShowMenu, StartFlow
from flow_engine.flow import Flow, FlowDefinitionError
from flow_engine.menu import Menu
from flow_engine.words import normalise


class Flows:
    """All flows and menus, by name and by the words that start them."""

    def __init__(
        self, definitions: Iterable[Flow[Any] | Menu], sources: Collection[str] = ()
    ) -> None:
        self._by_name: dict[str, Flow[Any] | Menu] = {}
        self._by_trigger: dict[str, Flow[Any] | Menu] = {}
        for one in definitions:
            if one.name in self._by_name:
                raise FlowDefinitionError(f"{one.name}: the name is used twice")
            self._by_name[one.name] = one
            for trigger in map(normalise, one.triggers):
                other = self._by_trigger.setdefault(trigger, one)
                if other is not one:
                    raise FlowDefinitionError(
                        f'{one.name}: "{trigger}" already starts {other.name}'
                    )
        self._check_menus()
        self._check_sources(sources)

    def __iter__(self) -> Iterator[Flow[Any] | Menu]:
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

    def triggered_by(self, text: str) -> Flow[Any] | Menu | None:
        """What a whole message starts, if anything."""
        return self._by_trigger.get(normalise(text))

    def _check_menus(self) -> None:
        for menu in self:
            if isinstance(menu, Menu):
                for effect in (effect for effects in menu.choices.values() for effect in effects):
                    self._check_target(menu, effect)

    def _check_sources(self, known: Collection[str]) -> None:
        for flow in self:
            steps = flow.steps if isinstance(flow, Flow) else ()
            for source in filter(None, (step.options_from for step in steps)):
                if source not in known:
                    raise FlowDefinitionError(f"{flow.name}: no such source of options: {source}")

    def _check_target(self, menu: Menu, effect: object) -> None:
        match effect:
            case StartFlow(name) if self.find_flow(name) is None:
                raise FlowDefinitionError(f"{menu.name}: leads to a flow that is not there: {name}")
            case ShowMenu(name) if name != "home" and self.find_menu(name) is None:
                raise FlowDefinitionError(f"{menu.name}: leads to a menu that is not there: {name}")


def load_flows(package: ModuleType, sources: Collection[str] = ()) -> Flows:
    """Every Flow and Menu that the modules of a package define; nothing has to be listed.

    `sources` are the names that steps may take their options from.
    """
    definitions = []
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        definitions += [value for value in vars(module).values() if isinstance(value, Flow | Menu)]
    return Flows(definitions, sources)
