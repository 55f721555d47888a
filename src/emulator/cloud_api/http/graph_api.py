"""The endpoints of graph.facebook.com that a bot calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from emulator.cloud_api.http.app_api import app_routes
from emulator.cloud_api.http.business_api import business_routes
from emulator.cloud_api.http.graph_request import Endpoint, GraphRequest, chosen_fields
from emulator.cloud_api.http.number_api import number_routes
from emulator.cloud_api.rules.docs_contradictions import note_on_version, notes_on
from emulator.cloud_api.rules.errors import GraphError, unknown_object
from emulator.cloud_api.rules.media import check_media
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.lines import Line

#: Ends of the paths that an app may use by its id and secret.
OF_APPS = ("/debug_token", "/subscriptions")


def graph_routes(account: Account) -> list[Route]:
    """Everything under /v<version>/."""
    graph = _GraphApi(account)
    number = "/v{version:float}/{number}"
    return [
        Route("/v{version:float}/debug_token", graph.guarded(graph.debug_token)),
        Route(f"{number}/messages", graph.guarded(graph.messages), methods=["POST"]),
        Route(f"{number}/media", graph.guarded(graph.upload), methods=["POST"]),
        *app_routes(account, graph.guarded),
        *business_routes(account, graph.guarded),
        *number_routes(account, graph.guarded),
        Route("/media-content/{file_id}", graph.guarded(graph.content)),
        Route(number, graph.guarded(graph.describe), methods=["GET"]),
        Route(number, graph.guarded(graph.delete), methods=["DELETE"]),
        Route(number, graph.guarded(graph.edit), methods=["POST"]),
    ]


class BrokenConnection(Response):
    """No answer: the server closes the connection in the middle of one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": length})


class _GraphApi:
    def __init__(self, account: Account) -> None:
        self._account = account

    def guarded(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Check the token, answer refusals as Meta does, and keep what was asked and answered."""

        async def answer(request: Request) -> Response:
            began = time.perf_counter()
            asked = await GraphRequest.of(request)
            try:
                self._account.access_token.check(
                    request.headers.get("authorization", ""),
                    is_of_app=request.url.path.endswith(OF_APPS),
                    object_id=request.path_params.get("number"),
                )
                found, status = await self._with_chaos(endpoint, asked), 200
            except GraphError as error:
                found, status = error.envelope(), self._status(error)
                if isinstance(asked.body, dict):
                    self._account.show_refusal(asked.body, error)
            took = time.perf_counter() - began
            self._keep(asked, status, found, round(took * 1000, 1))
            return found if isinstance(found, Response) else JSONResponse(found, status)

        return answer

    async def _with_chaos(
        self, endpoint: Endpoint, asked: GraphRequest
    ) -> Mapping[str, Any] | Response:
        """What the endpoint answers, unless something goes wrong before or after."""
        faults = self._account.fault_injector
        if latency := faults.seconds("latency"):
            await asyncio.sleep(latency)
        if refusal := faults.refusal(asked.body):
            raise refusal
        if faults.hits("reset"):
            return BrokenConnection()
        found = await endpoint(asked)
        return BrokenConnection() if faults.hits("lost_answer") else found

    def _status(self, error: GraphError) -> int:
        limits = self._account.config.rate_limit_status
        return limits if error.status == HTTPStatus.TOO_MANY_REQUESTS else error.status

    def _keep(
        self,
        asked: GraphRequest,
        status: int,
        found: Mapping[str, Any] | Response,
        milliseconds: float,
    ) -> None:
        is_file = isinstance(found, Response)
        self._account.traffic_log.add(
            "graph",
            asked.http.method,
            _path_and_query(asked.http),
            wa_ids=self._people_of(asked.body),
            status=found.status_code if isinstance(found, Response) else status,
            milliseconds=milliseconds,
            request=asked.body,
            response=None if is_file else found,
            notes=self._notes(asked),
        )

    def _notes(self, asked: GraphRequest) -> list[str]:
        version = asked.http.path_params.get("version")
        today = datetime.fromtimestamp(self._account.clock(), UTC).date()
        about_version = note_on_version(version, today) if version else []
        return [*about_version, *(notes_on(asked.body) if isinstance(asked.body, dict) else [])]

    def _people_of(self, body: Any) -> list[str]:
        if not isinstance(body, dict):
            return []
        if isinstance(body.get("message_id"), str):
            person = self._account.owner_of(body["message_id"])
        else:
            person = self._account.people.known(body.get("to"), body.get("recipient"))
        return [person.wa_id] if person else []

    async def debug_token(self, asked: GraphRequest) -> Mapping[str, Any]:
        token = asked.http.query_params.get("input_token", "")
        return self._account.access_token.described(token)

    async def messages(self, asked: GraphRequest) -> Mapping[str, Any]:
        line = self._line_of(asked)
        if not isinstance(asked.body, dict):
            raise GraphError(100, "The body is not a JSON object.")
        if asked.body.get("status") == "read":
            return self._account.mark_read(asked.body, line)
        return self._account.send(asked.body, line)

    async def upload(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._line_of(asked)
        async with asked.http.form() as form:
            file = form.get("file")
            if form.get("messaging_product") != "whatsapp" or not isinstance(file, UploadFile):
                raise GraphError(100, "messaging_product and file are required.")
            content = await file.read()
            mime_type = file.content_type or str(form.get("type", ""))
        check_media(content, mime_type)
        return {"id": self._account.files.keep(content, mime_type)}

    async def describe(self, asked: GraphRequest) -> Mapping[str, Any]:
        object_id, account = asked.object_id, self._account
        if (line := account.lines.of(object_id)) is not None:
            described = {**account.number.described(), "id": line.phone_number_id}
            described["display_phone_number"] = line.display
            return chosen_fields(described, asked.http.query_params.get("fields"))
        if account.templates.knows(object_id):
            return account.templates.get(object_id).shown(account.clock())
        found = account.files.described(object_id)
        if found is None:
            raise unknown_object(object_id)
        return found

    async def content(self, asked: GraphRequest) -> Response:
        query = asked.http.query_params
        file_id = asked.http.path_params["file_id"]
        signed = query.get("expires", ""), query.get("signature", "")
        file = self._account.files.fetch(file_id, *signed)
        if file is None:
            return Response(status_code=404)
        return Response(file.content, media_type=file.mime_type)

    async def delete(self, asked: GraphRequest) -> Mapping[str, Any]:
        if not self._account.files.delete(asked.object_id):
            raise unknown_object(asked.object_id)
        return {"success": True}

    async def edit(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Of objects that can be edited, a bot has templates."""
        return self._account.templates.edit(asked.object_id, asked.fields)

    def _line_of(self, asked: GraphRequest) -> Line:
        line = self._account.lines.of(asked.object_id)
        if line is None:
            raise unknown_object(asked.object_id)
        return line


def _path_and_query(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
