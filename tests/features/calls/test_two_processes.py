"""Two processes take calls over one PostgreSQL: who has a call, and what if one of them ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.fakes.bot import ANA, JOHN
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from emulator.cloud_api.state.voice_call import VoiceCall
from emulator.cloud_api.testing import CALL_ANSWER
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from flow_engine import CallPerson
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn

AT_ONCE = 10
#: Age from which a process counts as gone.
GONE = timedelta(seconds=16)


async def until(is_so: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until a condition holds: a process looks for news of others three times a second."""
    for _ in range(int(seconds / 0.01)):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


class Process(CallTown):
    """One process of several, with an engine of its own."""

    def __init__(self, folder: Path, url: str, role: str, first: "Process | None" = None) -> None:
        engine = FakeEngine() if role != "chats" else None
        more = {"calls_enabled": True, "max_concurrent_calls": AT_ONCE}
        super().__init__(folder, engine, role=role, database_url=url, migrated_url=url, **more)
        self._role = role
        if first is not None:
            self._emulator, self.account, self.clock = first._emulator, first.account, first.clock
            self.meta = httpx.ASGITransport(first._emulator)

    async def start(self) -> None:
        await super().start()
        self.feature.desk.owner = f"{self._role}-{id(self)}"

    async def work(self) -> None:
        """Do what is due."""
        for worker in self.workers.values():
            await worker.run_until_idle()
        await self.pause()

    def kill(self) -> None:
        """Take its calls away, without a word to anybody."""
        for task in [*self.feature.desk.calls._tasks]:
            task.cancel()


class Fleet:
    """A process for chats, which also gets the webhooks, and two for calls."""

    def __init__(self, chats: Process, one: Process, two: Process) -> None:
        self.chats, self.one, self.two = chats, one, two

    async def settle(self, *order: Process) -> None:
        for _ in range(3):
            await self.chats.account.webhooks.idle()
            for process in (*(order or (self.one, self.two)), self.chats):
                await process.work()

    async def ring(self, *people: str) -> list[VoiceCall]:
        account = self.chats.account
        calls = [account.calls.ring(account.people.get(who)) for who in people]
        await self.settle()
        return calls

    async def row(self, call: VoiceCall) -> CallRow:
        return await self.chats.row(call)


@pytest.fixture
async def fleet(tmp_path: Path, migrated_postgres_url: str) -> AsyncIterator[Fleet]:
    chats = Process(tmp_path, migrated_postgres_url, "chats")
    processes = [Process(tmp_path, migrated_postgres_url, "calls", chats) for _ in range(2)]
    for process in (chats, *processes):
        await process.start()
    yield Fleet(chats, *processes)
    for process in processes:
        await process.feature.desk.drain(timedelta(0))
        process.kill()
    await asyncio.sleep(0)
    for process in (*processes, chats):
        await process.stop()


async def test_each_role_runs_its_own_workers(fleet: Fleet) -> None:
    assert list(fleet.one.workers) == ["voice_calls"]
    assert "voice_calls" not in fleet.chats.workers
    assert {"conversations", "sending"} <= fleet.chats.workers.keys()


async def test_twenty_calls_are_spread_and_no_event_goes_astray(fleet: Fleet) -> None:
    people = [f"4915110{number:06}" for number in range(2 * AT_ONCE)]
    calls = await fleet.ring(*people)
    fleet.chats.clock.advance(timedelta(seconds=1))  # who found no line is tried again
    await fleet.settle(fleet.two, fleet.one)
    owners = [(await fleet.row(call)).owner for call in calls]
    assert {owners.count(one) for one in set(owners)} == {AT_ONCE}
    assert len(fleet.one.feature.desk.live) == len(fleet.two.feature.desk.live) == AT_ONCE
    for who in people:  # the webhook of each end goes to any process
        fleet.chats.account.calls.hang_up(fleet.chats.account.people.get(who))
    await fleet.settle(fleet.one)
    for process in (fleet.one, fleet.two):
        await process.feature.desk.keep_alive()
        await process.pause()
        assert not process.feature.desk.live
    assert {(await fleet.row(call)).reason for call in calls} == {End.COMPLETED}


