"""Whether a call is answered, and why not: pure, and in this order."""

from dataclasses import dataclass
from datetime import timedelta

from features.calls.states import End

#: Age from which a call no longer rings (Meta: 30 to 60 seconds).
STALE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls are taken; calls are off where there is no engine."""

    at_once: int
    per_person_per_hour: int
    #: Whether another process may take a call for which this one has no line.
    are_shared: bool = False
    #: Whether a phone may ring on until the engine of this process can take the call.
    is_waited_for: bool = False


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known when a person calls."""

    #: Time since Meta sent the offer.
    age: timedelta
    is_on: bool
    #: Whether the engine can take a call.
    is_ready: bool
    #: Whether the bot serves this person: allowlist, blocked people, opt-out.
    is_allowed: bool
    has_offer: bool
    #: Whether calls are open by Meta's call hours of the number.
    is_open: bool
    #: Whether somebody of the team answers this person in the chat.
    is_held: bool


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Other calls, as the database has them in the same transaction."""

    #: Calls of this process that go on.
    live: int
    #: Calls of this person that go on.
    live_of_person: int
    #: Calls of this person within the last hour that were answered.
    recent_of_person: int


def turned_away(facts: CallFacts, counts: CallCounts, limits: Limits) -> End | None:
    """Return why a call is rejected at Meta; None if it is answered."""
    if facts.age > STALE_AFTER:
        return End.MISSED
    if not facts.is_allowed:
        return End.NOT_ALLOWED
    if not facts.is_on:
        return End.OFF
    if not facts.has_offer:
        return End.FAILED
    is_full = counts.live_of_person > 0 or counts.live >= limits.at_once
    is_often = counts.recent_of_person >= limits.per_person_per_hour
    return End.BUSY if is_full or is_often or not facts.is_ready else None


def may_wait(facts: CallFacts, counts: CallCounts, limits: Limits) -> bool:
    """Return whether a call for which there is no line rings on: there may be one soon."""
    is_full = counts.live >= limits.at_once
    return (limits.are_shared and is_full) or (limits.is_waited_for and not facts.is_ready)


def short_answer(facts: CallFacts) -> End | None:
    """Return why a call that is answered gets one sentence and no menu; None: it gets the menu.

    To answer briefly keeps the pick-up rate, by which Meta decides who may be called.
    """
    if facts.is_held:
        return End.HELD
    return None if facts.is_open else End.CLOSED
