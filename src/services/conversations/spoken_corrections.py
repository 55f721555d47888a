"""What somebody corrects by writing, instead of an answer to the question."""

import re
from typing import Any

from flow_engine import Corrected, Event, Flow, FlowState, WentTo
from flow_engine.fitting import asks_for_sentences
from services.conversations.change_requests import (
    named_steps,
    requested_option,
    requested_step,
    requested_value,
    spoken_correction,
)
from services.conversations.context import ConversationContext
from services.conversations.contrasts import contrast
from services.conversations.form_answers import as_reply
from services.conversations.name_corrections import name_correction, number_correction
from services.conversations.other_fields import other_answer
from services.conversations.turn import ConversationTurn

_CLAUSES = re.compile(r"[,;.\n]+")


def change_in(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], state: FlowState
) -> Event | None:
    """Return what a message changes of earlier answers, whatever the question takes.

    "Change my name to Ana" and "I got the surname wrong, it's Ríos" hold the new answer; "my date
    is wrong" leads to the question.
    """
    texts, said = context.texts, turn.text
    if value := requested_value(texts, flow, state, said):
        return value
    if option := requested_option(texts, flow, state, said):
        return option
    parts = (said, *_CLAUSES.split(said))  # "my date is wrong, it's the 4th of May 1991"
    asked = (requested_step(texts, state, one) for one in parts)
    step = next(filter(None, asked), None) or named_steps(texts, state, said)
    corrected = correction_in(context, turn, flow, state, is_refused=step is not None)
    if corrected is None and (other := other_answer(texts, flow, state, said)) is not None:
        corrected = Corrected(other[0], as_reply(turn, other[1]))
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
    today = turn.now.astimezone(context.zone).date()
    found = contrast(context.texts, flow, state, turn.text, today)
    found = found or name_correction(context.texts, flow, state, turn.text)
    if asks_for_sentences(flow, state.step) or is_refused:
        found = found or other_answer(context.texts, flow, state, turn.text)
    if is_refused:
        found = found or number_correction(context.texts, flow, state, turn.text)
    spoken = found or spoken_correction(
        context.texts, flow, state, turn.text, is_refused=is_refused
    )
    return Corrected(spoken[0], as_reply(turn, spoken[1])) if spoken else None
