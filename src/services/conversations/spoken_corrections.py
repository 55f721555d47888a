"""What somebody corrects by writing, instead of an answer to the question."""

import re
from typing import Any

from flow_engine import Corrected, Event, Flow, FlowState, WentTo
from flow_engine.fitting import asks_for_sentences, takes_names
from services.conversations.change_requests import (
    named_steps,
    requested_option,
    requested_step,
    requested_value,
    spoken_correction,
)
from services.conversations.context import ConversationContext
from services.conversations.contrasts import contrast
from services.conversations.doubtful_names import is_sentence_stored
from services.conversations.form_answers import as_reply
from services.conversations.name_corrections import name_correction, number_correction
from services.conversations.other_fields import other_answer
from services.conversations.said_answers import ASKED, SaidAnswers
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts

_CLAUSES = re.compile(r"[,;.\n]+")


def change_in(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], state: FlowState
) -> Event | None:
    """Return what a message changes of earlier answers, whatever the question takes.

    "Change my name to Ana" and "I got the surname wrong, it's Ríos" hold the new answer; "my date
    is wrong" leads to the question.
    """
    texts, said = context.texts, turn.text
    answers = SaidAnswers(texts, flow, state, said)
    is_only = "?" not in said and answers.has_only(state.answers)
    found = answers.others() if is_only else {}
    others = {one: value for one, value in found.items() if value != ASKED}
    if len(others) == 1 and answers.has_only(others):
        [(told, other)] = others.items()
        return Corrected(told, as_reply(turn, other))
    if value := _of_names(texts, turn, flow, state, requested_value(texts, flow, state, said)):
        return value
    if option := requested_option(texts, flow, state, said):
        return option
    parts = (said, *_CLAUSES.split(said))  # "my date is wrong, it's the 4th of May 1991"
    asked = (requested_step(texts, state, one) for one in parts)
    step = next(filter(None, asked), None) or named_steps(texts, state, said)
    corrected = correction_in(context, turn, flow, state, is_refused=step is not None)
    if corrected is None and (named := other_answer(texts, flow, state, said)) is not None:
        other_one = Corrected(named[0], as_reply(turn, named[1]))
        corrected = _of_names(texts, turn, flow, state, other_one)
    return corrected or (WentTo(step) if step is not None else None)


def correction_in(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    *,
    is_refused: bool,
) -> Corrected | None:
    """Return the correction of an earlier answer that somebody typed."""
    if turn.message.choice is not None:
        return None
    found = _found(context, turn, flow, state, is_refused=is_refused)
    return _of_names(context.texts, turn, flow, state, found)


def _of_names(
    texts: Texts, turn: ConversationTurn, flow: Flow[Any], state: FlowState, found: Corrected | None
) -> Corrected | None:
    """Return a correction, unless it would make a name of ordinary words of the message."""
    if found is None or not takes_names(flow, found.step):
        return found
    before = str(state.answers.get(found.step, ""))
    is_wrong = is_sentence_stored(texts, found.reply.text, before, turn.text)
    return None if is_wrong else found


def _found(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    *,
    is_refused: bool,
) -> Corrected | None:
    today = turn.now.astimezone(context.zone).date()
    found = name_correction(context.texts, flow, state, turn.text)
    found = found or contrast(context.texts, flow, state, turn.text, today)
    if asks_for_sentences(flow, state.step) or is_refused:
        found = found or other_answer(context.texts, flow, state, turn.text)
    if is_refused:
        found = found or number_correction(context.texts, flow, state, turn.text)
    spoken = found or spoken_correction(
        context.texts, flow, state, turn.text, is_refused=is_refused
    )
    return Corrected(spoken[0], as_reply(turn, spoken[1])) if spoken else None
