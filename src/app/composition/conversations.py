"""Puts together what all conversations share."""

import flows
from app.calls import CALLS
from app.checks.definitions import DefinitionError, definition_faults, text_faults
from app.checks.saved_forms import saved_data
from app.composition.catalogue import conversations_of, load_texts
from app.composition.features import find_features
from app.option_sources import OPTION_SOURCES
from config.env import Settings
from flow_engine import Flows, SavedData
from flow_engine.registry import find_definitions
from services.conversations.context import ConversationContext
from texts.catalogue import Texts, TextsError


def load_conversations(default_language: str | None = None) -> tuple[Flows, Texts]:
    """Return the flows and the texts, checked against each other and against the features.

    `default_language` has to be one that there are texts in. Raises DefinitionError, with all
    faults of all files.
    """
    found = find_definitions(flows)
    prefixes = {one.option_prefix for one in find_features() if one.option_prefix}
    faults = list(definition_faults(found, OPTION_SOURCES, CALLS, prefixes))
    try:
        texts = load_texts()
    except TextsError as error:
        raise DefinitionError([*faults, *error.faults]) from error
    faults += [fault for feature in find_features() for fault in feature.faults()]
    faults += text_faults(texts, found, find_features(), default_language)
    if faults:
        raise DefinitionError(faults)
    return conversations_of(texts, found)


def load_saved_data() -> SavedData:
    """Return what the flows save, those that can be used; commands need no more of them."""
    return saved_data(find_definitions(flows).definitions)


def build_conversation_context(settings: Settings) -> ConversationContext:
    """Return the flows, their texts, and the settings that all conversations share."""
    flows_found, texts = load_conversations(settings.default_language)
    return ConversationContext(
        flows=flows_found,
        option_sources=dict(OPTION_SOURCES),
        calls=CALLS,
        texts=texts.priced_in(settings.currency),
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        zone=settings.zone,
        burst_pause=settings.burst_pause,
        human_idle=settings.human_idle,
        answer_within=settings.answer_within,
        outside_window_template=settings.outside_window_template,
    )
