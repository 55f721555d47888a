"""Finds the rules in `src/events`, one file each."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module

from features.events.rule_checks import shared_type_faults
from features.events.rules import EventRule
from flow_engine.faults import Fault, SourceLine, did_you_mean
from flow_engine.registry import import_modules

#: The package of the rules.
PACKAGE = "events"


@dataclass(frozen=True)
class EventRules:
    """The rules that are there, and what is wrong with files that have none."""

    rules: Sequence[EventRule] = ()
    faults: Sequence[Fault] = ()

    @cached_property
    def _by_type(self) -> Mapping[str, EventRule]:
        return {one: rule for rule in self.rules for one in rule.types}

    def __iter__(self) -> Iterator[EventRule]:
        return iter(self.rules)

    def find(self, type_: str) -> EventRule | None:
        """Return the rule of a type of events; None if there is none."""
        return self._by_type.get(type_)

    def hint(self, type_: str) -> str:
        """Return what was probably meant by a type that no rule has; empty if nothing is near."""
        return did_you_mean(type_, self._by_type)

    @property
    def routing_keys(self) -> Sequence[str]:
        """The routing keys of all rules, each once."""
        return sorted({key for rule in self.rules for key in rule.keys})


def find_rules(package: str = PACKAGE) -> EventRules:
    """Import every file of the package, and return its rules with all that is wrong."""
    if importlib.util.find_spec(package) is None:
        return EventRules()
    rules: dict[int, EventRule] = {}
    faults: list[Fault] = []
    for path, imported in import_modules(import_module(package)):
        if isinstance(imported, Sequence):
            faults += imported
            continue
        found = [one for one in vars(imported).values() if isinstance(one, EventRule)]
        if not found:
            faults.append(Fault("it has no EventRule", SourceLine(str(path))))
        rules |= {id(one): one for one in found}
    faults += shared_type_faults(rules.values())
    return EventRules(tuple(rules.values()), faults)
