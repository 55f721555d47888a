"""Names that may be something else: "one sec" is none, and "Angel Bueno" may be one."""

from enum import IntEnum
from typing import Any

from flow_engine import LANGUAGES, Flow, FlowState, Turn
from flow_engine.fitting import takes_names
from flow_engine.sentences import introduced, without_introduction
from flow_engine.short_forms import spelled_out
from flow_engine.state import CHANGE, RIGHT, SURE
from flow_engine.transitions import refuse
from flow_engine.typed_answers import ask_if_sure
from flow_engine.words import as_keyword, normalise
from texts.catalogue import Texts

#: Fewest words of a text that make it a sentence, among those that the program knows.
MIN_SENTENCE_WORDS = 2
#: Groups of whole messages that answer something else.
MEANINGS = ("pause", "yes", "no", "last", "all_right", "nothing_to_change", "skip")
_PARTICLES = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.names.particles
)


class Doubt(IntEnum):
    """How doubtful it is that a text is a name."""

    NONE = 0
    #: the person is asked back
    UNSURE = 1
    NO_NAME = 2


def doubted(texts: Texts, flow: Flow[Any], state: FlowState, answer: str, step: Turn) -> Turn:
    """Return where a text leads, `step` without doubts: it is asked about, or refused as a name."""
    is_own = state.aside in ("", SURE) and answer not in (RIGHT, CHANGE)
    is_name = is_own and takes_names(flow, state.step) and flow.takes(state.step, answer)
    doubt = name_doubt(texts, answer) if is_name else Doubt.NONE
    before = state.model_copy(update={"aside": "", "begun": ""})
    if doubt is Doubt.UNSURE:
        return ask_if_sure(flow, before, str(flow.parse(state.step, answer)))
    return refuse(flow, before, "common.no_name") if doubt is Doubt.NO_NAME else step


def name_doubt(texts: Texts, text: str) -> Doubt:
    """Return how doubtful it is that a text which a name could be is one.

    Two words that the bot understands raise doubts, or nothing but such words. "My name is …",
    and a capital letter at the beginning of each word, speak for a name.
    """
    written = [word for word in without_introduction(text).split() if as_keyword(word)]
    words = [(word, as_keyword(word)) for word in written]
    words = [one for one in words if one[1] not in _PARTICLES]
    known = [one for _, one in words if _is_known(texts, one)]
    if words and not known:
        return Doubt.NONE
    is_meant = any(texts.is_word(group, text) for group in MEANINGS)
    is_sentence = is_meant or len(known) >= MIN_SENTENCE_WORDS or len(known) == len(words)
    if not is_sentence and not texts.vocabulary.asks(text):
        return Doubt.NONE
    is_written_as_name = bool(words) and all(one.istitle() for one, _ in words)
    is_said_to_be_one = bool(words) and introduced(text) and not is_meant
    return Doubt.UNSURE if is_written_as_name or is_said_to_be_one else Doubt.NO_NAME


def _is_known(texts: Texts, word: str) -> bool:
    """Return whether a word, or one that it is short for in a chat, is no name."""
    return any(map(texts.written_language.knows, (word, *spelled_out(word).split())))
