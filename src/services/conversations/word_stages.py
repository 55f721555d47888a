"""The stages of words that lead nowhere: a word back, another language, or help."""

from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.exits import MENU, TAP, Exits
from services.conversations.first_contact import introduction, note_introduced
from services.conversations.misses import misses_of, note_miss
from services.conversations.opt_out import STOP_MESSAGES
from services.conversations.profile import speak
from services.conversations.registration_questions import RegistrationQuestions
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.written_languages import follow_sentence, follow_word

#: Fewest words of a question about the registration that is no whole message of the texts.
MIN_QUESTION_WORDS = 2


class WordStages:
    """Stages of `CoreStages`, which has them in their order."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._replies = Replies(context)
        self._exits = Exits(context)

    async def who_answers(self, turn: ConversationTurn) -> StageResult:
        """A person who asks whether this is a bot gets an honest answer, also in a form."""
        if turn.message.choice or not self.context.texts.is_word("who_answers", turn.text):
            return None
        answer = self._replies.say_text(introduction(self.context, turn))
        told = answer + note_introduced(turn)
        return told + (self._replies.repeat_question(turn) or NOTHING)

    async def is_registered(self, turn: ConversationTurn) -> StageResult:
        """A person who asks whether they are registered, or have to be, is told, also in a form."""
        is_word = self.context.texts.is_word("is_registered", turn.text)
        if not is_word and len(turn.text.split()) < MIN_QUESTION_WORDS:
            return None
        return RegistrationQuestions(self.context).answer(turn)

    async def language_named(self, turn: ConversationTurn) -> StageResult:
        """The name of a language switches to it: "español", "English please"."""
        language = self.context.texts.vocabulary.language_named(turn.text)
        if language is None:
            return None
        decided = speak(turn, language)
        turn = turn.after(decided)
        return decided + self._replies.say_then_back(turn, "common.language_changed")

    async def language_written(self, turn: ConversationTurn) -> StageResult:
        """A word of another language is answered in it, unless the person has chosen one."""
        return _passed_on(follow_word(self.context, turn))

    async def sentence_written(self, turn: ConversationTurn) -> StageResult:
        """A sentence in another language is answered in it, unless the person has chosen one."""
        return _passed_on(follow_sentence(self.context, turn))

    async def small_talk(self, turn: ConversationTurn) -> StageResult:
        """Thanks, goodbye and the like get a word, not a menu."""
        kind = self.context.texts.vocabulary.small_talk(turn.text)
        return self._replies.say(turn, f"small_talk.{kind}") if kind is not None else None

    async def nothing_to_cancel(self, turn: ConversationTurn) -> StageResult:
        """Where nothing is open, CANCEL is told so; it may mean opt-out, which has a button."""
        vocabulary, stop = self.context.texts.vocabulary, STOP_MESSAGES.options[0]
        is_left = not vocabulary.words("cancel").isdisjoint(vocabulary.readings(turn.text))
        if not is_left and not vocabulary.is_word("cancel_outside", turn.text):
            return None
        menu, name = f"{TAP}.{MENU}", STOP_MESSAGES.name
        ways = {menu: menu, f"{name}.{stop}": f"{name}.options.{stop}.title"}
        return self._replies.offer(turn, "common.nothing_open", ways)

    async def fallback(self, turn: ConversationTurn) -> StageResult:
        """Nobody understood the message, or knows the answer: say so, and offer what may help."""
        missed = note_miss(turn)
        decided = Decisions(state={"menu": None}) + missed
        is_question = self.context.texts.vocabulary.asks(turn.text)
        exits = {f"{TAP}.{name}": title for name, title in self._exits.of_features()}
        is_stuck = misses_of(turn.after(missed)).is_stuck
        if exits and (is_question or is_stuck):
            exits[f"{TAP}.{MENU}"] = f"{TAP}.{MENU}"
            said = "common.unanswered" if is_question else "common.fallback_again"
            return decided + self._replies.offer(turn, said, exits)
        if turn.user.is_stranger and not is_question:  # "I saw your ad" opens a conversation
            return decided + self._replies.show_menu(turn)
        said = "common.unanswered" if is_question else "common.fallback"
        return decided + self._replies.say_then_back(turn, said)


def _passed_on(decided: Decisions) -> PassOn | None:
    return None if decided is NOTHING else PassOn(decided)
