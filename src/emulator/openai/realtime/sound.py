"""Sound of the emulated voice: samples of 16 bit at 24 kHz, as tones or by espeak-ng."""

import asyncio
import io
import math
import shutil
import wave
from array import array
from collections.abc import Mapping

#: Samples in a second, and bytes in a millisecond.
RATE = 24_000
BYTES_PER_MS = RATE * 2 // 1000
#: 20 ms, in bytes: what the detector of speech looks at.
FRAME_BYTES = 20 * BYTES_PER_MS
#: Mean of absolute samples from which a frame is speech.
LOUD = 500
#: Seconds that a character of an answer takes as a tone, and the shortest tone.
SECONDS_PER_CHAR, SHORTEST_TONE_SECONDS = 0.05, 0.6
#: Words that a tone stands for, by its frequency in Hz: speech in, words out, without a model.
WORDS_OF_TONES: Mapping[float, str] = {
    440.0: "Show me the menu, please.",
    520.0: "I want to talk to a human.",
    600.0: "What can you do?",
}
VOLUME = 0.3
WAV_HEADER_BYTES = 44


def tone(frequency: float, seconds: float) -> bytes:
    """Return a sine of this frequency."""
    step, most = 2 * math.pi * frequency / RATE, 32767 * VOLUME
    samples = (int(most * math.sin(step * at)) for at in range(int(seconds * RATE)))
    return array("h", samples).tobytes()


def tone_of(text: str, frequency: float) -> bytes:
    """Return a tone that is as long as a text takes to be said."""
    return tone(frequency, max(SHORTEST_TONE_SECONDS, len(text) * SECONDS_PER_CHAR))


def as_wav(pcm: bytes) -> bytes:
    """Return samples as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return file.getvalue()


def is_loud(frame: bytes) -> bool:
    """Return whether a frame is speech, and no silence."""
    samples = array("h", frame[: len(frame) & ~1])
    return bool(samples) and sum(map(abs, samples)) > LOUD * len(samples)


def power(pcm: bytes, frequency: float) -> float:
    """Return how much of a frequency there is, by Goertzel's algorithm."""
    samples = array("h", pcm[: len(pcm) & ~1])
    factor, one, two = 2 * math.cos(2 * math.pi * frequency / RATE), 0.0, 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    return (one * one + two * two - factor * one * two) / max(1, len(samples)) ** 2


def words_of(pcm: bytes) -> str | None:
    """Return the words that a sound stands for: those of its tone; None if it is no such tone."""
    middle = len(pcm) // 2 & ~1
    window = pcm[max(0, middle - RATE // 5) : middle + RATE // 5]
    found = {frequency: power(window, frequency) for frequency in WORDS_OF_TONES}
    loudest = max(found, key=lambda frequency: found[frequency])
    others = sum(found.values()) - found[loudest]
    return WORDS_OF_TONES[loudest] if found[loudest] > max(1000.0, 20 * others) else None


async def spoken(text: str) -> bytes | None:
    """Return a text as espeak-ng says it; None where it is not installed."""
    program = shutil.which("espeak-ng")
    if program is None or not text:
        return None
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        program, "--stdin", "--stdout", stdin=pipe, stdout=pipe, stderr=nowhere
    )
    sound, _ = await process.communicate(text.encode())
    return _resampled(sound) if process.returncode == 0 else None


def _resampled(sound: bytes) -> bytes:
    """Return the samples of a WAV at `RATE`, by the nearest ones."""
    with wave.open(io.BytesIO(sound)) as file:
        rate = file.getframerate()
        # a stream's header says 2 GB
        samples = array("h", file.readframes(len(sound) // 2))
    count = len(samples) * RATE // rate
    return array("h", (samples[at * rate // RATE] for at in range(count))).tobytes()
