"""The endpoints of graph.facebook.com that a bot calls."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.account import Account
from emulator.errors import GraphError, unknown_object
from emulator.media_rules import check_media

Endpoint = Callable[[Request], Awaitable[Response]]

#: Seconds for which a media URL can be used.
URL_LIFE = 300


def graph_routes(account: Account) -> list[Route]:
    """Everything under /v<version>/."""
    graph = _GraphApi(account)
    number = "/v{version:float}/{number}"
    return [
        Route(f"{number}/messages", graph.guarded(graph.messages), methods=["POST"]),
        Route(f"{number}/media", graph.guarded(graph.upload), methods=["POST"]),
        Route("/media-content/{media_id}", graph.guarded(graph.content)),
        Route(number, graph.guarded(graph.describe), methods=["GET"]),
        Route(number, graph.guarded(graph.delete), methods=["DELETE"]),
    ]


class _GraphApi:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._bearer = f"Bearer {account.config.access_token}".encode()

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Check the token, answer refusals as Meta does, and keep what was asked and answered."""

        async def answer(request: Request) -> Response:
            began = time.perf_counter()
            try:
                given = request.headers.get("authorization", "").encode()
                if not hmac.compare_digest(given, self._bearer):
                    raise GraphError(190, "The access token is not valid.")
                response = await endpoint(request)
            except GraphError as error:
                response = error.response()
            await self._keep(request, response, (time.perf_counter() - began) * 1000)
            return response

        return answer

    async def _keep(self, request: Request, response: Response, milliseconds: float) -> None:
        is_json = request.headers.get("content-type", "").startswith("application/json")
        asked = _as_json(await request.body()) if is_json else None
        answered = response.media_type == "application/json"
        self._account.exchanges.add(
            "graph",
            request.method,
            request.url.path,
            wa_ids=self._people_of(asked),
            status=response.status_code,
            milliseconds=round(milliseconds, 1),
            request=asked,
            response=_as_json(bytes(response.body)) if answered else None,
        )

    def _people_of(self, asked: Any) -> list[str]:
        if not isinstance(asked, dict):
            return []
        if isinstance(asked.get("message_id"), str):
            person = self._account.owner_of(asked["message_id"])
        else:
            person = self._account.people.known(asked.get("to"), asked.get("recipient"))
        return [person.wa_id] if person else []

    async def messages(self, request: Request) -> Response:
        self._require_our_number(request)
        try:
            message = json.loads(await request.body())
        except ValueError:
            raise GraphError(100, "The body is not JSON.") from None
        if not isinstance(message, dict):
            raise GraphError(100, "The body is not a JSON object.")
        is_mark = message.get("status") == "read"
        return JSONResponse(
            self._account.mark_read(message) if is_mark else self._account.send(message)
        )

    async def upload(self, request: Request) -> Response:
        self._require_our_number(request)
        async with request.form() as form:
            file = form.get("file")
            if form.get("messaging_product") != "whatsapp" or not isinstance(file, UploadFile):
                raise GraphError(100, "messaging_product and file are required.")
            content = await file.read()
            mime_type = file.content_type or str(form.get("type", ""))
        check_media(content, mime_type)
        return JSONResponse({"id": self._account.keep_media(content, mime_type)})

    async def describe(self, request: Request) -> Response:
        object_id = request.path_params["number"]
        if object_id == self._account.config.phone_number_id:
            return JSONResponse(
                {
                    "id": object_id,
                    "display_phone_number": self._account.config.display_phone_number,
                    "verified_name": "Emulated business",
                    "quality_rating": "GREEN",
                }
            )
        media = self._account.media.get(object_id)
        if media is None:
            raise unknown_object(object_id)
        expires = int(self._account.clock()) + URL_LIFE
        base = str(request.base_url).rstrip("/")
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "id": object_id,
                "url": f"{base}/media-content/{object_id}?expires={expires}",
                "mime_type": media.mime_type,
                "sha256": base64.b64encode(hashlib.sha256(media.content).digest()).decode(),
                "file_size": len(media.content),
            }
        )

    async def content(self, request: Request) -> Response:
        media = self._account.media.get(request.path_params["media_id"])
        expires = request.query_params.get("expires", "")
        if media is None or not expires.isdecimal() or int(expires) < self._account.clock():
            return Response(status_code=404)
        return Response(media.content, media_type=media.mime_type)

    async def delete(self, request: Request) -> Response:
        object_id = request.path_params["number"]
        if self._account.media.pop(object_id, None) is None:
            raise unknown_object(object_id)
        return JSONResponse({"success": True})

    def _require_our_number(self, request: Request) -> None:
        number = request.path_params["number"]
        if number != self._account.config.phone_number_id:
            raise unknown_object(number)


def _as_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
