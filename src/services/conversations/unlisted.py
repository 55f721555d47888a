"""What people name that they may not choose: "I only have a student ID", "no tengo pasaporte"."""

from collections.abc import Iterator, Sequence
from typing import Any

from flow_engine import Flow, FlowState, Turn, WayOut, WentTo, prefaced
from flow_engine.advance import advance
from flow_engine.fitting import Fit, fit
from flow_engine.phrases import Phrases, expand_all
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn

#: A number as documents have it.
SAMPLE_NUMBER = "1020300400"


def unlisted(context: ConversationContext, turn: ConversationTurn, state: FlowState) -> str | None:
    """Return what is said to people who name what they may not choose, from the texts of a step.

    People who have nothing else are told that it does not go without, and who can help.
    """
    key = f"{state.flow}.{state.step}"
    texts, words = context.texts, as_keyword(turn.text).split()
    if not any(_places_of_unlisted(context, words, key)):
        return None
    is_all = texts.vocabulary.denies(words) or texts.vocabulary.has_any("only", words)
    is_all = is_all or bool(state.refusals)
    if not is_all or not isinstance(texts.find(turn.language, f"{key}.unlisted.none"), str):
        return texts.say(turn.language, f"{key}.unlisted.answer")
    said = texts.say(turn.language, f"{key}.unlisted.none")
    help_key = f"{key}.unlisted.help"
    can_help = context.can_hand_off and isinstance(texts.find(turn.language, help_key), str)
    return f"{said} {texts.say(turn.language, help_key)}" if can_help else said


def denied_option(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], state: FlowState
) -> Turn | None:
    """Return where the number of something leads that may not be chosen: back to the choice.

    "No tengo pasaporte, es la TI 1023456789" is no number of a passport.
    """
    steps = [one.name for one in flow.steps]
    place = steps.index(state.step)
    before = steps[place - 1] if place else ""
    if before not in state.answers or state.aside or turn.message.choice is not None:
        return None
    key = f"{flow.name}.{before}"
    is_number = fit(flow, state.step, SAMPLE_NUMBER) is Fit.KIND and not flow.options(state.step)
    words, vocabulary = as_keyword(turn.text).split(), context.texts.vocabulary
    named = next(_places_of_unlisted(context, words, key), None)
    said = words[: named[0]] if named is not None else ()  # "cpf no 123" denies nothing
    if not is_number or not (vocabulary.denies(said) or vocabulary.has_any("only", said)):
        return None
    back = advance(flow, state, WentTo(before))
    return prefaced(f"{key}.unlisted.none", back, WayOut.BUTTONS)


def _places_of_unlisted(
    context: ConversationContext, words: Sequence[str], key: str
) -> Iterator[tuple[int, int]]:
    texts = context.texts
    named = (texts.find(language, f"{key}.unlisted.words") or () for language in texts.languages)
    return Phrases(expand_all(phrase for phrases in named for phrase in phrases)).find(words)
