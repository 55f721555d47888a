"""Puts together what all conversations share."""

import traceback

import flows
from app.composition.factories import load_texts
from app.option_sources import OPTION_SOURCES
from config.env import Settings
from flow_engine import FlowDefinitionError, Flows, load_flows
from services.conversations.context import ConversationContext
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


def build_conversation_context(settings: Settings) -> ConversationContext:
    """Return the flows, their texts, and the settings that all conversations share."""
    flows_found, texts = load_conversations()
    return ConversationContext(
        flows=flows_found,
        option_sources=OPTION_SOURCES,
        texts=texts,
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        zone=settings.zone,
        human_idle=settings.human_idle,
    )
