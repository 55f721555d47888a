"""Checks of voice notes."""

import importlib.util
from collections.abc import Iterator
from functools import partial

from domain.checks import Check, Finding, ok, skip, warn
from features.assistant.settings import AssistantSettings
from features.voice_notes.settings import VoiceNotesSettings
from services.setup import CheckSetup


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the packages that older recordings need."""
    assistant = setup.settings_of(AssistantSettings)
    settings = setup.settings_of(VoiceNotesSettings)
    if assistant is None or settings is None:
        return
    transcribes = assistant.openai_api_key is not None and bool(settings.openai_transcription_model)
    is_there = importlib.util.find_spec("av") is not None
    yield Check("extras", partial(voice_extra, is_there=is_there, hears=transcribes))


async def voice_extra(*, is_there: bool, hears: bool) -> Finding:
    """Check for PyAV, which converts the voice notes of older phones."""
    if not hears:
        return skip("no setting needs any")
    if is_there:
        return ok("voice (PyAV)")
    return warn(
        "voice notes in AMR and AAC, which older phones record, will not be transcribed",
        "uv pip install --python .venv/bin/python 'av>=18,<19'",
    )
