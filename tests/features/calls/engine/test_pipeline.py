"""Speech that is transcribed, and answers that are spoken: over real connections."""

import asyncio

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.phone import tone, until
from tests.features.calls.engine.talk_run import Talk
from tests.features.calls.engine.test_media import until_silent

from emulator.openai.testing import OpenAIDouble
from features.calls.protocol import Line
from features.calls.talker_frames import Heard, Spoken, TalkerGone, TalkerKind

PIPELINE = TalkerKind.PIPELINE


async def test_speech_is_written_down(talk: Talk, openai: OpenAIDouble) -> None:
    phone = await talk.run.talk()
    await talk.converse(talker=PIPELINE)
    phone.talk(tone(440.0, 0.5))
    assert (await talk.run.told(Heard)).text == "Show me the menu, please."
    [(name, kind, content)] = openai.state.heard
    assert (name, kind) == ("speech.wav", "audio/wav")
    assert 1.0 < len(content) / 48_000 < 1.5


async def test_the_caller_interrupts_an_answer_between_its_sentences(
    talk: Talk, openai: OpenAIDouble
) -> None:
    openai.state.speech_tone = 880.0
    phone = await talk.run.talk()
    await talk.converse(talker=PIPELINE)
    sentences = ("First.", "A second and longer sentence.", "A third one that nobody hears.")
    await talk.run.say(*(Line(text=one, language="en") for one in sentences))
    await until(lambda: phone.first_sound() is not None)
    await asyncio.sleep(1.2)
    phone.talk(tone(440.0, 0.5))
    await until_silent(phone)
    await talk.run.told(Heard)
    first, second = talk.run.of(Spoken)
    assert (first.text, first.is_cut) == (sentences[0], False)
    assert second.is_cut
    assert sentences[1].startswith(second.text)


@pytest.mark.parametrize(("status", "why"), [(429, "answered with 429"), (503, "with 503")])
async def test_a_server_that_does_not_transcribe_is_told(
    talk: Talk, openai: OpenAIDouble, status: int, why: str
) -> None:
    openai.trouble.refusal = status
    phone = await talk.run.talk()
    await talk.converse(talker=PIPELINE)
    phone.talk(tone(440.0, 0.3))
    assert why in (await talk.run.told(TalkerGone)).why
