"""What people say of a question in a form: why is it asked, must they answer, they are back."""

from dataclasses import replace

from flow_engine import FlowState, Question, WayOut
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: What people say in between that is answered before the question is asked again.
SAID_IN_BETWEEN = ("thanks", "praise", "laughter")


def answer_in_between(context: ConversationContext, turn: ConversationTurn) -> Decisions | None:
    """Answer words that refuse nothing and answer nothing: thanks, a complaint, "I'm back"."""
    texts, replies, text = context.texts, Replies(context), turn.text
    kind = texts.vocabulary.small_talk(text)
    if kind in SAID_IN_BETWEEN:
        return replies.say_then_back(turn, f"small_talk.{kind}")
    if texts.is_word("pause", text):
        return replies.say_then_back(turn, "common.take_your_time")
    if kind == "complaint":
        return replies.say_then_back(turn, "common.sorry")
    is_here = kind == "agreement" or texts.is_word("go_on", text) or texts.is_word("greeting", text)
    return replies.repeat_question(turn) if is_here and turn.message.choice is None else None


def give_reason(
    context: ConversationContext, turn: ConversationTurn, question: Question, *, is_refused: bool
) -> Decisions | None:
    """Say why the question is asked, or whether it has to be answered, and ask it again."""
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
    is_why = texts.is_word("why", asked) or texts.vocabulary.has_phrase("why_asked", asked)
    if is_why and texts.vocabulary.asks(asked):
        return why
    flow = context.open_flow(turn)
    if flow is None or not is_refused or flow.question(state).options:
        return None
    if not (texts.is_word("skip", asked) or texts.vocabulary.has_phrase("must_answer", asked)):
        return None
    can_skip = flow.step(state.step).optional
    said = texts.say(turn.language, "common.optional" if can_skip else "common.needed")
    return said if can_skip or why is None else f"{said} {why}"


def _keys(state: FlowState) -> tuple[str, str]:
    return f"{state.flow}.{state.step}.why", f"{state.flow}.why"


def _why(context: ConversationContext, turn: ConversationTurn, key: str) -> str | None:
    is_there = isinstance(context.texts.find(turn.language, key), str)
    return context.texts.say(turn.language, key) if is_there else None
