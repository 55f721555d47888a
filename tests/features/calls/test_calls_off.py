"""Calls that are not answered: Meta is told at once, and the person gets one message."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN
from tests.features.calls.phone import CallTown

from domain.window import window_closes_at
from features.calls.states import End

OFF = "I can't take voice calls here"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[CallTown]:
    town = CallTown(tmp_path)
    await town.start()
    yield town
    await town.stop()


async def test_a_call_is_rejected_and_a_menu_says_so(town: CallTown) -> None:
    call = await town.call(JOHN)
    assert not town.is_open(call)
    [told] = town.replies(JOHN)
    assert OFF in told
    assert (await town.row(call)).reason is End.OFF
    [asked] = await town.tap(".register", JOHN)
    assert asked, "the menu leads on"


async def test_a_person_is_told_once_an_hour_in_their_language(town: CallTown) -> None:
    await town.call()
    assert "¡Gracias por llamar!" in town.replies()[0]
    await town.call()
    assert town.replies() == []
    await town.call(JOHN)
    assert OFF in town.replies(JOHN)[0]
    town.clock.advance(timedelta(hours=1, seconds=1))
    await town.call()
    assert len(town.replies()) == 1


async def test_a_call_in_a_form_repeats_its_question(town: CallTown) -> None:
    await town.say("hi")
    [asked] = await town.tap(".register")
    await town.call()
    [told] = town.replies()
    assert OFF in told
    assert told.endswith(asked[-20:])


async def test_a_call_opens_the_window_for_messages(town: CallTown) -> None:
    await town.say("hi")
    town.clock.advance(timedelta(hours=30))
    await town.call()
    closes_at = window_closes_at(await town.user())
    assert closes_at is not None
    assert closes_at > town.clock() + timedelta(hours=23)
    assert len(town.replies()) == 1


async def test_people_who_may_not_get_messages_get_none(tmp_path: Path) -> None:
    town = CallTown(tmp_path, phone_allowlist=JOHN)
    await town.start()
    call = await town.call(ANA)
    assert not town.is_open(call)
    assert town.replies(ANA) == []
    await town.say("stop", JOHN)
    call = await town.call(JOHN)
    assert not town.is_open(call)
    assert town.replies(JOHN) == []
    assert (await town.row(call)).reason is End.NOT_ALLOWED
    await town.stop()


async def test_an_old_offer_is_a_missed_call(town: CallTown) -> None:
    call = town.account.calls.ring(town.person(JOHN))
    town.clock.advance(timedelta(minutes=2))
    await town.settle()
    assert (await town.row(call)).reason is End.MISSED
    assert OFF in town.replies(JOHN)[0]
