"""A menu: choices that mean the same whenever they are tapped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flow_engine.definition_checks import menu_faults
from flow_engine.effects import Effect
from flow_engine.faults import FlowDefinitionError, SourceLine, calling_line


@dataclass(frozen=True)
class Menu:
    """Leads on by itself, and keeps no state: an old one in the chat still works."""

    name: str
    choices: Mapping[str, tuple[Effect, ...]]
    #: whole messages that show it, in any language
    triggers: tuple[str, ...] = ()
    #: who may see it; without any, everybody
    roles: tuple[str, ...] = ()

    #: the line of the call that built the menu
    defined_at: SourceLine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defined_at", calling_line())
        if faults := list(menu_faults(self)):
            raise FlowDefinitionError(faults)
