"""The effects that keep what a person told us, or forget it."""

from collections.abc import Sequence
from typing import assert_never

from flow_engine import (
    DeleteProfile,
    ForgetAnswers,
    KeepFile,
    SaveProfile,
    SaveRecord,
    SetLanguage,
    SetMarketing,
)
from flow_engine.received import files_in
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.domain_events import record_saved
from services.conversations.forgetting import forget_answers, forget_profile
from services.conversations.profile import agree_to_marketing, save_profile, save_record, speak
from services.conversations.turn import ConversationTurn


def store(
    context: ConversationContext,
    turn: ConversationTurn,
    effect: SaveProfile | SetLanguage | SetMarketing | SaveRecord,
) -> Decisions:
    """Keep something in the profile, or as a record."""
    match effect:
        case SaveProfile(fields):
            return save_profile(turn, fields)
        case SetLanguage(language):
            return speak(turn, language)
        case SetMarketing(wanted):
            return agree_to_marketing(turn, wanted=wanted)
        case SaveRecord(table, fields):
            saved = save_record(turn, table, fields, context.flows.saved.form(table))
            if not context.extensions.listeners:
                return saved
            event = record_saved(turn.user, table, fields, turn.now)
            return saved + context.extensions.happened(event)
        case _:
            assert_never(effect)


def files_to_keep(
    effect: SaveProfile | SetLanguage | SetMarketing | SaveRecord,
) -> Sequence[KeepFile]:
    """Return the effects that keep the files among what is saved."""
    if not isinstance(effect, SaveProfile | SaveRecord):
        return ()
    return [KeepFile(file) for file in files_in(effect.fields)]


def forget(
    context: ConversationContext, turn: ConversationTurn, effect: DeleteProfile | ForgetAnswers
) -> Decisions:
    """Forget the profile, or only the answers of a form."""
    if isinstance(effect, DeleteProfile):
        return forget_profile(turn, context)
    return forget_answers(turn, context)
