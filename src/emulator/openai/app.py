"""The endpoints that a bot calls: chat, speech in both directions, moderation."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from emulator.openai import answers
from emulator.openai.dialect import Dialect
from emulator.openai.model import EmulatedModel, text_of
from emulator.silence import SILENCE

#: Path of the API.
PREFIX = "/openai/v1"
KEY = "sk-emulated"
#: Endings of file names that can be transcribed.
HEARD = frozenset({"flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"})
REFUSALS = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error.", "server_error", None),
    503: ("The engine is overloaded.", "server_error", None),
}


@dataclass(slots=True)
class Trouble:
    """What every request meets, until it is over."""

    #: status of the next refusals, a key of REFUSALS
    refusal: int | None = None
    #: seconds that every answer takes
    seconds: float = 0.0
    #: number of events after which a stream breaks off
    broken_after: int | None = None
    #: whether to ignore the limit of an answer, as some servers do
    knows_no_limit: bool = False


@dataclass(slots=True)
class EmulatedOpenAI:
    """State of the emulator."""

    key: str = KEY
    model: EmulatedModel = field(default_factory=EmulatedModel)
    trouble: Trouble = field(default_factory=Trouble)
    dialect: Dialect = field(default_factory=Dialect)
    #: transcriptions of the next voice notes; later ones say their size
    transcripts: list[str] = field(default_factory=list)
    #: (file name, type, content) of transcribed files
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    #: words whose texts are flagged by moderation
    flagged: tuple[str, ...] = ("violence",)


class RefusedRequest(Exception):
    """Answered as OpenAI answers a bad request."""


Endpoint = Callable[[Request], Awaitable[Response]]


def openai_routes(state: EmulatedOpenAI) -> list[BaseRoute]:
    """Everything under `PREFIX`."""
    api = _Api(state)
    return [
        Mount(
            PREFIX,
            routes=[
                Route("/chat/completions", api.guarded(api.complete), methods=["POST"]),
                Route("/audio/transcriptions", api.guarded(api.transcribe), methods=["POST"]),
                Route("/audio/speech", api.guarded(api.speak), methods=["POST"]),
                Route("/moderations", api.guarded(api.moderate), methods=["POST"]),
                Route("/models", api.guarded(api.models)),
            ],
        )
    ]


class _Api:
    def __init__(self, state: EmulatedOpenAI) -> None:
        self._state = state

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            trouble = self._state.trouble
            if not hmac.compare_digest(given, f"Bearer {self._state.key}".encode()):
                return _refused(401)
            await asyncio.sleep(trouble.seconds)
            if trouble.refusal is not None:
                return _refused(trouble.refusal)
            try:
                return await endpoint(request)
            except (RefusedRequest, ValueError, KeyError, TypeError) as error:
                body = answers.error(400, str(error), "invalid_request_error")
                return JSONResponse(body, 400)

        return answer

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        if not body.get("messages"):
            raise RefusedRequest("messages: there has to be one at least")
        most = _longest_answer(body)
        said = self._state.model.answer(body)
        if most is not None and not self._state.trouble.knows_no_limit:
            said = answers.cut(said, most)
        prompt = "\n".join(text_of(one) for one in body["messages"])
        dialect = self._state.dialect
        if not body.get("stream") or dialect.ignores_stream:
            return JSONResponse(answers.completion(body["model"], said, prompt))
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        events = answers.stream(body["model"], said, prompt, dialect, with_usage=with_usage)
        return StreamingResponse(self._breaking(list(events)), media_type="text/event-stream")

    async def _breaking(self, events: list[bytes]) -> AsyncIterator[bytes]:
        for event in events[: self._state.trouble.broken_after]:
            yield event
        if self._state.trouble.broken_after is not None:
            raise ConnectionAbortedError("as a test wished")

    async def transcribe(self, request: Request) -> Response:
        async with request.form() as form:
            file, model = form.get("file"), form.get("model")
            if not isinstance(file, UploadFile) or not model:
                raise RefusedRequest("file and model are required")
            name, kind, content = file.filename or "", file.content_type or "", await file.read()
        if name.rpartition(".")[2].lower() not in HEARD:
            raise RefusedRequest(f"Unrecognized file format. Supported formats: {sorted(HEARD)}")
        if not content:
            raise RefusedRequest("Audio file is too short.")
        self._state.heard.append((name, kind, content))
        text = self._state.transcripts.pop(0) if self._state.transcripts else "hello"
        return JSONResponse({"text": text})

    async def speak(self, request: Request) -> Response:
        body = await request.json()
        if not body["input"] or not body["voice"]:
            raise RefusedRequest("input and voice are required")
        return Response(SILENCE, media_type="audio/ogg")

    async def moderate(self, request: Request) -> Response:
        body = await request.json()
        text = json.dumps(body["input"]).lower()
        flagged = any(word in text for word in self._state.flagged)
        result: dict[str, Any] = {
            "flagged": flagged,
            "categories": {"violence": flagged},
            "category_scores": {"violence": float(flagged)},
            "category_applied_input_types": {"violence": ["text"]},
        }
        return JSONResponse({"id": "modr-1", "model": body.get("model"), "results": [result]})

    async def models(self, request: Request) -> Response:
        model = {"id": "emulated", "object": "model", "created": 1, "owned_by": "emulator"}
        return JSONResponse({"object": "list", "data": [model]})


def _longest_answer(body: dict[str, Any]) -> int | None:
    """In tokens."""
    if "max_tokens" in body:
        raise RefusedRequest(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
    most = body.get("max_completion_tokens")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise RefusedRequest("Invalid 'max_completion_tokens': expected a value >= 1.")
    return most


def _refused(status: int) -> Response:
    message, kind, code = REFUSALS[status]
    return JSONResponse(answers.error(status, message, kind, code), status)
