"""Calls at two processes: they are spread, no event goes astray, and one process is killed.

`PYTHONPATH=src:. python -m tests.features.calls.two_engines 20` has 20 people call, and prints the
figures. The processes are real ones: web, chats, twice calls, each of these with an engine.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import create_engine
from tests.fakes.postgres import postgres
from tests.features.calls.called_server import CalledServer, engine_of, runs
from tests.features.calls.kills import LIMITS, served
from tests.features.calls.phones import Phones, phones_of

from features.calls.tables import CallRow
from storage.engine.migrate import upgrade

#: Time after which a phone hears nothing any more of a call that is over, in seconds.
DEAF_SECONDS = 3.0
#: Time for which people talk: the bot ends calls in which nobody does.
TALK_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the calls."""

    #: Calls of each process at first.
    spread: tuple[int, ...]
    #: How calls ended that people hung up, that were with the killed process, and with the other.
    hung_up: set[str | None]
    killed: set[str | None]
    others: set[str | None]
    #: Seconds from the kill until Meta had no open call of that process.
    took: float
    #: Longest pause at the phones of the other process meanwhile, in seconds.
    longest_pause: float

    def __str__(self) -> str:
        spread = " and ".join(map(str, self.spread))
        return (
            f"calls of each process: {spread}\n"
            f"hung up: {self.hung_up}\n"
            f"one process killed: {self.killed}, over at Meta after {self.took:.2f} s "
            f"(limit {LIMITS['bot']:g})\n"
            f"calls of the other one: {self.others}, longest pause {1000 * self.longest_pause:.0f} "
            "ms meanwhile"
        )


async def run(server: CalledServer, phones: Phones, people: Sequence[str]) -> Outcome:
    """Have people call, press a key and hang up, and kill a process in the middle."""
    called = await phones.call(people, talk_seconds=TALK_SECONDS)
    calls = {person: str(one["call"]) for person, one in called.items()}
    owners = {person: row.owner for person, row in _rows(server, calls).items()}
    await phones.press(people, "1")
    await _until(server, lambda: all(row.chosen for row in _rows(server, calls).values()))

    leaving = {next(one for one in people if owners[one] == owner) for owner in owners.values()}
    await phones.hang_up([*leaving])
    await _until(server, lambda: _over(server, calls) == leaving)
    await asyncio.sleep(DEAF_SECONDS)
    left = set(people) - leaving
    assert await _listening(phones, 1.0) == left, "the end of a call came to another one"

    at = time.monotonic()
    killed = server.carriers[0]
    engine = engine_of(killed)
    killing = asyncio.create_task(asyncio.to_thread(server.kill_carrier, killed))
    alike = [{one for one in left if owners[one] == owner} for owner in set(owners.values())]
    await _until(server, lambda: _over(server, calls) - leaving in alike)
    took = time.monotonic() - at
    await killing
    assert not runs(engine), "an engine outlived its bot"
    lost = _over(server, calls) - leaving
    kept = left - lost
    assert await _listening(phones, 1.0) == kept, "another call noticed the kill"
    heard = await phones.heard(at)
    pauses = [later - one for person in kept for one, later in pairwise([at, *heard[person]])]
    ends = _ends(server, calls)
    assert not any(ends[person] for person in kept)
    await phones.hang_up([*kept])
    await _until(server, lambda: _over(server, calls) == set(people))
    return Outcome(
        tuple(sorted(Counter(owners.values()).values())),
        {ends[one] for one in leaving},
        {ends[one] for one in lost},
        {one for person, one in _ends(server, calls).items() if person in kept},
        took,
        max(pauses),
    )


def _rows(server: CalledServer, calls: Mapping[str, str]) -> dict[str, CallRow]:
    """Return what the bot has of the call of each person."""
    rows = server.call_rows([*calls.values()])
    return {person: rows[call] for person, call in calls.items()}


def _over(server: CalledServer, calls: Mapping[str, str]) -> set[str]:
    """Return the people whose calls are over, at Meta and in their rows."""
    rows = _rows(server, calls)
    return {
        person
        for person, call in calls.items()
        if rows[person].is_over and server.call(call)["state"] == "ended"
    }


def _ends(server: CalledServer, calls: Mapping[str, str]) -> dict[str, str | None]:
    return {person: row.outcome for person, row in _rows(server, calls).items()}


async def _listening(phones: Phones, seconds: float) -> set[str]:
    """Return the people whose phones got packets in the last seconds."""
    heard = await phones.heard(time.monotonic() - seconds)
    return {person for person, times in heard.items() if times}


async def _until(server: CalledServer, is_so: Callable[[], bool]) -> None:
    await asyncio.to_thread(server.wait_until, is_so)


async def call_two(folder: Path, url: str, calls: int) -> Outcome:
    """Have so many people call two processes, each with lines for one half of them."""
    people = [f"4915150{number:06}" for number in range(calls)]
    with served(folder, url, MAX_CONCURRENT_CALLS=str(calls // 2)) as server:
        async with phones_of(server.emulator_url) as phones:
            return await run(server, phones, people)


def main() -> None:
    [calls] = (int(one) for one in (*sys.argv[1:], "20")[:1])
    with postgres() as database, tempfile.TemporaryDirectory() as folder:
        upgrade(create_engine(database.url))
        print(asyncio.run(call_two(Path(folder), database.url, calls)))


if __name__ == "__main__":
    main()
