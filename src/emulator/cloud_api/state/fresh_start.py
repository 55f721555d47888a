"""Starting people afresh, and moving the clock of everybody."""

from collections.abc import Iterable

from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import Person, digits_of


def forget(account: Account, person: Person | None) -> None:
    """Start a person afresh, or everyone: then only the contacts of the start are there."""
    people = [person] if person else [*account.people]
    for one in people:
        account.calls.hang_up(one)
        account.calls.permissions.forget(one)
        account.pacing.forget(one)
        account.ids.forget(one)
    wa_ids = {one.wa_id for one in people}
    account.webhooks.forget(wa_ids)
    account.traffic_log.forget(wa_ids)
    if person:
        account.people.start_afresh(person)
    else:
        account.people.clear()
        account.people.add_demo_contacts()
    account.feed.publish({"forgotten": person.wa_id if person else None})


def find_person(account: Account, wanted: str) -> Person:
    """Return whom a number, a user id or a name means.

    Raise ValueError if that is nobody, or more than one.
    """
    text, people = wanted.strip(), account.people
    found = [one for one in people if text in (one.user_id, one.username)]
    found = found or [one for one in people if one.wa_id == (digits_of(text) or "-")]
    found = found or [one for one in people if one.name.casefold() == text.casefold()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} (+{one.wa_id})" for one in people.recent(10))
    what = "Several people are" if found else "Nobody is"
    raise ValueError(f"{what} called {text}. Give the phone number of one of: {names}.")


def identifiers(people: Iterable[Person]) -> list[str]:
    """Return the numbers and user ids of people."""
    return [one for person in people for one in (person.wa_id, person.user_id)]


def move_clock(account: Account, seconds: float) -> None:
    """Move the clock of emulator and bot, and note it in the conversations."""
    if seconds > 0:
        account.clock.advance(seconds)
    else:
        account.clock.reset()
        for line in account.lines:
            line.speed.forget()
    for person in [one for one in account.people if one.entries]:
        note = {"seconds": seconds, "ahead": account.clock.ahead}
        person.add({"from": "clock", "type": "clock", "clock": note, "at": account.clock()})
    account.tell_reviews()
    account.calls.end_unanswered()
    account.orders.tell()
    account.feed.publish({"clock": {"now": account.clock(), "ahead": account.clock.ahead}})
