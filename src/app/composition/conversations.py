"""Puts together what all conversations share."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta

import flows
from app.composition.assistant import AssistantFactory
from app.composition.factories import TEXTS, load_texts
from app.option_sources import OPTION_SOURCES
from config.env import Settings
from features.faq.operator_table import FaqReader
from features.faq.reader import load_faq
from features.faq.search import FaqIndex
from features.handoff.hours_table import opening_hours
from flow_engine import Fault, Flow, Flows, Menu
from flow_engine.faults import did_you_mean, in_file_order
from flow_engine.links import link_faults
from flow_engine.registry import FoundDefinitions, find_definitions
from services.conversations.context import ConversationContext
from storage.engine.group_commit import GroupCommit
from texts.catalogue import Texts, TextsError
from texts.check import check
from texts.required import ALWAYS_GIVEN, RequiredTexts, said_with_first_name

#: Menus that are shown as "home", and the flow of people who have to register first.
HOME_MENUS = ("main_menu", "member_menu")
REGISTRATION = "registration"

#: What features say besides the flows.
FEATURE_TEXTS = (
    RequiredTexts(  # handoff
        keys=said_with_first_name("common.away", "common.handed_over", "common.nobody_here")
    ),
    RequiredTexts(keys=said_with_first_name("faq.ask", "faq.human")),
    RequiredTexts(keys={"common.erased": ()}),  # operators erase a person
    RequiredTexts(  # attachments
        keys=said_with_first_name("media.unheard", "media.unread", "media.unseen")
        | {"media.heard": (*ALWAYS_GIVEN, "text")}
    ),
    RequiredTexts(
        keys=said_with_first_name(
            "common.assistant_goodbye",
            "common.assistant_hello",
            "common.assistant_refuses",
            "common.assistant_spent",
            "common.assistant_unavailable",
        ),
        words=("leave_assistant",),
        prompts=("assistant", "summary"),
    ),
)


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
    faults += check(texts, found.definitions, also=FEATURE_TEXTS, default_language=default_language)
    if faults:
        raise DefinitionError(faults)
    return Flows(found.definitions, OPTION_SOURCES), texts


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


def build_conversation_context(
    settings: Settings, mind: AssistantFactory, database: GroupCommit
) -> ConversationContext:
    found, known = load_conversations(settings.default_language)

    async def is_open(moment: datetime) -> bool:
        return (await opening_hours(database)).is_open(moment.astimezone(settings.zone))

    return ConversationContext(
        flows=found,
        option_sources=OPTION_SOURCES,
        texts=known,
        is_open=is_open,
        knowledge=_knowledge(settings, database),
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        has_assistant=mind.agent is not None,
        sees=mind.sees(settings),
        hearing=mind.hearing(settings),
        remembers_for=timedelta(hours=settings.openai_history_hours),
        zone=settings.zone,
        human_idle=settings.human_idle,
        tells_operators=settings.has_airtable and settings.operators_chat_url is not None,
    )


def _knowledge(settings: Settings, database: GroupCommit) -> Callable[[], Awaitable[FaqIndex]]:
    """What our files have, and what operators write."""
    files = load_faq(TEXTS / "faq")
    if settings.has_airtable:
        return FaqReader(database, files)
    knowledge = FaqIndex(files)

    async def unchanging() -> FaqIndex:
        return knowledge

    return unchanging
