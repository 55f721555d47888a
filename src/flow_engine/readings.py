"""How typed answers are read, by the type of a field: numbers in sentences, days by their names."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import regex
from pydantic import (
    BeforeValidator,
    EmailStr,
    FutureDate,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from flow_engine.answers import MONTH_FIRST
from flow_engine.dates import AmbiguousDateError, iso_date
from flow_engine.days import coming_day
from flow_engine.field_types import alternatives, is_date
from flow_engine.reachability import mail_in
from flow_engine.sentences import count_in
from flow_engine.words import plain_digits

_SPACES, _POINTS = regex.compile(r"[\u00a0' ]"), regex.compile(r"[.,]")
_THOUSANDS = regex.compile(r"[.,](?=\d{3}(?:\D|$))")
_NUMBER = regex.compile(r"[-+]?\d+(?:[.,\u00a0' ]\d{3})*(?:[.,]\d+)?")


def readings(annotation: Any, text: str) -> Iterator[object]:
    """Yield the ways to read a typed answer, the likeliest first."""
    kinds = alternatives(annotation)
    yield text
    is_whole = int in kinds
    if is_whole or float in kinds or Decimal in kinds:
        yield from _numbers(text, is_whole=is_whole)
        if (number := count_in(text)) is not None:
            yield number
    if EmailStr in kinds and (mail := mail_in(text)) is not None:
        yield mail


def read_typed(
    adapter: TypeAdapter[object], annotation: Any, text: str, context: Mapping[str, object]
) -> object:
    """Return a typed answer as its JSON value, by the likeliest reading; ValidationError."""
    refusal: ValidationError | None = None
    try:
        for reading in readings(annotation, text):
            try:
                value = adapter.validate_python(reading, context=dict(context))
            except ValidationError as error:
                refusal = refusal or error
            else:
                return adapter.dump_python(value, mode="json")
        assert refusal is not None, "each type has a reading"
        raise refusal
    finally:
        # The error leads to this frame, and the collector of Python does not see into errors of
        # pydantic: while the frame leads back, neither is freed, nor what the callers hold.
        del refusal


def as_typed(annotation: Any) -> Any:
    """Return the type of a field so that it reads a day as people write it."""
    if not is_date(annotation):
        return annotation
    read = _coming_day if FutureDate in alternatives(annotation) else _day
    return Annotated[annotation, BeforeValidator(read)]


def _coming_day(text: object, info: ValidationInfo) -> object:
    """Return a day as ISO, also one that is named: "tomorrow", "on friday"."""
    with suppress(ValueError):
        return coming_day(str(text), datetime.now(UTC).date())
    return _day(text, info)


def _day(text: object, info: ValidationInfo) -> object:
    """Return a day as ISO; other texts are left to the type itself, but for bare numbers."""
    is_month_first = bool((info.context or {}).get(MONTH_FIRST))
    try:
        return iso_date(text, is_month_first_usual=is_month_first)
    except AmbiguousDateError:
        raise
    except ValueError:
        if str(text).strip().isdecimal():
            raise
        return text


def _numbers(text: str, *, is_whole: bool) -> Iterator[str]:
    """Yield the only number in a sentence: "a table for 4", "12,50 €", "1.250,50"."""
    found = _NUMBER.findall(plain_digits(text[:200]))
    if len(found) != 1:
        return
    digits = _SPACES.sub("", found[0])
    if is_whole:
        yield _THOUSANDS.sub("", digits)
        return
    decimal = max(digits.rfind("."), digits.rfind(","))
    if decimal < 0:
        yield digits
        return
    yield _POINTS.sub("", digits[:decimal]) + "." + digits[decimal + 1 :]
