"""Invents answers to a question from the type of its field: always the same ones."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.checks.sample_patterns import matching_texts
from flow_engine import ContactCard, File, Photo, Place, Received, Video, Voice
from flow_engine.flow import Flow
from flow_engine.state import RIGHT

#: Types of which two samples are tried, since flows compare them.
COMPARED_TYPES = (int, float, Decimal, date, time, timedelta)
#: Errors of pydantic for an assignment that is never allowed.
FROZEN = ("frozen_field", "frozen_instance")
SENTENCE = "Example text of somebody. "
#: What people answer, in the formats that types and validators usually ask for.
USUAL_TEXTS = (
    *("1990-12-25", "1990-12-26", "2999-01-01", "2999-01-02", "25/12/1990", "01/01/2999"),
    *("10:30", "18:00", "2999-01-01T10:30:00Z", "1990-12-25T10:30:00Z"),
    *("1", "10", "0", "100", "12345", "1234567890", "0.5", "12.50", "-1", "yes", "no"),
    *("ana@example.com", "https://example.com", "+573001234567", "3001234567", "127.0.0.1"),
    *("AB12345", "AB123", "ABC123", "123e4567-e89b-12d3-a456-426614174000", "4111111111111111"),
    *("Ana", "Ana Gómez", "Bogotá", "es", "CO", "USD", "A", "a", "#ff0000", "{}", "[]"),
)


FILE = {"media_id": "1", "kind": "image", "mime_type": "image/jpeg"}
#: What people send instead of text.
RECEIVED: Mapping[type[Received], Mapping[str, object]] = {
    **dict.fromkeys((Photo, Video, Voice, File), FILE),
    Place: {"latitude": 4.6, "longitude": -74.0, "name": "Harbour"},
    ContactCard: {"name": "Ana Gómez", "phones": ["+573001234567"]},
}


def sample_answers(flow: Flow[Any], name: str) -> tuple[object, ...]:
    """Return answers that a step takes, as it stores them; empty if none can be invented.

    A field's own `examples` are preferred. A choice, and an answer that leads somewhere by
    itself, is always among them. An error of a validator other than ValueError is raised.
    """
    info = flow.form.model_fields.get(name)
    if info is None:
        return (RIGHT,)  # a review
    if examples := list(_examples(info)):
        return tuple(_accepted(flow, name, examples))
    if flow.is_several(name):
        options = [*flow.options(name)] or ["1"]
        return tuple(_accepted(flow, name, [options[:1], options]))
    if received := flow.received_types(name):
        return tuple(_accepted(flow, name, [RECEIVED[one] for one in received]))
    if choices := [*flow.options(name), *_members(info.annotation)]:
        return tuple(_accepted(flow, name, choices))
    leading = [*_accepted(flow, name, flow.step(name).then)]
    most = len(leading) + (2 if _is_compared(info.annotation) else 1)
    answers = list(leading)
    for answer in _accepted(flow, name, _texts(info)):
        if answer not in answers:
            answers.append(answer)
        if len(answers) == most:
            break
    return tuple(answers)


def _accepted(flow: Flow[Any], name: str, answers: Iterable[object]) -> Iterator[object]:
    for text in answers:
        try:
            is_text = not isinstance(text, list | dict)
            answer = flow.parse(name, str(text)) if is_text else flow.read(name, text)
        except ValidationError:
            continue
        if not _is_refused(flow.form, name, answer):
            yield answer


def _is_refused(form: type[BaseModel], name: str, answer: object) -> bool:
    """Return whether a validator of the form refuses an answer, whatever the other fields."""
    try:
        form.__pydantic_validator__.validate_assignment(form.model_construct(), name, answer)
    except ValidationError as error:
        faults = [fault for fault in error.errors() if fault["loc"][:1] == (name,)]
        return any(fault["type"] not in FROZEN for fault in faults)
    except Exception:  # noqa: BLE001  a rule across fields, which has only one of them here
        return False
    return False


def _texts(info: FieldInfo) -> Iterator[str]:
    constraints = list(_constraints(info.annotation, info.metadata))
    lengths = {"min_length": 1, "max_length": 40}
    yield from map(str, _near_bounds(constraints))
    for constraint in constraints:
        lengths |= {limit: value for limit in lengths if (value := getattr(constraint, limit, 0))}
    most, fewest = lengths["max_length"], lengths["min_length"]
    sentence = SENTENCE * (1 + max(most, fewest) // len(SENTENCE))
    yield sentence[: max(fewest, min(most, len(SENTENCE)))].strip().ljust(fewest, "x")
    for constraint in constraints:
        if isinstance(pattern := getattr(constraint, "pattern", None), str):
            yield from matching_texts(pattern)
    yield from USUAL_TEXTS


def _near_bounds(constraints: Iterable[object]) -> Iterator[Any]:
    """Yield the least and the greatest value that are allowed, then their neighbours."""
    neighbours = []
    for constraint in constraints:
        for limit, direction in (("ge", 1), ("gt", 1), ("le", -1), ("lt", -1)):
            bound = getattr(constraint, limit, None)
            if bound is None or isinstance(bound, time):
                continue
            step = timedelta(days=1) if isinstance(bound, date | timedelta) else 1
            inner = bound + direction * step
            yield bound if limit in ("ge", "le") else inner
            neighbours.append(inner)
    yield from neighbours
    for constraint in constraints:
        if (factor := getattr(constraint, "multiple_of", None)) is not None:
            yield from (factor, factor * 10)


def _constraints(annotation: Any, metadata: Iterable[Any] = ()) -> Iterator[Any]:
    """Yield the constraints of a field, those inside `... | None` and `Annotated` too."""
    for constraint in (*metadata, *getattr(annotation, "__metadata__", ())):
        yield constraint
        if isinstance(constraint, FieldInfo):
            yield from constraint.metadata
    for argument in get_args(annotation):
        yield from _constraints(argument)


def _examples(info: FieldInfo) -> Iterator[object]:
    yield from info.examples or ()
    for constraint in _constraints(info.annotation):
        if isinstance(constraint, FieldInfo):
            yield from constraint.examples or ()


def _members(annotation: Any) -> Iterator[object]:
    for kind in (annotation, *get_args(annotation)):
        if kind is bool:
            yield from ("yes", "no")
        elif isinstance(kind, type) and issubclass(kind, Enum):
            yield from (member.value for member in kind)


def _is_compared(annotation: Any) -> bool:
    kinds = (annotation, *get_args(annotation))
    return any(isinstance(kind, type) and issubclass(kind, COMPARED_TYPES) for kind in kinds)
