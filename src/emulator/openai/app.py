"""The endpoints that a bot calls: chat, speech in both directions, moderation."""

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from emulator.openai import answers
from emulator.openai.embeddings import DIMENSIONS, packed, vector
from emulator.openai.parameters import NOT_PARSED, object_of
from emulator.openai.realtime.endpoint import serve_realtime
from emulator.openai.realtime.sound import WAV_HEADER_BYTES, as_wav, tone_of, words_of
from emulator.openai.refused import RefusedRequest
from emulator.openai.requests import check_request
from emulator.openai.responses.conversation_api import conversation_routes
from emulator.openai.responses.endpoint import responses_routes
from emulator.openai.state import EmulatedOpenAI
from emulator.openai.trouble import broken_off
from emulator.silence import SILENCE

#: Path of the API.
PREFIX = "/openai/v1"
#: Endings of file names that can be transcribed.
HEARD = frozenset({"flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error.", "server_error", None),
    503: ("The engine is overloaded.", "server_error", None),
}


Endpoint = Callable[[Request], Awaitable[Response]]


def openai_routes(state: EmulatedOpenAI) -> list[BaseRoute]:
    """Everything under `PREFIX`."""
    api = _Api(state)
    return [
        Mount(
            PREFIX,
            routes=[
                Route("/chat/completions", api.guarded(api.complete), methods=["POST"]),
                *responses_routes(state, api.guarded),
                *conversation_routes(state, api.guarded),
                Route("/audio/transcriptions", api.guarded(api.transcribe), methods=["POST"]),
                Route("/audio/speech", api.guarded(api.speak), methods=["POST"]),
                Route("/moderations", api.guarded(api.moderate), methods=["POST"]),
                Route("/embeddings", api.guarded(api.embed), methods=["POST"]),
                Route("/models", api.guarded(api.models)),
                Route("/models/{model:path}", api.guarded(api.describe_model)),
                WebSocketRoute("/realtime", api.talk),
                Route("/{path:path}", api.guarded(api.nothing), methods=METHODS),
            ],
        )
    ]


class _Api:
    def __init__(self, state: EmulatedOpenAI) -> None:
        self._state = state

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answered(request: Request) -> Response:
            answer = await self._answer(endpoint, request)
            answer.headers.update(_headers())
            return answer

        return answered

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        trouble = self._state.trouble
        if not hmac.compare_digest(given, f"Bearer {self._state.key}".encode()):
            return _refused(401)
        await asyncio.sleep(trouble.seconds)
        if trouble.refusal is not None:
            return _refused(trouble.refusal)
        try:
            return await endpoint(request)
        except RefusedRequest as refused:
            found = answers.error(
                refused.message, "invalid_request_error", refused.code, refused.param
            )
            return JSONResponse(found, refused.status)
        except (AttributeError, LookupError, TypeError, ValueError):
            return JSONResponse(answers.error(NOT_PARSED, "invalid_request_error"), 400)

    async def complete(self, request: Request) -> Response:
        body = await object_of(request)
        check_request(body)
        self._state.require_model(body["model"])
        said = self._state.model.answer(body)
        if not self._state.trouble.knows_no_limit:
            said = answers.cut(said, body)
        dialect = self._state.dialect
        if not body.get("stream") or dialect.ignores_stream:
            return JSONResponse(answers.completion(body, said))
        events = broken_off(list(answers.stream(body, said, dialect)), self._state.trouble)
        return StreamingResponse(events, media_type="text/event-stream")

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
        text = self._state.transcripts.pop(0) if self._state.transcripts else _words(content)
        return JSONResponse({"text": text})

    async def speak(self, request: Request) -> Response:
        body = await object_of(request)
        for name in ("model", "input", "voice"):
            if not body.get(name):
                raise RefusedRequest(f"Missing required parameter: '{name}'.", param=name)
        if self._state.speech_tone is not None:
            sound = as_wav(tone_of(body["input"], self._state.speech_tone))
            return Response(sound, media_type="audio/wav")
        return Response(SILENCE, media_type="audio/ogg")

    async def moderate(self, request: Request) -> Response:
        body = await object_of(request)
        if not body.get("input"):
            raise RefusedRequest("Missing required parameter: 'input'.", param="input")
        text = json.dumps(body["input"]).lower()
        flagged = any(word in text for word in self._state.flagged)
        result: dict[str, Any] = {
            "flagged": flagged,
            "categories": {"violence": flagged},
            "category_scores": {"violence": float(flagged)},
            "category_applied_input_types": {"violence": ["text"]},
        }
        return JSONResponse({"id": "modr-1", "model": body.get("model"), "results": [result]})

    async def embed(self, request: Request) -> Response:
        """Vectors of length 1 that are the same for the same text."""
        body = await object_of(request)
        given = body.get("input")
        if not given or not isinstance(body.get("model"), str):
            raise RefusedRequest("Missing required parameter: 'input'.", param="input")
        texts = [given] if isinstance(given, str) or isinstance(given[0], int) else given
        size = body.get("dimensions") or DIMENSIONS
        vectors = [vector(json.dumps(one), size) for one in texts]
        is_packed = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": place, "embedding": packed(one) if is_packed else one}
            for place, one in enumerate(vectors)
        ]
        count = sum(answers.tokens(str(one)) for one in texts)
        usage = {"prompt_tokens": count, "total_tokens": count}
        return JSONResponse(
            {"object": "list", "data": data, "model": body["model"], "usage": usage}
        )

    async def models(self, request: Request) -> Response:
        names = sorted(self._state.models) or ["emulated"]
        return JSONResponse({"object": "list", "data": [_model(one) for one in names]})

    async def describe_model(self, request: Request) -> Response:
        name = request.path_params["model"]
        self._state.require_model(name)
        return JSONResponse(_model(name))

    async def talk(self, socket: WebSocket) -> None:
        await serve_realtime(socket, self._state)

    async def nothing(self, request: Request) -> Response:
        path = request.path_params["path"]
        raise RefusedRequest(f"Invalid URL ({request.method} /v1/{path})", status=404)


def _words(content: bytes) -> str:
    """Return the words that a tone stands for, or any."""
    return (words_of(content[WAV_HEADER_BYTES:]) if content[:4] == b"RIFF" else None) or "hello"


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1, "owned_by": "emulator"}


def _headers() -> dict[str, str]:
    """What OpenAI's answers carry besides."""
    limits = {"limit": "10000", "remaining": "9999"}
    return {
        "x-request-id": f"req_{secrets.token_hex(16)}",
        "openai-processing-ms": "1",
        "openai-version": "2020-10-01",
        **{f"x-ratelimit-{name}-requests": value for name, value in limits.items()},
        **{f"x-ratelimit-{name}-tokens": value for name, value in limits.items()},
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-reset-tokens": "6ms",
    }


def _refused(status: int) -> Response:
    message, kind, code = REFUSALS[status]
    return JSONResponse(answers.error(message, kind, code), status)
