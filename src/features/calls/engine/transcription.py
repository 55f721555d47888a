"""Speech as words, by an OpenAI-compatible server."""

import io
import wave

import aiohttp
from loguru import logger

from features.calls.engine.opus import PCM_RATE
from features.calls.talker_frames import OpenAiAccess

#: Longest wait for a transcription, in seconds, and attempts.
PATIENCE_SECONDS, ATTEMPTS = 6.0, 2


class NotHeard(Exception):
    """A server gave no transcription; the text says why."""


async def transcribe(pcm: bytes, access: OpenAiAccess, http: aiohttp.ClientSession) -> str:
    """Return the words of samples. Raise NotHeard."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await _transcribe(pcm, access, http)
        except NotHeard as error:
            if attempt == ATTEMPTS:
                raise
            logger.info("once more: {}", error)
    return ""


async def _transcribe(pcm: bytes, access: OpenAiAccess, http: aiohttp.ClientSession) -> str:
    form = aiohttp.FormData()
    form.add_field("model", access.transcription_model)
    form.add_field("file", as_wav(pcm), filename="speech.wav", content_type="audio/wav")
    headers = {"Authorization": f"Bearer {access.api_key.get_secret_value()}"}
    url = f"{access.base_url.rstrip('/')}/audio/transcriptions"
    patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    try:
        async with http.post(url, data=form, headers=headers, timeout=patience) as answer:
            if answer.status != 200:
                raise NotHeard(f"the transcription was answered with {answer.status}")
            text = (await answer.json(content_type=None))["text"]
    except (aiohttp.ClientError, TimeoutError, LookupError, TypeError, ValueError) as error:
        raise NotHeard(f"no transcription: {type(error).__name__}") from error
    return text.strip() if isinstance(text, str) else ""


def as_wav(pcm: bytes) -> bytes:
    """Return samples as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(PCM_RATE)
        writer.writeframes(pcm)
    return file.getvalue()
