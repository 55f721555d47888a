"""The part of Airtable's formulas that programs filter records with.

Source: support.airtable.com/docs/formula-field-reference
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from emulator.airtable.errors import invalid

TOKEN = re.compile(
    r"""\s*(?:
        (?P<field>\{(?:\\.|[^}])*\})
      | (?P<text>'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*")
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign><=|>=|!=|=|<|>|\(|\)|,|&)
    )""",
    re.VERBOSE,
)
#: A record's cells by name, with "RECORD_ID" and the times in capitals.
Row = Mapping[str, Any]
Term = Callable[[Row], Any]
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse(formula: str) -> Term:
    """A function that tells what the formula says of a record; a refusal if it says nothing."""
    parser = _Parser(_tokens(formula))
    term = parser.comparison()
    parser.end()
    return term


def _tokens(formula: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = formula.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _wrong(f"Invalid formula at {text[at:]!r}")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _wrong(message: str) -> Exception:
    return invalid(
        "INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {message}"
    )


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def comparison(self) -> Term:
        left = self._operand()
        kind, sign = self._peek()
        if kind == "sign" and sign in COMPARISONS:
            self._at += 1
            right, compare = self._operand(), COMPARISONS[sign]
            return lambda row: compare(left(row), right(row))
        return left

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _wrong(f"Unexpected {self._peek()[1]!r}")

    def _operand(self) -> Term:
        kind, text = self._peek()
        self._at += 1
        if kind == "field":
            name = _unescaped(text[1:-1])
            return lambda row: row.get(name)
        if kind == "text":
            value = _unescaped(text[1:-1])
            return lambda _row: value
        if kind == "number":
            return lambda _row: float(text)
        if kind == "name":
            return self._call(text)
        if text == "(":
            inner = self.comparison()
            self._take(")")
            return inner
        raise _wrong("Something is missing")

    def _call(self, name: str) -> Term:
        if self._peek() != ("sign", "("):
            return lambda row: row.get(name)
        function = FUNCTIONS.get(name.upper())
        if function is None:
            raise _wrong(f"Unknown function names: {name}")
        self._take("(")
        terms: list[Term] = []
        while self._peek() != ("sign", ")"):
            terms.append(self.comparison())
            if self._peek() == ("sign", ","):
                self._at += 1
        self._take(")")
        return lambda row: function(row, [term(row) for term in terms])

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, sign: str) -> None:
        if self._peek() != ("sign", sign):
            raise _wrong(f"Expected {sign!r}")
        self._at += 1


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return bool(left) == bool(right)
    if isinstance(left, float | int) or isinstance(right, float | int):
        return bool(left == right)
    return _as_text(left) == _as_text(right)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(str(value))


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: (left or 0) < (right or 0),
    ">": lambda left, right: (left or 0) > (right or 0),
    "<=": lambda left, right: (left or 0) <= (right or 0),
    ">=": lambda left, right: (left or 0) >= (right or 0),
}
FUNCTIONS: Mapping[str, Callable[[Row, list[Any]], Any]] = {
    "AND": lambda _row, given: all(given),
    "OR": lambda _row, given: any(given),
    "NOT": lambda _row, given: not given[0],
    "TRUE": lambda _row, _given: True,
    "FALSE": lambda _row, _given: False,
    "BLANK": lambda _row, _given: None,
    "LOWER": lambda _row, given: _as_text(given[0]).lower(),
    "FIND": lambda _row, given: _as_text(given[1]).find(_as_text(given[0])) + 1,
    "RECORD_ID": lambda row, _given: row["RECORD_ID"],
    "CREATED_TIME": lambda row, _given: row["CREATED_TIME"],
    "LAST_MODIFIED_TIME": lambda row, _given: row["LAST_MODIFIED_TIME"],
    "IS_AFTER": lambda _row, given: _moment(given[0]) > _moment(given[1]),
    "IS_BEFORE": lambda _row, given: _moment(given[0]) < _moment(given[1]),
}
