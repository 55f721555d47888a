"""The language that people write in is followed, unless they have chosen one."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.profile import speak
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: The language that was followed last: it is no choice, and may be followed by another one.
FOLLOWED = StateSlot("followed_language", TypeAdapter(str), "")


def follow_sentence(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Speak the language of a sentence from now on, where it is certain."""
    if turn.message.choice is not None or not turn.text:
        return NOTHING
    return _follow(turn, context.texts.written_language.of(turn.text))


def follow_word(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Speak the language of a word such as "hola"; thanks and the like are answered in theirs."""
    vocabulary = context.texts.vocabulary
    language = vocabulary.language_of(turn.text)
    if language in (None, turn.language):
        return NOTHING
    if not turn.user.is_stranger and vocabulary.small_talk(turn.text) is not None:
        return Decisions(language=language)
    return _follow(turn, language)


def _follow(turn: ConversationTurn, language: str | None) -> Decisions:
    has_chosen = turn.user.language not in (None, FOLLOWED.read(turn.state))
    if language in (None, turn.language) or has_chosen:
        return NOTHING
    assert language is not None, "the language is another one"
    followed: Mapping[str, object] = FOLLOWED.change(language)
    return speak(turn, language) + Decisions(state=followed)
