"""Speech of a call: lines of text as packets of Opus.

In this order: a person's recording of the text's key, a file made from exactly this text, then
a server, then espeak-ng, and without any of them a recorded line that points at the chat.
"""

import asyncio
import re
import shutil
import tomllib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import aiohttp
from loguru import logger

from features.calls.engine.opus import read_recording
from features.calls.protocol import Line
from features.calls.talker_frames import OpenAiAccess

#: Made files, in a folder for each language, and recordings of people in `recorded/` beside them.
VOICE = Path(__file__).parent / "voice"
#: Names the files of a folder: the text that each of them speaks.
INDEX = "lines.toml"
RECORDED = "recorded"
#: Line that is said instead of one that nothing can speak.
IN_CHAT = "in_chat"
#: Language of people whose own language has no files.
FALLBACK_LANGUAGE = "en"
ENDINGS = (".opus", ".ogg", ".wav", ".mp3")
VOICES = {"en": "en-us", "es": "es-419", "pt": "pt-br"}
#: Words that espeak-ng says in a minute, and how long it may take.
WORDS_PER_MINUTE = 160
PATIENCE_SECONDS = 5.0
#: Longest text that is spoken, and largest answer of a server, in characters and bytes.
MAX_CHARS, MAX_SPEECH_BYTES = 1_000, 4_000_000
#: Spoken lines that are kept in memory.
MAX_KEPT_LINES = 256

_KEY = re.compile(r"[a-z0-9_.]{1,80}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)

Packets = Sequence[bytes]


class CannotSpeak(Exception):
    """A synthesizer gave no speech; the text says why."""


class Synthesizer(Protocol):
    """Speaks any text."""

    async def speak(self, text: str, language: str) -> bytes:
        """Return a recording. Raise CannotSpeak."""
        ...


class Files:
    """The recordings of this folder."""

    def __init__(self, folder: Path = VOICE) -> None:
        self._folder = folder
        self._indexes: dict[str, Mapping[str, str]] = {}

    def find(self, line: Line, language: str) -> Path | None:
        """Return the file that speaks a line."""
        return self._recorded(line.key, language) or self._made(line.text, language)

    def generic(self, language: str) -> Path | None:
        """Return the file that says that the answer is in the chat."""
        for one in (language, FALLBACK_LANGUAGE):
            found = self._recorded(IN_CHAT, one) or self._folder / one / f"{IN_CHAT}.opus"
            if found.is_file():
                return found
        return None

    def _recorded(self, key: str | None, language: str) -> Path | None:
        if key is None or not _KEY.fullmatch(key):
            return None
        places = (self._folder / RECORDED / language / f"{key}{each}" for each in ENDINGS)
        return next((each for each in places if each.is_file()), None)

    def _made(self, text: str, language: str) -> Path | None:
        if language not in self._indexes:
            self._indexes[language] = read_index(self._folder / language)
        name = self._indexes[language].get(_plain(text))
        return self._folder / language / name if name else None


class Espeak:
    """Speaks by the program espeak-ng."""

    def __init__(self, program: str) -> None:
        self._program = program

    async def speak(self, text: str, language: str) -> bytes:
        """Return a recording as WAV. Raise CannotSpeak."""
        voice, pace = VOICES.get(language, language), str(WORDS_PER_MINUTE)
        asked = (self._program, "-v", voice, "-s", pace, "--stdin", "--stdout")
        pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *asked, stdin=pipe, stdout=pipe, stderr=nowhere
            )
        except OSError as error:
            raise CannotSpeak(f"espeak-ng was not started: {type(error).__name__}") from error
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                wav, _ = await process.communicate(text.encode())
        except TimeoutError as error:
            raise CannotSpeak("espeak-ng took too long") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise CannotSpeak(f"espeak-ng ended with {process.returncode}")
        return wav


