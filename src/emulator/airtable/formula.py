"""The part of Airtable's formulas that programs filter records with.

Source: support.airtable.com/docs/formula-field-reference
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from emulator.airtable.errors import invalid
from emulator.airtable.formula_functions import FUNCTIONS, Row
from emulator.airtable.formula_values import (
    FormulaError,
    equal,
    is_true,
    number,
    ordered,
    text,
)

TOKEN = re.compile(
    r"""\s*(?:
        (?P<field>\{(?:\\.|[^}])*\})
      | (?P<text>'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*")
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign><=|>=|!=|[=<>()&,+*/-])
    )""",
    re.VERBOSE,
)
Term = Callable[[Row], Any]
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse(formula: str, fields: Collection[str]) -> Term:
    """A function that tells what the formula says of a record; a refusal if it says nothing.

    `fields` are the names and ids of the table.
    """
    parser = _Parser(_tokens(formula), fields)
    term = parser.comparison()
    parser.end()
    return term


def holds(term: Term, row: Row) -> bool:
    """Whether a formula is true for a record. Where it has no value, as with #ERROR!, it is not."""
    try:
        return is_true(term(row))
    except (FormulaError, ArithmeticError, LookupError, TypeError, ValueError):
        return False


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
    def __init__(self, tokens: Sequence[tuple[str, str]], fields: Collection[str]) -> None:
        self._tokens = tokens
        self._fields = fields
        self._at = 0

    def comparison(self) -> Term:
        return self._chain(0)

    def _chain(self, level: int) -> Term:
        """Terms between operators of one level; those of the next level bind more tightly."""
        if level == len(OPERATORS):
            return self._signed()
        left, operators = self._chain(level + 1), OPERATORS[level]
        while self._peek()[0] == "sign" and self._peek()[1] in operators:
            operator = operators[self._peek()[1]]
            self._at += 1
            left = _operation(operator, left, self._chain(level + 1))
        return left

    def _signed(self) -> Term:
        if self._peek() not in (("sign", "-"), ("sign", "+")):
            return self._operand()
        is_minus = self._peek()[1] == "-"
        self._at += 1
        term = self._signed()
        return (lambda row: -number(term(row))) if is_minus else term

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _wrong(f"Unexpected {self._peek()[1]!r}")

    def _operand(self) -> Term:
        kind, token = self._peek()
        self._at += 1
        if kind == "field":
            return self._field(_unescaped(token[1:-1]))
        if kind == "text":
            value = _unescaped(token[1:-1])
            return lambda _row: value
        if kind == "number":
            return lambda _row: float(token)
        if kind == "name":
            return self._call(token)
        if token == "(":
            inner = self.comparison()
            self._take(")")
            return inner
        raise _wrong("Something is missing")

    def _field(self, name: str) -> Term:
        if name not in self._fields:
            raise _wrong(f"Unknown field names: {name.lower()}")
        return lambda row: row[name]

    def _call(self, name: str) -> Term:
        if self._peek() != ("sign", "("):
            return self._field(name)
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


def _operation(operator: Callable[[Any, Any], Any], left: Term, right: Term) -> Term:
    return lambda row: operator(left(row), right(row))


def _compared(way: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: way(*ordered(left, right))


#: Operators by level, from the one that binds least.
OPERATORS: Sequence[Mapping[str, Callable[[Any, Any], Any]]] = (
    {
        "=": equal,
        "!=": lambda left, right: not equal(left, right),
        "<": _compared(lambda left, right: left < right),
        ">": _compared(lambda left, right: left > right),
        "<=": _compared(lambda left, right: left <= right),
        ">=": _compared(lambda left, right: left >= right),
    },
    {"&": lambda left, right: text(left) + text(right)},
    {
        "+": lambda left, right: number(left) + number(right),
        "-": lambda left, right: number(left) - number(right),
    },
    {
        "*": lambda left, right: number(left) * number(right),
        "/": lambda left, right: number(left) / number(right),
    },
)
