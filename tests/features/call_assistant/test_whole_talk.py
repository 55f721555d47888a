"""Somebody calls and talks: phone, bot, engine and models, over real connections."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.fakes.bot import ANA, JOHN
from tests.features.calls.engine.phone import PythonPhone, tone, until
from tests.features.calls.phone import CallTown
from tests.features.calls.test_whole_call import dial, engine_of

from emulator.openai.model import Call, Said
from emulator.openai.testing import OpenAIDouble


@pytest.fixture
async def town(tmp_path: Path, openai: OpenAIDouble) -> AsyncIterator[CallTown]:
    """A bot with the real engine; its workers run all the time."""
    openai.state.speech_tone = 880.0
    town = CallTown(tmp_path, openai=openai, calls_enabled=True, call_speech_model="any")
    town.clock.now = time.time()
    await town.start()
    async with asyncio.timeout(60), town.feature.running():
        await until(lambda: engine_of(town).is_up, seconds=20)
        workers = [asyncio.create_task(worker.run()) for worker in town.workers.values()]
        yield town
        for worker in town.workers.values():
            await worker.stop(timedelta(0))
        await asyncio.gather(*workers)
    await town.stop()


@pytest.mark.parametrize(
    ("who", "told", "menu", "answer"),
    [
        (JOHN, "You are on the phone now", "What would you like to do?", "It is in the chat."),
        (ANA, "Ahora estás al teléfono", "¿Qué te gustaría hacer?", "Está en el chat."),
    ],
    ids=["en", "es"],
)
async def test_words_become_the_menu_in_the_chat_which_knows_the_call(
    town: CallTown, openai: OpenAIDouble, who: str, told: str, menu: str, answer: str
) -> None:
    """In English and in Spanish: spoken, a tool, the menu in the chat; afterwards a question."""
    openai.model.will_say(Said(calls=[Call("show_menu")]), answer, "A summary.")
    phone = PythonPhone()
    call = await dial(town, phone, who)
    await until(lambda: bool(openai.realtime.sessions))
    phone.talk(tone(440.0, 0.4))
    await until(lambda: bool(town.replies(who)), seconds=15)
    assert menu in town.replies(who)[0]
    assert town.is_open(call), "the call goes on"
    talker = openai.realtime.sessions[0]
    assert told in talker.session.values["instructions"]
    await until(lambda: any(one.role == "assistant" for one in talker.conversation.items))
    await asyncio.sleep(1.2)  # so that the answer is heard
    town.clock.advance(timedelta(seconds=5))
    await phone.hang_up()
    await until(lambda: not town.is_open(call), seconds=15)
    await until(lambda: not town.feature.desk.live)
    await until(lambda: len(openai.model.asked) == 3)
    openai.model.will_say("You asked for the menu.")
    town._mark_seen(who)
    town.account.say(town.person(who), {"type": "text", "text": {"body": "¿qué dije? what?"}})
    await until(lambda: len(openai.model.asked) == 4, seconds=15)
    said = [one["content"] for one in openai.model.asked[-1]["messages"]]
    assert "Show me the menu, please." in said
    assert answer in said


@pytest.mark.parametrize(
    "trouble",
    [{"refusal": 401}, {"breaks_after": 0}, {"failure": ("insufficient_quota",) * 2}],
    ids=["refused", "breaks off", "quota"],
)
async def test_a_call_goes_on_without_the_realtime_server(
    town: CallTown, openai: OpenAIDouble, trouble: dict[str, object]
) -> None:
    """By the pipeline: what is said is written down, and answered in the call."""
    for name, value in trouble.items():
        setattr(openai.realtime, name, value)
    openai.model.will_say("Until five.")
    phone = PythonPhone()
    await dial(town, phone)
    if "refusal" not in trouble:
        await until(lambda: bool(openai.realtime.sessions))
        phone.talk(tone(440.0, 0.4))
        await asyncio.sleep(2)
    else:
        await asyncio.sleep(0.3)
    phone.talk(tone(440.0, 0.4))
    await until(lambda: bool(openai.state.heard), seconds=15)
    await until(lambda: phone.hears(880.0, (440.0, 700.0)), seconds=15)
    await phone.hang_up()
