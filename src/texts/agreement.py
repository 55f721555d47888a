"""Whether a longer message agrees: "yes, save it" does, "tá errado" and "sure, after …" do not."""

from collections.abc import Sequence

from flow_engine.phrases import is_made_of
from flow_engine.words import normalise
from texts.vocabulary import Vocabulary

#: Groups of words that may stand beside a yes: other words may take it back.
BESIDE_YES = (
    *("courtesy", "filler", "yes", "yes_start", "all_right", "agreement", "thanks", "praise"),
    *("laughter", "greeting", "beside_yes"),
)
#: Words for yes that are others at the beginning of a sentence: "está", "é", "vamos".
NO_BEGINNINGS = frozenset({"e", "ta", "esta", "pode", "podem", "va", "ya", "vamos", "quero"})
#: Most words of a phrase that begins a longer yes: "claro que sí".
MAX_START_WORDS = 3


def agrees(vocabulary: Vocabulary, text: str, words: Sequence[str], first: str) -> bool:
    """Return whether a message begins with a yes, and has no words that may take it back.

    `words` are its normalised words, `first` is the first one if a mark stands behind it.
    """
    yes = vocabulary.words("yes") - NO_BEGINNINGS
    starts = [" ".join(words[:end]) for end in range(1, MAX_START_WORDS + 1)]
    written = text.split()[0].casefold().strip(",.;!¡")
    is_accented = normalise(written) != written and words[0] in yes  # "si" may also be "if"
    says_yes = not vocabulary.words("yes_start").isdisjoint(starts)
    if not (says_yes or is_accented or first in yes):
        return False
    beside = vocabulary.phrases(*BESIDE_YES)
    return is_made_of(words, vocabulary.phrases("yes", "yes_start"), beside)
