"""Tells everybody once, in the first bubble that they get, that a bot answers them."""

from dataclasses import replace

from schemas.cloud_api_limits import MAX_BODY_CHARS, MAX_TEXT_CHARS, utf16_length
from schemas.cloud_api_schema import OutgoingMessage, TextMessage
from schemas.interactive_schema import ButtonsMessage, ListMessage
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, Outgoing
from services.conversations.profile import change_user
from services.conversations.turn import ConversationTurn


def introduce(
    context: ConversationContext, turn: ConversationTurn, decided: Decisions
) -> Decisions:
    """Add to what is said first that this is a bot; no message more is sent for it.

    The bubble with choices carries it, else the first text. It waits where there is no such bubble,
    and while the bot was not the one who talks.
    """
    after = turn.after(decided)
    if not after.user.is_stranger or after.is_opted_out or turn.is_bot_paused:
        return decided
    words = introduction(context, after)
    for place in sorted(range(len(decided.messages)), key=lambda at: _rank(decided.messages, at)):
        outgoing = decided.messages[place]
        if (longer := _with(outgoing.message, words)) is not None:
            messages = list(decided.messages)
            messages[place] = replace(outgoing, message=longer)
            return replace(decided, messages=tuple(messages)) + note_introduced(turn)
    return decided


def introduction(context: ConversationContext, turn: ConversationTurn) -> str:
    """Return who answers here, and what is possible at any time: features may add a sentence."""
    keys = [
        "first_contact.bot",
        *filter(None, (key(turn) for key in context.extensions.introductions)),
    ]
    return " ".join(context.texts.say(turn.language, key) for key in keys)


def note_introduced(turn: ConversationTurn) -> Decisions:
    """The person has just been told that a bot answers."""
    return change_user(turn, {"introduced_at": turn.now}) if turn.user.is_stranger else NOTHING


def _rank(messages: tuple[Outgoing, ...], place: int) -> tuple[bool, int]:
    has_choices = isinstance(messages[place].message, ButtonsMessage | ListMessage)
    return not has_choices, place


def _with(message: OutgoingMessage, words: str) -> OutgoingMessage | None:
    """Return the message with one paragraph more; None if it has no room for that."""
    match message:
        case ButtonsMessage(body=body) | ListMessage(body=body):
            limit = MAX_BODY_CHARS
        case TextMessage(body=body):
            limit = MAX_TEXT_CHARS
        case _:
            return None
    longer = f"{body}\n\n{words}"
    fits = utf16_length(longer) <= limit
    return message.model_copy(update={"body": longer}) if fits else None
