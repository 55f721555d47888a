"""Names that may be something else: "one sec" is none, and "Angel Bueno" may be one."""

from enum import IntEnum
from typing import Any

from flow_engine import Flow, FlowState, Turn
from flow_engine.fitting import takes_names
from flow_engine.sentences import PARTICLES, introduced, without_introduction
from flow_engine.short_forms import spelled_out
from flow_engine.state import CHANGE, RIGHT, SURE
from flow_engine.transitions import refuse
from flow_engine.typed_answers import ask_if_sure
from flow_engine.words import as_keyword
from texts.catalogue import Texts

#: Fewest words of a text that make it a sentence, among those that the program knows.
MIN_SENTENCE_WORDS = 2
#: Groups of whole messages that answer something else.
MEANINGS = ("pause", "yes", "no", "last", "all_right", "nothing_to_change", "skip")


class Doubt(IntEnum):
    """How doubtful it is that a text is a name."""

    NONE = 0
    #: the person is asked back
    UNSURE = 1
    NO_NAME = 2


def doubted(texts: Texts, flow: Flow[Any], state: FlowState, answer: str, step: Turn) -> Turn:
    """Return where a text leads, `step` without doubts: it is asked about, or refused as a name."""
    if state.begun and not state.aside and takes_names(flow, state.step):
        return _last_name_doubted(texts, flow, state, answer, step)
    begun = step.state.begun if step.state is not None and not step.state.aside else ""
    if begun and takes_names(flow, state.step):
        is_name = not texts.vocabulary.means_something(answer) and (
            name_doubt(texts, answer) is not Doubt.NO_NAME
        )
        return step if is_name else refuse(flow, state)
    is_own = state.aside in ("", SURE) and answer not in (RIGHT, CHANGE)
    is_name = is_own and takes_names(flow, state.step) and flow.takes(state.step, answer)
    doubt = name_doubt(texts, answer) if is_name else Doubt.NONE
    before = state.model_copy(update={"aside": "", "begun": ""})
    if doubt is Doubt.UNSURE:
        return ask_if_sure(flow, before, str(flow.parse(state.step, answer)))
    return refuse(flow, before, "common.no_name") if doubt is Doubt.NO_NAME else step


def _last_name_doubted(
    texts: Texts, flow: Flow[Any], state: FlowState, answer: str, step: Turn
) -> Turn:
    """Return where what follows a first name leads: known words may be no last name."""
    is_taken = step.state is None or step.state.step != state.step
    is_other = answer != state.begun and texts.vocabulary.means_something(answer)
    if not is_taken or is_other:
        return refuse(flow, state) if is_taken else step
    said = (step.state.answers if step.state is not None else {}).get(state.step)
    known = [one for one in as_keyword(answer).split() if is_known(texts, one)]
    if said is None or not known or answer == state.begun:
        return step
    if len(known) >= MIN_SENTENCE_WORDS or texts.vocabulary.asks(answer):
        return refuse(flow, state)
    return ask_if_sure(flow, state, str(said))


def name_doubt(texts: Texts, text: str) -> Doubt:
    """Return how doubtful it is that a text which a name could be is one.

    Two words that the bot understands raise doubts, or nothing but such words. "My name is …",
    and a capital letter at the beginning of each word, speak for a name.
    """
    written = [word for word in without_introduction(text).split() if as_keyword(word)]
    words = [(word, as_keyword(word)) for word in written]
    words = [one for one in words if one[1] not in PARTICLES]
    known = [one for _, one in words if is_known(texts, one)]
    if words and not known:
        return Doubt.NONE
    is_meant = any(texts.is_word(group, text) for group in MEANINGS)
    is_sentence = is_meant or len(known) >= MIN_SENTENCE_WORDS or len(known) == len(words)
    if not is_sentence and not texts.vocabulary.asks(text):
        return Doubt.NONE
    is_written_as_name = bool(words) and all(one.istitle() for one, _ in words)
    is_said_to_be_one = bool(words) and introduced(text) and not is_meant
    return Doubt.UNSURE if is_written_as_name or is_said_to_be_one else Doubt.NO_NAME


def is_sentence_stored(texts: Texts, name: str, before: str, said: str) -> bool:
    """Return whether a corrected name has ordinary words of the message that corrects it.

    One word with a capital may be a name: the "Bueno" of "Ángel Bueno".
    """
    had, shown = as_keyword(before).split(), {*said.split()}
    words = [one for one in name.split() if as_keyword(one) not in (*had, *PARTICLES)]
    ordinary = [one for one in words if is_known(texts, as_keyword(one))]
    is_name = len(ordinary) <= 1 and all(one.istitle() and one in shown for one in ordinary)
    return not is_name


def is_known(texts: Texts, word: str) -> bool:
    """Return whether a word, or one that it is short for in a chat, is no name."""
    return any(map(texts.written_language.knows, (word, *spelled_out(word).split())))