async def test_nobody_waits_for_a_line_in_vain(fleet: Fleet) -> None:
    people = [f"4915110{number:06}" for number in range(2 * AT_ONCE + 1)]
    calls = await fleet.ring(*people)
    for _ in range(6):
        fleet.chats.clock.advance(timedelta(seconds=1))
        await fleet.settle(fleet.two, fleet.one)
    ends = [(await fleet.row(call)).reason for call in calls]
    assert ends.count(End.BUSY) == 1


async def test_when_a_process_is_killed_only_its_calls_end(fleet: Fleet) -> None:
    [mine] = await fleet.ring(ANA)
    owner = (await fleet.row(mine)).owner
    killed, left = (
        (fleet.one, fleet.two) if fleet.one.feature.desk.owner == owner else (fleet.two, fleet.one)
    )
    theirs: VoiceCall = fleet.chats.account.calls.ring(fleet.chats.account.people.get(JOHN))
    await fleet.chats.account.webhooks.idle()
    await left.work()
    assert (await fleet.row(theirs)).owner == left.feature.desk.owner
    killed.kill()
    assert await left.feature.desk.end_orphans(is_alone=False) == 0, "it may be slow"
    fleet.chats.clock.advance(GONE)
    await left.feature.desk.keep_alive()
    assert await left.feature.desk.end_orphans(is_alone=False) == 1
    assert not fleet.chats.is_open(mine)
    assert fleet.chats.is_open(theirs)
    assert (await fleet.row(mine)).reason is End.ORPHANED
    assert (await fleet.row(theirs)).state == CallState.TALKING
    await fleet.settle(left)
    assert len(fleet.chats.replies(ANA)) == 1, "an apology"


async def test_what_meta_tells_another_process_reaches_the_one_that_calls(fleet: Fleet) -> None:
    account, one, two = fleet.chats.account, fleet.one, fleet.two
    account.calls.has_phones = True
    await fleet.chats.say("hi")
    account.people.get(ANA).may_be_called_until = fleet.chats.clock.now + 1000
    user, now = await fleet.chats.user(ANA), fleet.chats.bot.parts.clock()
    number = fleet.chats.settings.wp_phone_id
    turn = ConversationTurn(user, number, ConversationState(), "en", now)
    handler = one.bot.parts.context.extensions.effects[CallPerson]
    await one.bot.parts.queue.enqueue((await handler(turn, CallPerson())).jobs)
    await one.workers["voice_calls"].run_until_idle()
    await until(lambda: bool(account.calls._open) and bool(one.feature.desk.live))
    [call] = account.calls._open.values()
    account.calls.join(call, CALL_ANSWER)
    account.calls.answer(call)
    await account.webhooks.idle()
    await two.work()
    assert not two.feature.desk.live
    assert one.engine is not None
    engine = one.engine
    await until(lambda: any(map(engine.is_accepted, engine.open_calls)))
    await one.pause()
    row = await one.row(call)
    assert (row.owner, row.state) == (one.feature.desk.owner, CallState.TALKING)


async def test_a_process_that_stops_says_goodbye_and_others_take_the_next_call(
    fleet: Fleet,
) -> None:
    [call] = await fleet.ring(ANA)
    owner = (await fleet.row(call)).owner
    stopped, left = (
        (fleet.one, fleet.two) if fleet.one.feature.desk.owner == owner else (fleet.two, fleet.one)
    )
    await stopped.feature.desk.drain(timedelta(0))
    assert (await fleet.row(call)).reason is End.DRAINED
    again: VoiceCall = fleet.chats.account.calls.ring(fleet.chats.account.people.get(ANA))
    await fleet.chats.account.webhooks.idle()
    await left.work()
    assert (await fleet.row(again)).owner == left.feature.desk.owner
