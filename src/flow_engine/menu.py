"""A menu: choices that mean the same whenever they are tapped."""

from collections.abc import Mapping
from dataclasses import dataclass

from flow_engine.effects import Effect
from flow_engine.flow import FlowDefinitionError
from flow_engine.paging import LONGEST_LIST


@dataclass(frozen=True)
class Menu:
    """Leads on by itself, and keeps no state: an old one in the chat still works."""

    name: str
    choices: Mapping[str, tuple[Effect, ...]]
    #: whole messages that show it, in any language
    triggers: tuple[str, ...] = ()
    #: who may see it; without any, everybody
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.choices) <= LONGEST_LIST:
            raise FlowDefinitionError(
                f"{self.name}: a menu has 1 to {LONGEST_LIST} choices, not {len(self.choices)}"
            )
