"""What is no side question in a form: an answer to its question, or what it is asked to do."""

from collections.abc import Sequence
from typing import Any

from features.side_questions.reader import CERTAIN, SURE, SURE_OF_ANSWER, Part
from flow_engine import Flow, FlowState
from flow_engine.fitting import Fit, fit
from flow_engine.sentences import is_day_in_numbers
from flow_engine.state import WRONG
from services.conversations.answer_and_question import own_words
from services.conversations.context import ConversationContext
from services.conversations.form_answers import FormAnswers
from services.conversations.name_corrections import name_correction
from services.conversations.review_messages import ReviewMessages
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import Wishes


def least_share(turn: ConversationTurn, flow: Flow[Any], state: FlowState) -> float:
    """Return how sure it has to be that a text is a question: the form may take it as an answer."""
    return SURE if fit(flow, state.step, turn.text) is Fit.NONE else SURE_OF_ANSWER


def option_beside(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], parts: Sequence[Part]
) -> str | None:
    """Return the part that names an option beside a question: "passport, but why"."""
    state = turn.state.flow
    if state is None or not (question := flow.question(state)).options:
        return None
    others = (one.text for one in parts if one.intent is None)
    option = FormAnswers(context).option
    return next((one for one in others if option(turn, question, one) is not None), None)


def is_for_form(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], parts: Sequence[Part]
) -> bool:
    """Return whether a message answers the form's question, or wants something of the form."""
    state = turn.state.flow
    if state is None:
        return False
    question, wishes, answers = flow.question(state), Wishes(context), FormAnswers(context)
    if flow.is_several(state.step) and answers.answer_to(turn, flow, question) != turn.text:
        return True  # "the food and the price" of what was liked
    if option_beside(context, turn, flow, parts) is not None:
        return False
    options = {*question.options, *flow.options(state.step), WRONG}  # of a review's list, too
    is_option = answers.answer_to(turn, flow, question) in options
    if is_option or answers.leaves_out(turn, question):
        return True
    is_choice = bool(state.aside) and answers.answer_to(turn, flow, question) != turn.text
    if is_choice or ReviewMessages(context, turn, flow, state).changed(question) is not None:
        return True  # "yes, store them" on the list of answers
    if wishes.of(turn, question) is not None or wishes.interrupting(turn):
        return True
    if wishes.wants_time(turn, question):
        return True
    if name_correction(context.texts, flow, state, turn.text) is not None:
        return True
    return _is_answer(context, turn, flow, state, parts)


def _is_answer(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    parts: Sequence[Part],
) -> bool:
    text, others = turn.text, [one.text for one in parts if one.intent is None]
    if "?" not in text and any(map(is_day_in_numbers, text.split())):
        return True
    asks, how = context.texts.vocabulary.asks, fit(flow, state.step, text)
    match how:
        case Fit.EXACT:
            return True
        case Fit.KIND if _is_written_as_name(text) and not asks(text):
            return True
        case Fit.ANY_TEXT:  # "I'm a cook. Who sees this?" tells of oneself
            is_sure = len(parts) == 1 and parts[0].share >= CERTAIN  # "and if I don't want to say"
            is_told = bool(own_words(context.texts, flow, state, text)[0]) and not is_sure
            return is_told or parts[0].intent is None or (bool(others) and "?" not in parts[0].text)
        case _:  # "Ana Ruiz, is it free?" has an answer, and "is it quick, im at work" has none
            first = parts[0].text
            answers = (one for one in others if one == first or _is_written_as_name(one))
            return any(fit(flow, state.step, one) is not Fit.NONE for one in answers)


def _is_written_as_name(text: str) -> bool:
    words = text.split()
    return len(words) > 1 and not text.isupper() and all(word[0].isupper() for word in words)
