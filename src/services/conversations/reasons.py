"""What people say of a question in a form: why is it asked, must they answer, they are back."""

from dataclasses import replace

from flow_engine import FlowState, Question, WayOut
from flow_engine.field_types import is_date
from flow_engine.short_forms import spelled_out
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from services.conversations.unlisted import unlisted

#: What people say in between that is answered before the question is asked again.
SAID_IN_BETWEEN = ("thanks", "praise", "laughter")

#: Most words of a message that asks whether somebody may take part.
MAX_CONDITION_WORDS = 14


def answer_in_between(context: ConversationContext, turn: ConversationTurn) -> Decisions | None:
    """Answer what refuses nothing and answers nothing: thanks, "what's next?", "I'm back"."""
    texts, replies, text = context.texts, Replies(context), turn.text
    kind = texts.vocabulary.small_talk(text)
    if kind in SAID_IN_BETWEEN:
        return replies.say_then_back(turn, f"small_talk.{kind}")
    if _opens_with_pause(context, text):
        return replies.say_then_back(turn, "common.take_your_time")
    if texts.is_word("what_next", text):
        return replies.say_then_back(turn, "common.not_done_yet")
    if kind == "complaint":
        return replies.say_then_back(turn, "common.sorry")
    is_here = kind == "agreement" or texts.is_word("go_on", text) or texts.is_word("greeting", text)
    return replies.repeat_question(turn) if is_here and turn.message.choice is None else None


def _opens_with_pause(context: ConversationContext, text: str) -> bool:
    """Return whether a message wants time and says why: "hold on, my boss is calling"."""
    vocabulary, words = context.texts.vocabulary, as_keyword(text).split()
    pauses = vocabulary.phrases("pause").find(words)
    is_value = any(map(str.isdecimal, text)) or "?" in text
    return not is_value and any(start == 0 for start, _ in pauses)


def reason_of(context: ConversationContext, turn: ConversationTurn) -> str | None:
    """Return why the question of the open form is asked; None if its texts do not say."""
    keys = _keys(turn.state.flow) if turn.state.flow is not None else ()
    return next(filter(None, (_why(context, turn, key) for key in keys)), None)


def give_reason(
    context: ConversationContext, turn: ConversationTurn, question: Question, *, is_refused: bool
) -> Decisions | None:
    """Say why the question is asked, whether it has to be answered, or what is no option of it."""
    state = turn.state.flow
    if state is None or state.aside or turn.message.choice is not None:
        return None
    said = _reason(context, turn, state, is_refused=is_refused)
    asked = replace(question, way_out=WayOut.BUTTONS)
    return Replies(context).ask(turn, asked, before=said) if said else None


def _reason(
    context: ConversationContext, turn: ConversationTurn, state: FlowState, *, is_refused: bool
) -> str | None:
    """Return what answers such a question, from the texts of the step or its flow; else None."""
    texts, asked = context.texts, turn.text
    why = next(filter(None, (_why(context, turn, key) for key in _keys(state))), None)
    is_mark = "?" in asked and not any(map(str.isalnum, asked))
    is_why = (
        is_mark or texts.is_word("why", asked) or texts.vocabulary.has_phrase("why_asked", asked)
    )
    if is_why and texts.vocabulary.asks(asked):
        return why
    flow = context.open_flow(turn)
    if flow is None or not is_refused:
        return None
    if flow.question(state).options:
        return unlisted(context, turn, state)
    is_day = is_date(flow.annotation(state.step))
    if is_day and texts.vocabulary.has_any("age", as_keyword(asked).split()):
        is_open = asks_if_allowed(context, asked) and why is not None  # who says for which ages
        return why if is_open else texts.say(turn.language, "common.not_age")
    is_refusal = texts.is_word("skip", asked) or texts.choices.frames.withholds(asked)
    if not is_refusal and not texts.vocabulary.has_phrase("must_answer", asked):
        return None
    can_skip = flow.step(state.step).optional
    said = texts.say(turn.language, "common.optional" if can_skip else "common.needed")
    return said if can_skip or why is None else f"{said} {why}"


def asks_if_allowed(context: ConversationContext, text: str) -> bool:
    """Return whether somebody asks if something about them is in the way: "im 15 is that ok".

    Single words ask so at the end alone: "tenho 15 pode".
    """
    words = spelled_out(as_keyword(text)).split()
    places = context.texts.vocabulary.places("allowed", words)
    is_short = len(words) <= MAX_CONDITION_WORDS
    return is_short and any(end - start > 1 or end == len(words) for start, end in places)


def _keys(state: FlowState) -> tuple[str, str]:
    return f"{state.flow}.{state.step}.why", f"{state.flow}.why"


def _why(context: ConversationContext, turn: ConversationTurn, key: str) -> str | None:
    is_there = isinstance(context.texts.find(turn.language, key), str)
    return context.texts.say(turn.language, key) if is_there else None
