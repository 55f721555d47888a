"""Puts together what all conversations share."""

import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime

import flows
from app.composition.assistant import AssistantFactory
from app.composition.factories import TEXTS, load_texts
from app.composition.operators import human_idle
from app.option_sources import OPTION_SOURCES
from config.env import Settings
from features.airtable.settings import AirtableSettings
from features.assistant.settings import AssistantSettings
from features.faq.operator_table import FaqReader
from features.faq.reader import load_faq
from features.faq.search import FaqIndex
from features.handoff.hours_table import opening_hours
from features.handoff.settings import HandoffSettings
from flow_engine import FlowDefinitionError, Flows, load_flows
from services.conversations.context import ConversationContext
from storage.engine.group_commit import GroupCommit
from texts.catalogue import Texts, TextsError
from texts.check import check


class DefinitionError(Exception):
    """The flows or their texts cannot be used as they are; the text says where to mend what."""


def load_conversations() -> tuple[Flows, Texts]:
    """What people edit; ScriptError for the first flow, or all texts, that will not do."""
    try:
        found, known = load_flows(flows, OPTION_SOURCES), load_texts()
    except (FlowDefinitionError, TextsError) as error:
        raise DefinitionError(str(error)) from error
    except SyntaxError as error:
        raise DefinitionError(f"{error.filename}:{error.lineno}: {error.msg}") from error
    except Exception as error:  # whatever a module may do while it is imported
        *_, last = traceback.extract_tb(error.__traceback__)
        told = f"{type(error).__name__}: {error}"
        raise DefinitionError(f"{last.filename}:{last.lineno}: {told}") from error
    if faults := check(known, found):
        raise DefinitionError("\n".join(["The texts in src/texts do not fit the flows:", *faults]))
    return found, known


def build_conversation_context(
    settings: Settings, mind: AssistantFactory, database: GroupCommit
) -> ConversationContext:
    found, known = load_conversations()

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
        remembers_for=settings.of(AssistantSettings).history_age,
        zone=settings.zone,
        human_idle=human_idle(settings),
        tells_operators=settings.of(AirtableSettings).is_enabled
        and settings.of(HandoffSettings).operators_chat_url is not None,
    )


def _knowledge(settings: Settings, database: GroupCommit) -> Callable[[], Awaitable[FaqIndex]]:
    """What our files have, and what operators write."""
    files = load_faq(TEXTS / "faq")
    if settings.of(AirtableSettings).is_enabled:
        return FaqReader(database, files)
    knowledge = FaqIndex(files)

    async def unchanging() -> FaqIndex:
        return knowledge

    return unchanging
