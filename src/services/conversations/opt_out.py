"""Opt-out and opt-in: STOP, START and the like count at once; what may mean them is asked once."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from domain.inbound import Inbound
from flow_engine import Question
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.open_form import is_name_asked
from services.conversations.opt_out_words import Meaning, OptOutWords, typed_option
from services.conversations.profile import agree_to_marketing, opt_in, opt_out, return_to_bot
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Meta's type of a tap on a button of a template, which carries its author's words.
TEMPLATE_BUTTON = "button"
#: What people are asked, with the option that does it first, and the one that does not second.
STOP_MESSAGES = Question("stop_messages", ("stop", "go_on"))
START_MESSAGES = Question("start_messages", ("start", "stay_away"))
QUESTIONS = {question.name: question for question in (STOP_MESSAGES, START_MESSAGES)}
#: What stands in `ASKED` after the hint how to come back, which asks START_MESSAGES, too.
HINT = "opted_out_hint"
#: Name of the question that was asked last, until the next message.
ASKED = StateSlot("opt_out_asked", TypeAdapter(str), "")


@dataclass(frozen=True, slots=True)
class OptOut:
    """Decides who gets messages."""

    context: ConversationContext

    @property
    def _replies(self) -> Replies:
        return Replies(self.context)

    @property
    def _words(self) -> OptOutWords:
        return OptOutWords(self.context.texts.vocabulary)

    def keyword(self, turn: ConversationTurn) -> StageResult:
        """Decide on a keyword, or on the answer to one of the questions; None for others.

        A keyword of a blocked person counts, and gets no answer.
        """
        if (answered := self._answer(turn)) is not None:
            return answered
        decided = None if is_own_button(turn.message) else self._on_words(turn)
        if decided is not None:
            return Decisions(state=ASKED.change("")) + decided
        is_over = bool(turn.text and ASKED.read(turn.state))
        return PassOn(Decisions(state=ASKED.change(""))) if is_over else None

    def spoken(self, turn: ConversationTurn) -> StageResult:
        """Decide on what was said in a voice note, as on what is written."""
        decided = self.keyword(turn)
        return decided if isinstance(decided, Decisions) else self.unclear(turn) or decided

    def _on_words(self, turn: ConversationTurn) -> Decisions | None:
        said = _said(turn)
        if any(self._words.opt_out(one) is Meaning.SURE for one in said):
            return self._stop(turn)
        if any(self._words.refuses_offers(one) for one in said):
            decided = agree_to_marketing(turn, wanted=False)
            is_silent = turn.is_blocked or turn.is_opted_out
            return decided + self._unless(is_silent, turn, "news.unsubscribed")
        may_return = turn.is_opted_out and not turn.is_blocked
        if may_return and any(self._words.opt_in(one) is Meaning.SURE for one in said):
            return self._start(turn)
        return None

    def unclear(self, turn: ConversationTurn) -> StageResult:
        """Ask whether a message means opt-out; None if it cannot."""
        if is_own_button(turn.message) or is_name_asked(self.context, turn):
            return None
        is_unclear = self._words.opt_out(turn.text) is Meaning.UNCLEAR
        return self.ask(turn, STOP_MESSAGES) if is_unclear else None

    def unclear_return(self, turn: ConversationTurn) -> StageResult:
        """Ask a person who opted out whether a message means opt-in; None if it cannot."""
        if is_own_button(turn.message):
            return None
        is_yes = turn.state.flow is None and self._words.is_yes(turn.text)
        is_unclear = is_yes or self._words.opt_in(turn.text) is Meaning.UNCLEAR
        return self.ask(turn, START_MESSAGES) if is_unclear else None

    def hint(self, turn: ConversationTurn) -> Decisions:
        """Tell a person who opted out how to come back; in other words the second time in a row."""
        if ASKED.read(turn.began_with) == HINT:
            return self.ask(turn, START_MESSAGES)
        back = f"{START_MESSAGES.name}.{START_MESSAGES.options[0]}"
        title = f"{START_MESSAGES.name}.options.{START_MESSAGES.options[0]}.title"
        hinted = Decisions(state=ASKED.change(HINT))
        return hinted + self._replies.offer(turn, "common.opted_out_hint", {back: title})

    def ask(self, turn: ConversationTurn, question: Question) -> Decisions:
        """Ask one of the two questions."""
        return Decisions(state=ASKED.change(question.name)) + self._replies.ask(turn, question)

    def _answer(self, turn: ConversationTurn) -> Decisions | None:
        """Decide on a tap on one of the questions, however old, or on the typed answer to it."""
        name, _, option = (turn.message.choice or "").partition(".")
        asked = ASKED.read(turn.state)
        is_hint = asked == HINT and not option
        question = START_MESSAGES if is_hint else QUESTIONS.get(name if option else asked)
        if question is None or (is_hint and not self._words.is_clear_return(turn.text)):
            return None
        if turn.message.choice is None:
            option = typed_option(self.context, turn, question, question is STOP_MESSAGES) or ""
        if option not in question.options:
            return None
        forgotten = Decisions(state=ASKED.change(""))
        if option == question.options[1]:
            return forgotten + self._stay(turn, question)
        return forgotten + (self._stop(turn) if question is STOP_MESSAGES else self._start(turn))

    def _stop(self, turn: ConversationTurn) -> Decisions:
        decided = opt_out(turn, self.context, turn.text)
        return decided + self._unless(turn.is_blocked, turn, "common.opted_out")

    def _start(self, turn: ConversationTurn) -> Decisions:
        """Start again. The menu that they get has to work, so the bot answers again."""
        if turn.is_blocked:
            return NOTHING
        decided = opt_in(turn, turn.text) if turn.is_opted_out else NOTHING
        decided += return_to_bot(turn) if turn.is_held else NOTHING
        turn = turn.after(decided)
        return decided + self._replies.say_with_menu(turn, "common.opted_in")

    def _stay(self, turn: ConversationTurn, question: Question) -> Decisions:
        if turn.is_blocked:
            return NOTHING
        said = self._replies.say(turn, f"{question.name}.unchanged")
        is_open = question is STOP_MESSAGES and not turn.is_opted_out
        repeated = self._replies.repeat_question(turn) if is_open else None
        return said + (repeated or NOTHING)

    def _unless(self, is_silent: bool, turn: ConversationTurn, key: str) -> Decisions:
        return NOTHING if is_silent else self._replies.say(turn, key)


def _said(turn: ConversationTurn) -> tuple[str, ...]:
    """Return the words of a message; of a template's button, its label and its payload."""
    payload = turn.message.choice if turn.message.kind == TEMPLATE_BUTTON else None
    return (turn.text, payload) if payload else (turn.text,)


def is_own_button(message: Inbound) -> bool:
    """Return whether a button of the bot was tapped, which can mean nothing else."""
    return message.choice is not None and message.kind != TEMPLATE_BUTTON
