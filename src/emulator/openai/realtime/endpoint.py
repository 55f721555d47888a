"""The address of the Realtime API: `wss://…/v1/realtime?model=…`."""

import hmac
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulator.json import JsonObject
from emulator.openai import answers
from emulator.openai.realtime.server import RealtimeServer, SessionBroken

if TYPE_CHECKING:
    from emulator.openai.state import EmulatedOpenAI


async def serve_realtime(socket: WebSocket, openai: "EmulatedOpenAI") -> None:
    """Hold one session, until the client leaves."""
    status = _refusal(socket, openai)
    if status is not None:
        found = answers.error(f"Refused with {status}.", "invalid_request_error")
        await socket.send_denial_response(JSONResponse(found, status))
        return
    await socket.accept()

    async def send(event: JsonObject) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the client has left
            await socket.send_text(json.dumps(event))

    server = RealtimeServer(openai.realtime, openai.model, openai.transcripts, send)
    openai.realtime.sessions.append(server)
    try:
        await server.begin()
        while True:
            await server.take(await socket.receive_text())
    except WebSocketDisconnect:
        pass
    except SessionBroken:
        await socket.close(1011)
    finally:
        await server.close()


def _refusal(socket: WebSocket, openai: "EmulatedOpenAI") -> int | None:
    given = socket.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {openai.key}".encode()):
        return 401
    if openai.realtime.refusal is not None:
        return openai.realtime.refusal
    return None if socket.query_params.get("model") else 400
