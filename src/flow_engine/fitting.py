"""Which question a typed text is an answer to, by the types of the form's fields alone."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flow_engine.ask import Call, Review
from flow_engine.field_types import is_date
from flow_engine.words import normalise

if TYPE_CHECKING:
    from flow_engine.flow import Flow

#: Steps of which is kept what they ask for.
MAX_KEPT_STEPS = 500
#: A sentence that only fields take which take any text.
_ANY_TEXT = "12 of us, or so: no idea? We do like it here!"
#: Most words of a text that is a name and nothing else.
MAX_NAME_WORDS = 5


#: What a field takes that is for names alone, and what it refuses.
_NAME, _NO_NAME = "Grace Hopper", "Grace 12 Hopper"


#: What a field for a few sentences refuses at first.
_SHORT = "ok"


class Fit(IntEnum):
    """How much it says that a text fits a question, from nothing upwards."""

    NONE = 0
    #: the field takes any text
    ANY_TEXT = 1
    #: the field takes texts of one kind: a name, a number
    KIND = 2
    #: the text is a day, or the name of an option
    EXACT = 3


def fit(flow: "Flow[Any]", name: str, text: str) -> Fit:
    """Return how well a text fits the question of a step."""
    step = flow.step(name)
    if isinstance(step, Review | Call) or name not in flow.form.model_fields:
        return Fit.NONE
    if options := flow.options(name):
        return Fit.EXACT if normalise(text) in map(normalise, options) else Fit.NONE
    if step.options_from is not None or not flow.takes(name, text):
        return Fit.NONE
    if is_date(flow.annotation(name)):
        return Fit.EXACT
    return Fit.ANY_TEXT if _takes_any_text(flow, name) else Fit.KIND


@lru_cache(MAX_KEPT_STEPS)
def _takes_any_text(flow: "Flow[Any]", name: str) -> bool:
    return flow.takes(name, _ANY_TEXT)


@lru_cache(MAX_KEPT_STEPS)
def takes_names(flow: "Flow[Any]", name: str) -> bool:
    """Return whether a question is for a name: letters alone, in any words."""
    if name not in flow.form.model_fields or flow.options(name):
        return False
    return flow.takes(name, _NAME) and not flow.takes(name, _NO_NAME)


@lru_cache(MAX_KEPT_STEPS)
def takes_counts(flow: "Flow[Any]", name: str) -> bool:
    """Return whether a question is for a number, as of guests."""
    is_number = fit(flow, name, "4") is not Fit.NONE and not takes_names(flow, name)
    return is_number and fit(flow, name, "no idea at all") is Fit.NONE


@lru_cache(MAX_KEPT_STEPS)
def asks_for_sentences(flow: "Flow[Any]", name: str) -> bool:
    """Return whether the question of a step asks for text of some length, as of a `LongText`."""
    return fit(flow, name, _ANY_TEXT) is Fit.ANY_TEXT and not flow.takes(name, _SHORT)


def fitting_step(flow: "Flow[Any]", names: Iterable[str], text: str) -> str | None:
    """Return the only question that a text clearly fits; None if it fits none, or several.

    Nearly any words fit one for a name or a few sentences, and so it has to be named.
    """
    named = (takes_names, asks_for_sentences)
    found = {
        one: fit(flow, one, text) for one in names if not any(is_so(flow, one) for is_so in named)
    }
    best = max(found.values(), default=Fit.NONE)
    fitting = [name for name, how in found.items() if how is best]
    others = [name for name, how in found.items() if Fit.NONE < how < best]
    # A sentence in letters alone may be about anything.
    is_sentence = best is Fit.ANY_TEXT and text.replace(" ", "").isalpha()
    is_only = not others and not is_sentence
    is_clear = best is Fit.EXACT or is_only or len(text.split()) <= MAX_NAME_WORDS
    return fitting[0] if best is not Fit.NONE and len(fitting) == 1 and is_clear else None
