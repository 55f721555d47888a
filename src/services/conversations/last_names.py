"""What people write when they are asked for their last name, or say that they have none."""

import re
from typing import Any

from flow_engine import Flow, FlowState
from flow_engine.fitting import takes_names
from flow_engine.partial_names import first_name_alone
from flow_engine.words import as_keyword
from services.conversations.bare_values import bare_value
from texts.catalogue import Texts

#: What stands between a name and the words that it is the only one.
_CLAUSES = re.compile(r"[,;.!()\n]+|\s(?:and|but|y|pero|e|mas)\s", re.IGNORECASE)


def only_name(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> str | None:
    """Return the one name of a person who says that there is no other; else None."""
    if state.aside or not takes_names(flow, state.step):
        return None
    clauses = {one: texts.is_word("one_name", one) for one in _CLAUSES.split(text) if one.strip()}
    if state.begun:
        has_none = texts.is_word("skip", text) or texts.choices.yes_or_no(text) == "no"
        return state.begun if has_none or any(clauses.values()) else None
    others = (one for one, says_so in clauses.items() if not says_so)
    names = (first_name_alone(flow, state.step, one) for one in others)
    return next(filter(None, names), None) if any(clauses.values()) else None


def last_name(texts: Texts, text: str) -> tuple[str, bool]:
    """Return a message without the words that say that it is a last name, and if there are any."""
    written = text.split()
    words = [as_keyword(word) for word in written]
    named = list(texts.vocabulary.places("surname", words))
    start, end = max((end for _, end in named), default=0), len(written)
    if named and start == end:  # "Ruiz is my surname"
        linking = texts.vocabulary.words("linking")
        start, end = 0, next((at for at, word in enumerate(words) if word in linking), end)
    value = " ".join(bare_value(texts, written[start:end]) or written[end - 1 : end])
    return value, bool(named)
