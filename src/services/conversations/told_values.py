"""A value in place of an option: the number of a document where its kind is asked."""

import re
from dataclasses import replace
from typing import Any

from flow_engine import Flow, FlowState, Question, Replied, Turn
from flow_engine.advance import advance
from flow_engine.fitting import Fit, fit
from flow_engine.transitions import ask
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.told_facts import ToldFacts as ToldFacts
from services.conversations.told_facts import only
from services.conversations.turn import ConversationTurn
from services.conversations.unlisted import SAMPLE_NUMBER, unlisted
from services.conversations.unlisted import denied_option as denied_option

#: Most words of such a message.
MAX_WORDS = 8


def value_of_next(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], state: FlowState
) -> Turn | None:
    """Return where the answer to the next question leads that stands in place of an option.

    It is kept, and may show which option is meant (`Ask.told_by`); else that is asked again.
    """
    following = _step_behind(flow, state.step)
    is_asked = bool(flow.options(state.step)) and not state.aside
    if not following or not is_asked or not _may_be_value(context, turn, flow, following):
        return None
    value = only(ToldFacts(context, turn, flow).numbers(following, turn.text))
    if value is None or unlisted(context, turn, state) is not None:
        return None
    stored = flow.parse(following, value)
    known = state.model_copy(update={"known": {**state.known, following: stored}})
    shown = flow.step(state.step).told_by.items()
    option = next((one for one, like in shown if re.fullmatch(like, str(stored))), None)
    if option is not None:
        return advance(flow, known, Replied(option))
    step = ask(flow, known)
    return Turn(step.state, tuple(_saying(value, one) for one in step.effects))


def _saying(value: str, effect: Any) -> Any:
    """Return the question with what was kept above it."""
    if not isinstance(effect, Question):
        return effect
    return replace(effect, preface="common.heard", answers={**effect.answers, "said": value})


def _step_behind(flow: Flow[Any], name: str) -> str:
    names = [one.name for one in flow.steps]
    return (*names, "")[names.index(name) + 1]


def _may_be_value(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], name: str
) -> bool:
    """Return whether a message may be a number for a step: it asks and denies nothing."""
    is_denied = context.texts.vocabulary.denies(as_keyword(turn.text).split())
    is_short = len(turn.text.split()) <= MAX_WORDS and turn.message.choice is None
    is_number = fit(flow, name, SAMPLE_NUMBER) is Fit.KIND
    return is_short and is_number and not is_denied and "?" not in turn.text
