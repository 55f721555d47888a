"""The assistant in voice calls: how fast it answers, and what happens where servers fail.

Bot and phones run in this process, the engine in one of its own. The emulated models answer at
once, so what is measured is the part of the bot.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.bot import ANA, JOHN
from tests.fakes.captured_log import captured_log
from tests.features.calls.engine.phone import PythonPhone, tone, until
from tests.features.calls.phone import CallTown
from tests.features.calls.test_whole_call import dial, engine_of

from emulator.openai.model import Call, Said
from emulator.openai.realtime.server import RealtimeServer
from emulator.openai.realtime.sound import is_loud
from emulator.openai.testing import OpenAIDouble
from features.call_assistant import tables
from features.calls.engine.realtime_events import SILENCE_MS

#: Turns of a conversation.
TURNS = 20
STORY = "This is a very long story that goes on and on, and that hardly anybody wants to hear."
ASKED = "Show me the menu, please."
QUESTION = tone(440.0, 0.5)
#: What the servers do to a call that has begun, and with which settings.
TROUBLES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no key": ({}, {"openai_api_key": None}),
    "no realtime model": ({}, {"call_realtime_model": "none"}),
    "refused with 401": ({"refusal": 401}, {}),
    "breaks off": ({"breaks_after": 0}, {}),
    "quota ends": ({"failure": ("insufficient_quota", "insufficient_quota")}, {}),
    "answers by text alone": ({"is_mute": True}, {}),
    "answers nothing": ({"is_silent": True}, {}),
}
#: Time between two questions, in seconds.
PAUSE_SECONDS = 7.0


class Ways:
    """When sound comes to the model, and when it leaves it."""

    def __init__(self, session: RealtimeServer) -> None:
        self.came, self.left = list[tuple[float, bool]](), list[float]()
        ways, emit = self, session.emit

        class TimedSound(bytearray):
            def __iadd__(self, pcm: bytes) -> Self:  # type: ignore[override, misc]
                ways.came.append((time.monotonic(), is_loud(pcm)))
                return self

        async def timed_emit(kind: str, **fields: Any) -> None:
            if kind == "response.output_audio.delta":
                self.left.append(time.monotonic())
            await emit(kind, **fields)

        session.heard = TimedSound()
        session.emit = timed_emit  # type: ignore[method-assign]

    def came_after(self, moment: float) -> float:
        """Return when loud sound came first after a moment."""
        return next(at for at, was_loud in self.came if was_loud and at >= moment)

    def left_after(self, moment: float) -> float:
        """Return when sound left first after a moment."""
        return next(at for at in self.left if at >= moment)


@asynccontextmanager
async def town_with(
    trouble: Mapping[str, Any], **settings: Any
) -> AsyncIterator[tuple[CallTown, OpenAIDouble]]:
    """A bot with the real engine, and models that have this trouble."""
    openai = OpenAIDouble()
    openai.state.speech_tone = 880.0
    for name, value in trouble.items():
        setattr(openai.realtime, name, value)
    await openai.start()
    with tempfile.TemporaryDirectory() as folder:
        given = {"calls_enabled": True, "call_speech_model": "any", **settings}
        town = CallTown(Path(folder), openai=openai, **given)
        town.clock.now = time.time()
        await town.start()
        async with town.feature.running():
            await until(lambda: engine_of(town).is_up, seconds=20)
            workers = [asyncio.create_task(worker.run()) for worker in town.workers.values()]
            yield town, openai
            for worker in town.workers.values():
                await worker.stop(timedelta(0))
            await asyncio.gather(*workers)
        await town.stop()
    await openai.stop()


async def answers(section: Section) -> None:
    """Answers and interruptions of a model that hears and speaks by itself."""
    responses, stops, differences = [], [], []
    there, back, begun = list[float](), list[float](), list[float]()
    async with town_with({}, call_tokens=0, openai_daily_tokens_per_person=0) as (town, openai):
        phone = PythonPhone()
        await dial(town, phone)
        await until(lambda: bool(openai.realtime.sessions))
        await asyncio.sleep(5)  # the greeting
        ways = Ways(openai.realtime.sessions[0])
        phone.on_sent = lambda _: begun.append(time.monotonic())
        for _ in range(TURNS):
            openai.model.will_say("Gladly.")
            begun.clear()
            phone.talk(QUESTION)
            await asyncio.sleep(0.6)
            heard = await _first_sound(phone)
            responses.append(heard - phone.said_at - SILENCE_MS / 1000)
            there.append(ways.came_after(begun[0]) - begun[0])
            back.append(heard - ways.left_after(phone.said_at))
            await asyncio.sleep(1)
        for _ in range(TURNS // 2):
            openai.model.will_say(STORY, "Yes?")
            cuts = len(openai.realtime.sessions[0].truncated())
            stopped, played = await _interrupted(phone)
            stops.append(stopped)
            await until(lambda: len(openai.realtime.sessions[0].truncated()) > cuts)  # noqa: B023
            cut = openai.realtime.sessions[0].truncated()[-1]["audio_end_ms"]
            differences.append(abs(cut - 20 * played))
            await asyncio.sleep(2)
        await phone.hang_up()
    show(section, "end of speech -> answer at the phone, without 500 ms", responses)
    show(section, "speech of the caller -> the model", there)
    show(section, "speech of the model -> the phone", back)
    show(section, "speech -> silence at the phone, realtime", stops)
    note = f"{max(differences)} ms at most"
    section.add(Figure("cut at the model, beside what was heard", note=note))


async def interruptions(section: Section) -> None:
    """Interruptions where the bot itself finds speech: in the pipeline."""
    stops = []
    settings = {"call_realtime_model": "none", "openai_daily_tokens_per_person": 0}
    async with town_with({}, **settings, call_tokens=0) as (town, openai):
        phone = PythonPhone()
        await dial(town, phone)
        await asyncio.sleep(5)  # the greeting
        for _ in range(TURNS // 2):
            openai.model.will_say(STORY, "Yes?")
            stopped, _ = await _interrupted(phone)
            stops.append(stopped)
            await asyncio.sleep(2)
        await phone.hang_up()
    show(section, "speech -> silence at the phone, pipeline", stops)


async def tools(section: Section) -> None:
    """Words that become the menu in the chat, which afterwards knows what was said."""
    for language, who in (("en", JOHN), ("es", ANA)):
        async with town_with({}) as (town, openai):
            openai.model.will_say(Said(calls=[Call("show_menu")]), "It is in the chat.", "Menu.")
            phone = PythonPhone()
            call = await dial(town, phone, who)
            await until(lambda: bool(openai.realtime.sessions))
            phone.talk(QUESTION)
            await until(lambda: bool(town.replies(who)), seconds=15)  # noqa: B023
            shown = time.monotonic() - phone.said_at - SILENCE_MS / 1000
            is_live = town.is_open(call)
            await asyncio.sleep(2)
            town.clock.advance(timedelta(seconds=5))
            await phone.hang_up()
            await until(lambda: len(openai.model.asked) == 3, seconds=15)
            openai.model.will_say("You asked for the menu.")
            town.account.say(town.person(who), {"type": "text", "text": {"body": "¿qué dije?"}})
            await until(lambda: len(openai.model.asked) == 4, seconds=15)
            knows = ASKED in [one["content"] for one in openai.model.asked[-1]["messages"]]
        when = "during" if is_live else "after"
        note = f"menu {when} the call, {1000 * shown:.0f} ms after the words; known later: {knows}"
        section.add(Figure(f"tool in the chat, {language}", note=note))


async def troubles(section: Section) -> None:
    """How a call goes on where the servers fail, and how long the caller hears nothing."""
    for name, (trouble, settings) in TROUBLES.items():
        async with town_with(trouble, **settings) as (town, openai):
            phone = PythonPhone()
            call = await dial(town, phone)
            await asyncio.sleep(0.5)
            waits = []
            for _ in range(2):
                phone.talk(QUESTION)
                await asyncio.sleep(PAUSE_SECONDS)
                heard = phone.sound_after(phone.said_at + 0.1)
                waits.append(PAUSE_SECONDS if heard is None else heard - phone.said_at)
            talker = "pipeline" if openai.state.heard else "menu"
            if openai.realtime.is_mute:
                talker = "realtime, by the bot's voice"
            state = "goes on" if town.is_open(call) else "is over"
            await phone.hang_up()
        note = f"{talker}; the call {state}; longest wait for a word {max(waits):.1f} s"
        section.add(Figure(name, note=note))


async def words(section: Section) -> None:
    """What is kept of an interrupted answer, and that nothing is in the log."""
    with captured_log("INFO") as log:  # below it, the phones of this process log their SDP
        async with town_with({}) as (town, openai):
            openai.model.will_say(STORY, "Yes?", "A summary.")
            phone = PythonPhone()
            call = await dial(town, phone)
            await until(lambda: bool(openai.realtime.sessions))
            phone.talk(QUESTION)
            await asyncio.sleep(0.6)
            await _first_sound(phone)
            await asyncio.sleep(1)
            phone.talk(QUESTION)
            await asyncio.sleep(3)
            town.clock.advance(timedelta(seconds=5))
            await phone.hang_up()
            await until(lambda: len(openai.model.asked) == 3, seconds=15)
            await until(lambda: not town.feature.desk.live)
            await asyncio.sleep(0.3)
            record = await town.database.reader.run(lambda c, _: tables.find(c, call.id))
        shown = log.getvalue()
    transcript = record.transcript if record is not None else ""
    kept = next((line for line in transcript.splitlines() if STORY[:8] in line), "")
    said = kept.removeprefix("assistant: ").rstrip("…")
    is_right = STORY.startswith(said) and kept.endswith("…")
    note = f"{len(said)} of {len(STORY)} characters kept; cut where it was interrupted: {is_right}"
    section.add(Figure("transcript of an interrupted answer", note=note))
    private = (JOHN, ASKED, STORY[:20], "A summary.", "a=ice", "candidate:")
    found = sum(shown.count(one) for one in private)
    lines = len(shown.splitlines())
    section.add(Figure("words, numbers and SDP in the log", note=f"{found} in {lines} lines"))


async def _interrupted(phone: PythonPhone) -> tuple[float, int]:
    """Ask for a story, and interrupt it.

    Return the seconds from the interruption until the silence, and the packets that were heard.
    """
    phone.talk(QUESTION)
    await asyncio.sleep(0.6)
    began = await _first_sound(phone)
    await asyncio.sleep(0.8)
    interrupted = time.monotonic()
    phone.talk(QUESTION)
    await asyncio.sleep(0.5)
    sounds = [at for at, is_sound in phone.frames if is_sound and at >= began]
    story = [at for at in sounds if at < interrupted + 0.4]
    return story[-1] + 0.02 - interrupted, len(story)


async def _first_sound(phone: PythonPhone) -> float:
    """Return when sound was heard first after the last words of a phone."""
    await until(lambda: phone.sound_after(phone.said_at + 0.1) is not None)
    found = phone.sound_after(phone.said_at + 0.1)
    assert found is not None
    return found


def show(section: Section, what: str, seconds: list[float]) -> None:
    """Add a row of latencies."""
    times = sorted(1000 * one for one in seconds)
    p99 = times[int(len(times) * 0.99)]
    section.add(Figure(what, p50=statistics.median(times), p99=p99, longest=times[-1]))


async def _measure(section: Section) -> None:
    for part in (answers, interruptions, tools, troubles, words):
        await part(section)


def measure(report: Report, scale: float) -> None:
    """Let people talk with the assistant by phone."""
    section = Section("talks", "The assistant in voice calls on this machine")
    report.sections.append(section)
    asyncio.run(_measure(section))
