"""What the type of a form's field says about its question: choices, files, how to read numbers."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, FutureDate, PastDate

from flow_engine.received import Received

#: Types of which a person may choose more than one value.
_SEVERAL = (list, tuple, set, frozenset)
_DATES: tuple[Any, ...] = (date, PastDate, FutureDate)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the types that a value may have, without None: (Place, str) of `Place | str`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(one for each in get_args(annotation) for one in alternatives(each))
    return () if annotation is NoneType else (annotation,)


def is_optional(annotation: Any) -> bool:
    """Return whether a value may be None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_optional(get_args(annotation)[0])
    return annotation is NoneType or (
        origin in (Union, UnionType) and any(map(is_optional, get_args(annotation)))
    )


def literal_options(annotation: Any) -> tuple[Any, ...]:
    """Return the values of a Literal, or those of a list of them."""
    for one in alternatives(annotation):
        if get_origin(one) is Literal:
            return get_args(one)
        if get_origin(one) in _SEVERAL and get_args(one):
            return literal_options(get_args(one)[0])
    return ()


def is_several(annotation: Any) -> bool:
    """Return whether a person may choose more than one value."""
    return any(get_origin(one) in _SEVERAL for one in alternatives(annotation))


def received_types(annotation: Any) -> tuple[type[Received], ...]:
    """Return the kinds of files, places and contacts that answer the question."""
    kinds = alternatives(annotation)
    return tuple(one for one in kinds if isinstance(one, type) and issubclass(one, Received))


def takes_text(annotation: Any) -> bool:
    """Return whether a typed answer can be right."""
    return len(received_types(annotation)) < len(alternatives(annotation))


def is_date(annotation: Any) -> bool:
    """Return whether this is a day, without a time."""
    return any(one in _DATES for one in alternatives(annotation))


def chosen(value: object) -> tuple[str, ...]:
    """Return several choices as a tuple."""
    return tuple(map(str, value)) if isinstance(value, Sequence | Set) else ()


#: What Meta says of an ad or a post (`source_type`): its id, address, words, and for ads the id of
#: the click and the payload (`ref`) that its author chose.
REFERRAL_FIELDS = ("source_type", "source_id", "source_url", "headline", "body", "ctwa_clid", "ref")
#: The fields that `Flow(referrals=...)` names.
NAMED_BY = ("source_id", "ref")


@dataclass(frozen=True, slots=True)
class FromReferral:
    """Marks a field of a form that the bot fills in; it stays as it is for other people."""

    #: one of REFERRAL_FIELDS
    name: str


def fields_from_referral(form: type[BaseModel]) -> Mapping[str, str]:
    """Return the fields of a form that are filled in, and from what."""
    return {
        name: mark.name
        for name, info in form.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, FromReferral)
    }


def given_by(form: type[BaseModel], referral: Mapping[str, Any] | None) -> dict[str, object]:
    """Return what is filled in before anything is asked."""
    known = referral or {}
    given = fields_from_referral(form).items()
    defaults = {name: form.model_fields[name].get_default() for name, _ in given}
    return {name: known.get(source) or defaults[name] for name, source in given}
