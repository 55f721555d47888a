"""Functions of Airtable's formulas, by name.

Source: support.airtable.com/docs/formula-field-reference
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from emulator.airtable.formula_dates import added, difference, formatted, is_same
from emulator.airtable.formula_values import (
    FormulaError,
    day,
    equal,
    is_true,
    moment,
    number,
    numbers,
    text,
)

#: A record's cells by name, with "RECORD_ID", "NOW" and the times in capitals.
Row = Mapping[str, Any]
Function = Callable[[Row, list[Any]], Any]


def _substituted(value: Any, old: Any, new: Any, index: Any = None) -> str:
    whole, before, after = text(value), text(old), text(new)
    if index is None or not before:
        return whole.replace(before, after) if before else whole
    parts, place = whole.split(before), int(number(index))
    if place >= len(parts):
        return whole
    return before.join(parts[:place]) + after + before.join(parts[place:])


def _matched(value: Any, pattern: Any) -> re.Match[str] | None:
    try:
        return re.search(text(pattern), text(value))
    except re.error as error:
        raise FormulaError(str(error)) from None


def _extracted(value: Any, pattern: Any) -> str:
    found = _matched(value, pattern)
    if found is None:
        raise FormulaError("no match")
    return found[0]


def _switched(given: list[Any]) -> Any:
    value, pairs = given[0], given[1:]
    for at in range(0, len(pairs) - 1, 2):
        if equal(value, pairs[at]):
            return pairs[at + 1]
    return pairs[-1] if len(pairs) % 2 else None


def _rounded(value: Any, digits: Any, way: Callable[[float], int]) -> float:
    scale = 10 ** int(number(digits))
    return float(way(number(value) * scale) / scale)


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _modulo(value: Any, divisor: Any) -> float:
    if not number(divisor):
        raise FormulaError("division by zero")
    return number(value) % number(divisor)


def _found(given: list[Any]) -> int:
    start = int(number(given[2])) - 1 if len(given) > 2 else 0
    return text(given[1]).find(text(given[0]), max(start, 0)) + 1


def _searched(given: list[Any]) -> int | None:
    """The same in letters of any case; empty where there is none."""
    return _found([text(given[0]).lower(), text(given[1]).lower(), *given[2:]]) or None


def _joined(given: list[Any]) -> str:
    values = given[0] if isinstance(given[0], list) else [given[0]]
    return (text(given[1]) if len(given) > 1 else ", ").join(text(one) for one in values)


def _now(row: Row) -> datetime:
    return moment(row["NOW"])


def _of(function: Callable[..., Any]) -> Function:
    """A function that needs no record."""
    return lambda _row, given: function(*given)


FUNCTIONS: Mapping[str, Function] = {
    "AND": _of(lambda *given: all(map(is_true, given))),
    "OR": _of(lambda *given: any(map(is_true, given))),
    "NOT": _of(lambda value: not is_true(value)),
    "XOR": _of(lambda *given: sum(map(is_true, given)) % 2 == 1),
    "IF": _of(lambda condition, yes, no=None: yes if is_true(condition) else no),
    "SWITCH": lambda _row, given: _switched(given),
    "TRUE": _of(lambda: True),
    "FALSE": _of(lambda: False),
    "BLANK": _of(lambda: None),
    "RECORD_ID": lambda row, _given: row["RECORD_ID"],
    "CREATED_TIME": lambda row, _given: moment(row["CREATED_TIME"]),
    "LAST_MODIFIED_TIME": lambda row, _given: moment(row["LAST_MODIFIED_TIME"]),
    "NOW": lambda row, _given: _now(row),
    "TODAY": lambda row, _given: _now(row).replace(hour=0, minute=0, second=0, microsecond=0),
    "LOWER": _of(lambda value: text(value).lower()),
    "UPPER": _of(lambda value: text(value).upper()),
    "TRIM": _of(lambda value: text(value).strip()),
    "LEN": _of(lambda value: len(text(value))),
    "T": _of(lambda value: value if isinstance(value, str) else None),
    "VALUE": _of(number),
    "CONCATENATE": _of(lambda *given: "".join(map(text, given))),
    "LEFT": _of(lambda value, count: text(value)[: int(number(count))]),
    "RIGHT": _of(lambda value, count: text(value)[-int(number(count)) :] if count else ""),
    "MID": _of(
        lambda value, start, count: text(value)[
            int(number(start)) - 1 : int(number(start)) - 1 + int(number(count))
        ]
    ),
    "REPT": _of(lambda value, count: text(value) * int(number(count))),
    "REPLACE": _of(
        lambda value, start, count, new: (
            text(value)[: int(number(start)) - 1]
            + text(new)
            + text(value)[int(number(start)) - 1 + int(number(count)) :]
        )
    ),
    "SUBSTITUTE": _of(_substituted),
    "FIND": lambda _row, given: _found(given),
    "SEARCH": lambda _row, given: _searched(given),
    "EXACT": _of(lambda left, right: text(left) == text(right)),
    "ENCODE_URL_COMPONENT": _of(lambda value: quote(text(value), safe="")),
    "REGEX_MATCH": _of(lambda value, pattern: _matched(value, pattern) is not None),
    "REGEX_EXTRACT": _of(_extracted),
    "REGEX_REPLACE": _of(lambda value, old, new: re.sub(text(old), text(new), text(value))),
    "ARRAYJOIN": lambda _row, given: _joined(given),
    "ARRAYCOMPACT": _of(lambda values: [one for one in values or () if one not in (None, "")]),
    "ARRAYUNIQUE": _of(lambda values: list(dict.fromkeys(values or ()))),
    "SUM": _of(lambda *given: sum(numbers(given))),
    "MAX": _of(lambda *given: max(numbers(given), default=0)),
    "MIN": _of(lambda *given: min(numbers(given), default=0)),
    "AVERAGE": _of(lambda *given: sum(numbers(given)) / len(numbers(given))),
    "COUNT": _of(lambda *given: len(numbers(given))),
    "COUNTA": _of(lambda *given: sum(one not in (None, "") for one in given)),
    "COUNTALL": _of(lambda *given: len(given)),
    "ROUND": _of(lambda value, digits=0: _rounded(value, digits, _half_up)),
    "ROUNDUP": _of(lambda value, digits=0: _rounded(value, digits, math.ceil)),
    "ROUNDDOWN": _of(lambda value, digits=0: _rounded(value, digits, math.floor)),
    "INT": _of(lambda value: math.floor(number(value))),
    "CEILING": _of(lambda value, step=1: math.ceil(number(value) / step) * step),
    "FLOOR": _of(lambda value, step=1: math.floor(number(value) / step) * step),
    "ABS": _of(lambda value: abs(number(value))),
    "MOD": _of(_modulo),
    "POWER": _of(lambda base, power: number(base) ** number(power)),
    "SQRT": _of(lambda value: math.sqrt(number(value))),
    "EXP": _of(lambda value: math.exp(number(value))),
    "LOG": _of(lambda value, base=10: math.log(number(value), number(base))),
    "EVEN": _of(lambda value: math.ceil(number(value) / 2) * 2),
    "ODD": _of(lambda value: math.ceil((number(value) - 1) / 2) * 2 + 1),
    "DATEADD": _of(added),
    "DATETIME_DIFF": _of(difference),
    "DATETIME_FORMAT": _of(formatted),
    "DATETIME_PARSE": _of(lambda value, _form=None, _locale=None: moment(value)),
    "SET_TIMEZONE": _of(lambda value, _zone: moment(value)),
    "SET_LOCALE": _of(lambda value, _locale: moment(value)),
    "DATESTR": _of(lambda value: day(value).isoformat()),
    "TIMESTR": _of(lambda value: f"{moment(value):%H:%M:%S}"),
    "IS_SAME": _of(is_same),
    "IS_AFTER": _of(lambda left, right: moment(left) > moment(right)),
    "IS_BEFORE": _of(lambda left, right: moment(left) < moment(right)),
    "YEAR": _of(lambda value: moment(value).year),
    "MONTH": _of(lambda value: moment(value).month),
    "DAY": _of(lambda value: moment(value).day),
    "HOUR": _of(lambda value: moment(value).hour),
    "MINUTE": _of(lambda value: moment(value).minute),
    "SECOND": _of(lambda value: moment(value).second),
    "WEEKDAY": _of(lambda value: moment(value).isoweekday() % 7),
    "WEEKNUM": _of(lambda value: moment(value).isocalendar().week),
}