class SpeechServer:
    """Speaks by a server that is compatible with OpenAI's API."""

    def __init__(self, access: OpenAiAccess, session: aiohttp.ClientSession) -> None:
        self._access = access
        self._session = session

    async def speak(self, text: str, language: str) -> bytes:
        """Return a recording as Ogg Opus. Raise CannotSpeak."""
        access = self._access
        asked = {
            "model": access.speech_model,
            "voice": access.voice,
            "input": text,
            "response_format": "opus",
        }
        headers = {"Authorization": f"Bearer {access.api_key.get_secret_value()}"}
        url = f"{access.base_url.rstrip('/')}/audio/speech"
        patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        try:
            sending = self._session.post(url, json=asked, headers=headers, timeout=patience)
            async with sending as answer:
                if answer.status != 200:
                    raise CannotSpeak(f"the speech server answered {answer.status}")
                return await answer.content.read(MAX_SPEECH_BYTES)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CannotSpeak(f"no speech server: {type(error).__name__}") from error


class FirstOf:
    """Speaks by the first synthesizer that can."""

    def __init__(self, *synthesizers: Synthesizer) -> None:
        self._synthesizers = synthesizers

    async def speak(self, text: str, language: str) -> bytes:
        """Return a recording. Raise CannotSpeak."""
        *others, last = self._synthesizers
        for one in others:
            try:
                return await one.speak(text, language)
            except CannotSpeak as error:
                logger.warning("another voice speaks: {}", error)
        return await last.speak(text, language)


class Speaker:
    """Speaks lines, and keeps those that it spoke last."""

    def __init__(self, files: Files, synthesizer: Synthesizer | None) -> None:
        self._files = files
        self._synthesizer = synthesizer
        self._kept: OrderedDict[tuple[str, str | None, str], Packets] = OrderedDict()

    async def speak(self, line: Line) -> Packets:
        """Return the packets of a line; none if nothing can speak it."""
        language = _language(line.language)
        text = line.text[:MAX_CHARS]
        key = (language, line.key, text)
        if key not in self._kept:
            spoken = await self._spoken(line.model_copy(update={"text": text}), language)
            if spoken is None:
                return ()
            self._kept[key] = spoken
            while len(self._kept) > MAX_KEPT_LINES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    @property
    def can_speak(self) -> bool:
        """Whether it speaks texts without a file."""
        return self._synthesizer is not None

    async def say_instead(self, language: str) -> Packets:
        """Return the line that points at the chat; nothing without its file."""
        path = self._files.generic(_language(language))
        return () if path is None else await _read(path) or ()

    async def _spoken(self, line: Line, language: str) -> Packets | None:
        path = self._files.find(line, language)
        if path is not None and (packets := await _read(path)):
            return packets
        if self._synthesizer is None or not line.text.strip():
            return None
        try:
            return await _read(await self._synthesizer.speak(line.text, language))
        except CannotSpeak as error:
            logger.warning("a line was not spoken: {}", error)
            return None


def find_synthesizer(
    access: OpenAiAccess | None, session: aiohttp.ClientSession
) -> tuple[Synthesizer | None, Literal["files", "espeak", "openai"]]:
    """Return what speaks texts without a file on this machine, and its name."""
    program = shutil.which("espeak-ng")
    espeak = Espeak(program) if program else None
    if access is None or not access.speech_model:
        return espeak, "espeak" if espeak else "files"
    server = SpeechServer(access, session)
    return FirstOf(server, espeak) if espeak else server, "openai"


def read_index(folder: Path) -> dict[str, str]:
    """Return the made files of a language, by the text that each speaks."""
    path = folder / INDEX
    lines: dict[str, str] = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    return {_plain(text): name for text, name in lines.items()}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _language(code: str) -> str:
    short = code.lower()[:2] if "-" in code or "_" in code else code.lower()
    return short if _LANGUAGE.fullmatch(short) else FALLBACK_LANGUAGE


async def _read(recording: Path | bytes) -> Packets | None:
    """Return the packets of a recording, read in a thread: a codec keeps a core busy."""
    try:
        return await asyncio.to_thread(read_recording, recording)
    except ValueError as error:
        logger.warning("a recording was not read: {}", error)
        return None
