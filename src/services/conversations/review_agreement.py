"""Whether a message agrees to what a review shows, by the verb of its option, in any order.

"Yes store", "just save", "guarda nomás", "no nothing to change just store it please".
"""

from flow_engine import LANGUAGES, Review
from flow_engine.phrases import Phrases, is_covered
from flow_engine.state import CHANGE, REFUSE, WRONG
from flow_engine.typos import unstretched
from flow_engine.words import as_keyword, normalise
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts

#: Most words of such a message.
MAX_WORDS = 14
#: Fewest letters of a word of the option that agrees by itself: "save", not "i".
MIN_VERB_LETTERS = 4
#: Groups of phrases that may stand beside it.
BESIDE = (
    *("courtesy", "filler", "yes", "yes_start", "agreement", "thanks", "praise", "beside_yes"),
    *("only", "choosing", "all_right", "apology"),
)
#: Words that name nothing: the "it" of "store it".
_COMMON = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.search.common.split()
)


def stores(context: ConversationContext, turn: ConversationTurn) -> bool:
    """Return whether a typed message agrees to the open review by the verb of its option.

    Where something was called wrong, the answers are shown once more instead.
    """
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None or turn.message.choice is not None:
        return False
    is_here = state.aside in ("", CHANGE, WRONG) and REFUSE in flow.options(state.step)
    if not is_here or not isinstance(flow.step(state.step), Review):
        return False
    is_plain = context.texts.vocabulary.words("no").issuperset(as_keyword(state.begun).split())
    return is_plain and agrees_to_store(context.texts, f"{flow.name}.{state.step}", turn.text)


def agrees_to_store(texts: Texts, name: str, text: str) -> bool:
    """Return whether a message stores what the review of this name shows.

    Nothing in it may deny anything, but that there is something to change.
    """
    words = unstretched(as_keyword(text)).split()
    if "?" in text or not 0 < len(words) <= MAX_WORDS:
        return False
    vocabulary = texts.vocabulary
    agreeing, refusing = _verbs(texts, name), vocabulary.words("no")
    right = vocabulary.places("all_right", words)
    unchanged = (start for start, end in right if agreeing.isdisjoint(words[start:end]))
    before = [(at - 1, at) for at in unchanged if at and words[at - 1] in refusing]
    around = Phrases((vocabulary.words(*BESIDE) | _COMMON) - vocabulary.words("no", "negation"))
    beside = (*around.find(words), *before)
    return is_covered(len(words), Phrases(agreeing).find(words), beside)


def _verbs(texts: Texts, name: str) -> frozenset[str]:
    """Return the words of the option "yes" that say what it does."""
    vocabulary = texts.vocabulary
    around = vocabulary.words("yes_start", "courtesy", "filler", "negation") | _COMMON
    plain = vocabulary.words("yes") - vocabulary.words("all_right")  # "acepto" may be of the list
    named = texts.words_of_option(name, "yes") - around - plain
    return frozenset(one for one in named if len(one) >= MIN_VERB_LETTERS)
