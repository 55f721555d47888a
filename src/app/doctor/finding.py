"""The check of one thing, and what it found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """The outcome of a check."""

    #: Nothing to do.
    OK = "OK"
    #: The bot works for now, or for most people.
    WARN = "WARN"
    #: The bot cannot work.
    FAIL = "FAIL"
    #: There was nothing to check.
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for the operator."""

    result: Result
    said: str
    #: A command to type or a place in a dashboard; empty when nothing is to be done.
    fix: str = ""
    #: The name of its check; the runner fills it in.
    name: str = ""


#: The function of a check. It may raise anything: the runner reports that as a FAIL.
Examination = Callable[[], Awaitable[Finding | Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to check.

    Each part of the program yields its own checks from a function `checks(...)`, which
    `app.doctor.plan` calls.
    """

    name: str
    examine: Examination
    #: Names of the checks without whose success this one makes no sense.
    needs: tuple[str, ...] = ()
    #: Whether it asks other computers: such checks run only with `--live`, or when named.
    is_live: bool = False


def ok(said: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(Result.OK, said)


def warn(said: str, fix: str) -> Finding:
    """Return a finding about something that works for now, or for most people."""
    return Finding(Result.WARN, said, fix)


def fail(said: str, fix: str) -> Finding:
    """Return a finding about something without which the bot cannot work."""
    return Finding(Result.FAIL, said, fix)


def skip(said: str, fix: str = "") -> Finding:
    """Return the finding of a check that had nothing to check."""
    return Finding(Result.SKIP, said, fix)
