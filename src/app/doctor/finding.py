"""What is looked at, and what was found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How it is."""

    #: nothing to do
    OK = "OK"
    #: works for now, or for most
    WARN = "WARN"
    #: the bot cannot work like this
    FAIL = "FAIL"
    #: there was nothing to look at
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for the operator."""

    result: Result
    said: str
    #: a command to type, or a place in a dashboard; empty where nothing is to be done
    fix: str = ""
    #: that of its check, which the runner puts here
    name: str = ""


#: Looks at one thing; it may raise anything.
Examination = Callable[[], Awaitable[Finding | Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    examine: Examination
    #: checks that must have found something to go on
    needs: tuple[str, ...] = ()


def ok(said: str) -> Finding:
    return Finding(Result.OK, said)


def warn(said: str, fix: str) -> Finding:
    return Finding(Result.WARN, said, fix)


def fail(said: str, fix: str) -> Finding:
    return Finding(Result.FAIL, said, fix)


def skip(said: str, fix: str = "") -> Finding:
    return Finding(Result.SKIP, said, fix)
