"""What a typed text is to the question of a step: an answer, a doubtful one, or none at all."""

from dataclasses import replace
from typing import Any

from flow_engine import Flow, FlowState, Replied, Turn
from flow_engine.advance import advance
from flow_engine.fitting import asks_for_sentences, takes_names
from flow_engine.transitions import refuse
from flow_engine.typed_answers import ask_if_sure
from services.conversations.doubtful_names import doubted
from services.conversations.last_names import last_name, only_name
from services.conversations.other_fields import SOMETHING_ELSE, is_other
from texts.catalogue import Texts


def tells_nothing(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> bool:
    """Return whether somebody who is asked for a few sentences answers "no"."""
    is_no = texts.choices.yes_or_no(text) == "no"
    return is_no and not state.aside and asks_for_sentences(flow, state.step)


def take_text(
    texts: Texts, flow: Flow[Any], state: FlowState, reply: Replied
) -> tuple[FlowState, str, Turn]:
    """Return what a text answers in which state, and where that leads if it is an answer."""
    text, is_sure = reply.text, False
    if (name := only_name(texts, flow, state, text)) is not None:
        state, text = state.model_copy(update={"begun": name}), name
    elif state.begun and takes_names(flow, state.step) and not state.aside:
        text, is_sure = last_name(texts, text)
    step = advance(flow, state, replace(reply, text=text))
    if is_other(texts, flow, state, text):
        return state, text, refuse(flow, state, SOMETHING_ELSE)
    return state, text, step if is_sure else doubted(texts, flow, state, text, step)


def mentioned_option(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> str | None:
    """Return the only option of a question that a sentence names beside other things."""
    options = flow.options(state.step)
    if not options or state.aside or flow.is_several(state.step):
        return None
    return texts.option_in_sentence(f"{flow.name}.{state.step}", options, text)


def ask_if_meant(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> Turn | None:
    """Return where a sentence leads that names an option beside other things: to a question."""
    option = mentioned_option(texts, flow, state, text)
    return None if option is None else ask_if_sure(flow, state, option)
