"""Flows and menus, checked as they are at the start."""

from collections.abc import Collection, Sequence
from types import ModuleType

from app.checks.flow_links import link_faults
from flow_engine import Fault, FlowDefinitionError, Flows
from flow_engine.registry import Definition, find_definitions


def load_flows(package: ModuleType, sources: Collection[str] = ()) -> Flows:
    """Return the flows and menus of a package; raise FlowDefinitionError with all faults.

    `sources` are the names that steps may take their options from.
    """
    found = find_definitions(package)
    faults = link_faults(found.definitions, sources, found.unusable)
    return _without(found.definitions, [*found.faults, *faults])


def linked(definitions: Sequence[Definition]) -> Flows:
    """Return flows and menus; raise FlowDefinitionError if they do not fit together."""
    return _without(definitions, list(link_faults(definitions)))


def _without(definitions: Sequence[Definition], faults: Collection[Fault]) -> Flows:
    if faults:
        raise FlowDefinitionError(faults)
    return Flows(definitions)
