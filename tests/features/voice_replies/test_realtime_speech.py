"""Voice replies by a realtime model."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.fakes.bot import ANA, BotHarness

from domain.checks import Result
from emulator.cloud_api.state.files import File
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from features.voice_replies.doctor import NEXT, check_speech
from features.voice_replies.realtime_speech import RealtimeSpeaker, address, is_read
from services.agent import AgentUnavailable

av = pytest.importorskip("av", reason="needs the extra voice: PyAV")
pytestmark = pytest.mark.needs("voice_replies")
TEXT = "Yes, there is parking behind the house."


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIDouble]:
    double = OpenAIDouble()
    double.realtime.is_tonal = True
    double.realtime.pace = 0.0
    await double.start()
    yield double
    await double.stop()


def speaker(openai: OpenAIDouble, key: str = KEY) -> RealtimeSpeaker:
    return RealtimeSpeaker(openai.url, SecretStr(key), NEXT, "marin")


async def test_a_text_becomes_a_voice_note(openai: OpenAIDouble) -> None:
    openai.model.will_say(TEXT)
    content = await speaker(openai).speak(TEXT)
    with av.open(io.BytesIO(content)) as file:
        assert file.format.name == "ogg"
        assert file.streams.audio[0].codec_context.name in ("opus", "libopus")
        seconds = sum(frame.samples for frame in file.decode(audio=0)) / 48_000
    assert seconds > 0.5
    [session] = openai.realtime.sessions
    kinds = [one["type"] for one in session.taken]
    assert kinds == ["session.update", "conversation.item.create", "response.create"]
    assert session.taken[1]["item"]["content"][0]["text"] == TEXT


async def test_an_answer_in_place_of_the_text_is_not_sent(openai: OpenAIDouble) -> None:
    openai.model.will_say("Where would you like to park your car today?")
    with pytest.raises(AgentUnavailable):
        await speaker(openai).speak(TEXT)


async def test_a_server_that_refuses_fails_or_breaks_off(openai: OpenAIDouble) -> None:
    with pytest.raises(AgentUnavailable):
        await speaker(openai, "wrong").speak(TEXT)
    openai.realtime.failure = ("insufficient_quota", "insufficient_quota")
    with pytest.raises(AgentUnavailable):
        await speaker(openai).speak(TEXT)
    openai.realtime.failure, openai.realtime.breaks_after = None, 0
    with pytest.raises(AgentUnavailable):
        await speaker(openai).speak(TEXT)
    openai.realtime.breaks_after, openai.realtime.is_mute = None, True
    with pytest.raises(AgentUnavailable):
        await speaker(openai).speak(TEXT)


@pytest.mark.needs("voice_notes")
async def test_a_voice_note_is_answered_by_one(tmp_path: Path, openai: OpenAIDouble) -> None:
    town = BotHarness(tmp_path, openai=openai, openai_speech_model=NEXT, quote_transcripts=False)
    await town.start()
    openai.state.transcripts.append("is there parking?")
    openai.model.will_say(TEXT, TEXT)
    sound = b"OggS"
    media_id = town.account.files.keep(sound, "audio/ogg")
    file = {"id": media_id, "mime_type": "audio/ogg", "sha256": File(sound, "audio/ogg").sha256}
    await town.send({"type": "audio", "audio": file})
    assert town.entries(ANA)[-1]["audio"]["voice"] is True
    await town.stop()


def test_what_was_read_is_compared() -> None:
    assert is_read("It costs 12,50 €.", "it costs twelve fifty euros")
    assert not is_read(TEXT, "Where would you like to go?")
    assert is_read(TEXT, "")
    assert address("https://api.openai.com/v1/") == "wss://api.openai.com/v1/realtime"


async def test_the_doctor_warns_of_models_that_end() -> None:
    warned = await check_speech("gpt-4o-mini-tts", has_av=True, is_openai=True)
    assert warned.result is Result.WARN
    assert (await check_speech("tts-1", has_av=True, is_openai=False)).result is Result.OK
    assert (await check_speech(NEXT, has_av=False, is_openai=True)).result is Result.WARN
    assert (await check_speech(NEXT, has_av=True, is_openai=True)).result is Result.OK
    assert (await check_speech(None, has_av=True, is_openai=True)).result is Result.SKIP
