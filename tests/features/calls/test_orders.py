"""Webhooks come in any order, and more than once: each call has one end, and one message."""

import asyncio
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from emulator.cloud_api.state.voice_call import SDP, VoiceCall
from features.calls.chat import NOTICES
from features.calls.states import End

EVENTS = st.tuples(st.integers(0, 1), st.sampled_from(["connect", "completed", "failed"]))
#: the values of one webhook after the other, each with some events of two calls
WEBHOOKS = st.lists(st.lists(EVENTS, min_size=1, max_size=3), min_size=1, max_size=5)


def told(town: CallTown, call: VoiceCall, event: str) -> dict[str, Any]:
    """An event of a call, as Meta tells it."""
    now = str(int(town.clock.now))
    one: dict[str, Any] = {"id": call.id, "timestamp": now, "from_user_id": call.person.user_id}
    if event == "connect":
        sdp = SDP.format(setup="actpass")
        return one | {"event": "connect", "session": {"sdp_type": "offer", "sdp": sdp}}
    ended = {"event": "terminate", "status": event.upper()}
    return one | ended | ({"start_time": now} if event == "completed" else {})


async def play(town: CallTown, people: list[str], webhooks: list[list[tuple[int, str]]]) -> None:
    calls = [town.account.calls._new(town.person(who), "USER_INITIATED") for who in people]
    for call in calls:
        call.person.wrote_at = town.clock.now  # a call opens the window, as the emulator knows
    ends: dict[str, End] = {}

    async def send(events: list[dict[str, Any]]) -> None:
        contacts = [{"user_id": town.person(who).user_id, "wa_id": who} for who in people]
        value = {"contacts": contacts, "calls": events}
        town.account.webhooks.send(people[0], value, field="calls")
        await town.settle()
        for call in calls:
            row = await town.found(call)
            if row is not None and row.reason is not None:
                assert ends.setdefault(call.id, row.reason) is row.reason, "an end is final"

    for events in webhooks:
        await send([told(town, calls[of], event) for of, event in events])
    await send([told(town, call, "completed") for call in calls])
    assert not town.feature.desk.live
    for call, who in zip(calls, people, strict=True):
        assert len(town.replies(who)) == (ends[call.id] in NOTICES), (ends[call.id], webhooks)


def check_orders(folder: Path, engine: FakeEngine | None, phone: str) -> None:
    numbers = count(1)
    with asyncio.Runner() as runner:
        town = CallTown(folder, engine, max_concurrent_calls=1000)
        runner.run(town.start())

        @settings(max_examples=12, deadline=None)
        @given(WEBHOOKS)
        def check(webhooks: list[list[tuple[int, str]]]) -> None:
            people = [f"{phone}{next(numbers):05}" for _ in range(2)]
            runner.run(play(town, people, webhooks))

        try:
            check()
        finally:
            runner.run(town.stop())


def test_any_order_of_calls_that_are_answered(tmp_path: Path) -> None:
    check_orders(tmp_path, FakeEngine(), "346001")


def test_any_order_of_calls_that_are_not(tmp_path: Path) -> None:
    check_orders(tmp_path, None, "346002")
