"""Invents texts that match a regular expression."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

#: Repetitions beyond the fewest, in the longer of the two samples.
MORE_REPETITIONS = 8
LETTERS = "aA0 -_.@/"

_parser: Any = importlib.import_module("re._parser")


def matching_texts(pattern: str) -> Iterator[str]:
    """Yield a short and a longer text for a pattern; nothing for one that cannot be read."""
    try:
        tree = _parser.parse(pattern)
        yield _text(tree, 0)
        yield _text(tree, MORE_REPETITIONS)
    except (_parser.error, NotImplementedError, IndexError, StopIteration, RecursionError):
        return


def _text(tree: Iterable[tuple[Any, Any]], more: int) -> str:
    return "".join(_part(str(operation), argument, more) for operation, argument in tree)


def _part(operation: str, argument: Any, more: int) -> str:
    match operation:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            return _letter_of(argument if operation == "IN" else [(operation, argument)])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            fewest, most, repeated = argument
            return _text(repeated, more) * min(int(most), int(fewest) + more)
        case "SUBPATTERN" | "ATOMIC_GROUP":
            return _text(argument[-1] if operation == "SUBPATTERN" else argument, more)
        case "BRANCH":
            return _text(argument[1][0], more)
        case "AT":
            return ""
    raise NotImplementedError(operation)


def _letter_of(members: list[tuple[Any, Any]]) -> str:
    """Return a letter of a set such as `[A-Z0-9]`, or of all but a set."""
    names = [str(name) for name, _ in members]
    if names[0] in ("ANY", "NOT_LITERAL"):
        return next(letter for letter in LETTERS if ord(letter) != members[0][1])
    if names[0] == "NEGATE":
        return next(letter for letter in LETTERS if not _is_member(letter, members[1:]))
    ranges = [value for name, value in members if str(name) == "RANGE"]
    letters = [chr(value) for name, value in members if str(name) == "LITERAL"]
    if ranges or letters:
        return chr(ranges[0][0]) if ranges else letters[0]
    return next(letter for letter in LETTERS if _is_member(letter, members))


def _is_member(letter: str, members: list[tuple[Any, Any]]) -> bool:
    return any(_is(letter, str(name), value) for name, value in members)


def _is(letter: str, name: str, value: Any) -> bool:
    match name:
        case "LITERAL":
            return bool(ord(letter) == value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
    is_negated = "_NOT_" in str(value)
    kinds = {"DIGIT": letter.isdigit(), "SPACE": letter.isspace()}
    kind = kinds.get(str(value).rpartition("_")[2], letter.isalnum() or letter == "_")
    return kind != is_negated
