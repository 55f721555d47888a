"""What the words that start a form tell already: its first answer, or several facts."""

from dataclasses import replace
from typing import Any

from flow_engine import Flow, Replied, Turn
from flow_engine.advance import advance
from flow_engine.fitting import takes_names
from flow_engine.typed_answers import ask_if_sure
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.further_answers import FurtherAnswers
from services.conversations.named_values import named_value
from services.conversations.told_facts import ToldFacts
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn


def told_already(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], started: Turn
) -> Turn:
    """Return where a form begins whose first answers are in the words that start it."""
    if started.state is None:
        return started
    option = _named_already(context, turn, flow, started.state.step)
    if option is None:
        begun = _with_rest(context, turn, flow, started)
        return ToldFacts(context, turn, flow).begin(begun)
    chosen = ToldFacts(context, turn, flow).begin(advance(flow, started.state, Replied(option)))
    named, state = named_value(context.texts, turn.text), chosen.state
    if named is None or state is None or flow.options(state.step):
        return chosen
    if not flow.takes(state.step, named.value):  # "change my name to Ana"
        return chosen
    taken = flow.parse(state.step, named.value)
    is_plain = as_keyword(str(taken)) == as_keyword(named.value)
    if takes_names(flow, state.step) and not is_plain:  # "change my name, na Ana Ruiz"
        return ask_if_sure(flow, state, str(taken))
    return advance(flow, state, Replied(named.value))


def _with_rest(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], started: Turn
) -> Turn:
    """Return where answers behind a trigger lead: "register me: Ana Ruiz"."""
    if started.state is None or turn.message.choice is not None:
        return started
    words = [as_keyword(one) for one in turn.text.split()]
    found = (one.find(words) for one, named in context.flows.phrases if named is flow)
    ends = [end for places in found for start, end in places]
    behind = " ".join(turn.text.split()[max(ends) :]) if ends else ""
    rest = turn.text.partition(":")[2].strip() or behind
    said = replace(turn, message=replace(turn.message, text=rest))
    return FurtherAnswers(context, said, flow).begin(started.state, rest) or started


def _named_already(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], step: str
) -> str | None:
    """Return the answer to the first question that is in the words that start a form."""
    texts = context.texts
    options = () if flow.is_several(step) else flow.options(step)
    if turn.message.choice is not None or not options:
        return None
    if texts.choices.place_in_words(turn.text, len(options)) is not None:
        return None  # "one" in such words is a number, not the first option
    name, asked = f"{flow.name}.{step}", turn.text.replace("?", " ")
    if Triggers(context).triggered_by(turn.text) is flow:
        # Nothing but a trigger: the "data" of "edit my data" is no date of Portuguese.
        named = [one for one in options if one not in ("yes", "no")]
        return texts.match_option(turn.language, name, named, asked)
    return texts.option_in_sentence(name, options, asked, turn.language)
