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
#: The language that the person has written in: one word of another one does not change it.
WRITTEN = StateSlot("written_language", TypeAdapter(str), "")


def follow_sentence(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Speak the language of a sentence from now on, where it is certain."""
    if turn.message.choice is not None or not turn.text:
        return NOTHING
    language = context.texts.written_language.of(turn.text)
    if (followed := _follow(turn, language)) is not NOTHING:
        return followed + Decisions(state=WRITTEN.change(str(language)))
    return _note_written(context, turn)


def follow_word(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Speak the language of a word such as "hola"; thanks and the like are answered in theirs.

    Whoever has written in a language goes on in it: many know a word such as "ok" or "register".
    """
    vocabulary = context.texts.vocabulary
    language = vocabulary.language_of(turn.text)
    if language in (None, turn.language):
        return NOTHING
    if not turn.user.is_stranger and vocabulary.small_talk(turn.text) is not None:
        return Decisions(language=language)
    goes_on = WRITTEN.read(turn.state) == turn.language
    return NOTHING if goes_on else _follow(turn, language)


def _note_written(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Remember that a person writes in the language that they are answered in."""
    if WRITTEN.read(turn.state) == turn.language:
        return NOTHING
    texts = context.texts
    own = texts.vocabulary.language_of(turn.text) or texts.written_language.leaning(turn.text)
    greetings = texts.vocabulary.words_in(turn.language, "greeting")  # others may have them too
    is_greeting = not greetings.isdisjoint(texts.vocabulary.loose_readings(turn.text))
    is_own = own == turn.language or is_greeting
    return Decisions(state=WRITTEN.change(turn.language)) if is_own else NOTHING


def _follow(turn: ConversationTurn, language: str | None) -> Decisions:
    has_chosen = turn.user.language not in (None, FOLLOWED.read(turn.state))
    if language in (None, turn.language) or has_chosen:
        return NOTHING
    assert language is not None, "the language is another one"
    followed: Mapping[str, object] = FOLLOWED.change(language)
    return speak(turn, language) + Decisions(state=followed)
