"""Puts together what all conversations share."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import features
import flows
import texts as core_texts
from app.checks.flow_links import link_faults
from app.checks.texts import check
from app.composition.features import find_features
from app.option_sources import OPTION_SOURCES
from config.env import Settings
from flow_engine import Fault, Flow, Flows, Menu
from flow_engine.faults import did_you_mean, in_file_order
from flow_engine.registry import FoundDefinitions, find_definitions
from services.conversations.context import ConversationContext
from texts.catalogue import Texts, TextsError

#: Folder of the core's texts, with the files that messages show.
TEXTS = Path(core_texts.__path__[0])
#: Menus that are shown as "home", and the flow of people who have to register first.
HOME_MENUS = ("main_menu", "member_menu")
REGISTRATION = "registration"


class DefinitionError(Exception):
    """Flows or texts that cannot be used as they are; lists all faults, each with its place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = in_file_order(faults)
        count = len(self.faults)
        title = f"The flows and their texts have {count} fault{'s' if count > 1 else ''}:"
        super().__init__("\n".join([title, *map(str, self.faults)]))


def load_conversations(default_language: str | None = None) -> tuple[Flows, Texts]:
    """Return the flows and the texts, checked against each other.

    `default_language` has to be one that there are texts in. Raises DefinitionError, with all
    faults of all files.
    """
    found = find_definitions(flows)
    faults = [*found.faults, *link_faults(found.definitions, OPTION_SOURCES, found.unusable)]
    faults += _missing_homes(found)
    try:
        texts = load_texts()
    except TextsError as error:
        raise DefinitionError([*faults, *error.faults]) from error
    faults += check(
        texts,
        found.definitions,
        also=(feature.required_texts for feature in find_features()),
        default_language=default_language,
    )
    if faults:
        raise DefinitionError(faults)
    return Flows(found.definitions), texts


@cache
def load_texts() -> Texts:
    """Return the texts of the core and of the features that are there."""
    return Texts.load(TEXTS, *feature_texts())


def feature_texts() -> list[Path]:
    """Return the folders of the features' texts."""
    return sorted(path for root in features.__path__ for path in Path(root).glob("*/texts"))


def _missing_homes(found: FoundDefinitions) -> Iterator[Fault]:
    """Yield the menus and flows that the bot leads to by itself, and that are not there."""
    menus = {one.name for one in found.definitions if isinstance(one, Menu)} | found.unusable
    names = {one.name for one in found.definitions} | found.unusable
    for name in HOME_MENUS:
        if name not in menus:
            hint = did_you_mean(name, menus - {*HOME_MENUS})
            yield Fault(f"no menu has the name {name}, which the bot shows first{hint}")
    for flow in found.definitions:
        if isinstance(flow, Flow) and flow.needs_profile and REGISTRATION not in names:
            text = f"{flow.name}: needs_profile leads to {REGISTRATION}, a flow that is not there"
            yield Fault(text, flow.defined_at)


def build_conversation_context(settings: Settings) -> ConversationContext:
    """Return the flows, their texts, and the settings that all conversations share."""
    flows_found, texts = load_conversations(settings.default_language)
    return ConversationContext(
        flows=flows_found,
        option_sources=OPTION_SOURCES,
        texts=texts,
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        zone=settings.zone,
        human_idle=settings.human_idle,
    )
