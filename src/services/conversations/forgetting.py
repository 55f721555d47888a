"""Forgetting what a person told us: their profile, or the answers of a form."""

from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.extensions import Reset
from services.conversations.job_traces import without_dead_letters, without_states
from services.conversations.profile import agree_to_marketing, change_user, note_consent
from services.conversations.schedule import unschedule_all
from services.conversations.turn import ConversationTurn
from storage.person_table import forget_words
from storage.tables import quotable, users


def forget_profile(turn: ConversationTurn, context: ConversationContext) -> Decisions:
    """Delete what the person told us, and with it what they agreed to."""
    withdrawn = NOTHING
    if turn.user.consent_at is not None:
        withdrawn = note_consent(turn, "withdrew", None)
    emptied = change_user(turn, dict.fromkeys(users.PROFILE_FIELDS))
    return (
        withdrawn
        + unschedule_all(turn)
        + agree_to_marketing(turn, wanted=False)
        + emptied
        + writing(*forget_words(turn.user.key), without_states(turn), without_dead_letters(turn))
        + context.extensions.reset(turn, Reset.DATA_DELETED)
    )


def forget_answers(turn: ConversationTurn, context: ConversationContext) -> Decisions:
    """Delete the copies of what the person wrote: they do not agree that it is kept."""
    forgotten = writing(without_dead_letters(turn), quotable.forget_person(turn.user.key))
    return forgotten + context.extensions.reset(turn, Reset.REFUSED)
