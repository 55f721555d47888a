"""A name of which people give the first one only: "Ana". The last one is asked then.

People who have no other name say so, or give the same one again, and it is taken.
"""

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from flow_engine.fitting import takes_names
from flow_engine.sentences import names_in, without_introduction
from flow_engine.words import normalise

if TYPE_CHECKING:
    from flow_engine.flow import Flow

#: The text that asks for the last name.
LAST_NAME = "common.which_last_name"
#: What is said to words that are none.
NO_LAST_NAME = "common.no_last_name"
#: How alike the first words of two names of one person are: "Ana", "Anna".
ALIKE = 0.8


def first_name_alone(flow: "Flow[Any]", step: str, text: str) -> str | None:
    """Return the only name that a text gives, where a first and a last one are asked for."""
    if not takes_names(flow, step) or flow.takes(step, text):
        return None
    try:
        return str(flow.parse(step, text, is_one_name_enough=True))
    except ValidationError:
        return None


def whole_name(begun: str, text: str) -> str:
    """Return a name from its beginning and what the person wrote next.

    That is the last name, or the whole one, or the beginning again.
    """
    said = without_introduction(text)
    first, *others = said.split() or [""]
    if is_alike(first, begun):
        return said if others else begun
    is_whole = any(len(one.split()) > 1 for one in names_in(text))
    return said if is_whole else f"{begun} {said}"


def is_alike(word: str, begun: str) -> bool:
    """Return whether a word is the first name that was given, in another spelling perhaps."""
    return SequenceMatcher(None, normalise(word), normalise(begun)).ratio() >= ALIKE
