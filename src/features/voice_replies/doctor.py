"""Checks of voice replies."""

import importlib.util
from collections.abc import Iterator
from functools import partial

from domain.checks import Check, Finding, ok, skip, warn
from features.assistant.settings import AssistantSettings
from features.voice_replies.realtime_speech import REALTIME
from features.voice_replies.settings import VoiceRepliesSettings
from services.setup import CheckSetup

#: OpenAI's models for `/audio/speech`, and the day of their end.
ENDING = ("tts-1", "gpt-4o-mini-tts")
END = "6 January 2027"
#: What takes their place.
NEXT = "gpt-realtime-2.1-mini"


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the model that speaks."""
    assistant = setup.settings_of(AssistantSettings)
    settings = setup.settings_of(VoiceRepliesSettings)
    if assistant is None or settings is None:
        return
    model = settings.openai_speech_model if assistant.openai_api_key is not None else None
    has_av = importlib.util.find_spec("av") is not None
    is_openai = "api.openai.com" in str(assistant.openai_base_url)
    yield Check("speech", partial(check_speech, model, has_av=has_av, is_openai=is_openai))


async def check_speech(model: str | None, *, has_av: bool, is_openai: bool) -> Finding:
    """Say whether replies are spoken, and whether the model goes on working."""
    if model is None:
        return skip("off: replies are text (OPENAI_SPEECH_MODEL)")
    if is_openai and model.startswith(ENDING):
        return warn(f"OpenAI ends {model} on {END}", f"OPENAI_SPEECH_MODEL={NEXT}")
    if model.startswith(REALTIME) and not has_av:
        return warn(
            f"{model} needs PyAV to make voice notes; replies are text",
            "uv pip install --python .venv/bin/python 'av>=18,<19'",
        )
    return ok(model)
