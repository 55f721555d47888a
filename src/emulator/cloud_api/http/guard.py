"""What happens around each call of the Graph API: the token, faults, the log, refusals."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from emulator.cloud_api.http.graph_request import Endpoint, GraphRequest
from emulator.cloud_api.rules.docs_contradictions import note_on_version, notes_on
from emulator.cloud_api.rules.errors import GraphError, unknown_path
from emulator.cloud_api.rules.versions import OLDEST, is_there
from emulator.cloud_api.state.account import Account

#: Errors of Python for values of a wrong type. Shapes are checked before; these are the rest.
WRONG_TYPES = (AttributeError, KeyError, TypeError, ValueError)
#: Ends of the paths that an app may use by its id and secret.
OF_APPS = (("debug_token",), ("subscriptions",))
#: A token, a secret or a code in an address, which is not kept, and what stands in its place.
SECRET_IN_QUERY = re.compile(
    r"((?:^|&)(?:access_token|input_token|fb_exchange_token|client_secret|code|verify_token)=)[^&]*"
)
HIDDEN = "…"


class BrokenConnection(Response):
    """No answer: the server closes the connection in the middle of one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": length})


def guarded(account: Account, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Check the token, answer refusals as Meta does, and keep what was asked and answered."""
    return _Guard(account, endpoint).answer


class _Guard:
    def __init__(self, account: Account, endpoint: Endpoint) -> None:
        self._account = account
        self._endpoint = endpoint

    async def answer(self, request: Request) -> Response:
        began = time.perf_counter()
        asked = await GraphRequest.of(request)
        try:
            self._check_access(asked)
            self._account.files.base_url = str(request.base_url).rstrip("/")
            found, status = await self._with_chaos(asked), 200
        except GraphError as error:
            found, status = error.envelope(), self._status(error)
            if isinstance(asked.body, dict):
                self._account.show_refusal(asked.body, error)
        await request.close()  # the files of a form
        took = time.perf_counter() - began
        self._keep(asked, status, found, round(took * 1000, 1))
        answer = found if isinstance(found, Response) else JSONResponse(found, status)
        answer.headers.update(self._headers(asked))
        return answer

    def _check_access(self, asked: GraphRequest) -> None:
        if asked.path == ("oauth", "access_token"):
            return  # it has a code in place of a token
        self._account.access_token.check(
            asked.token,
            is_of_app=asked.path[-1:] in OF_APPS,
            object_id=asked.object_id or None,
        )
        if asked.version is not None and not is_there(asked.version, self._today()):
            raise unknown_path(f"/v{asked.version}/{'/'.join(asked.path)}")

    async def _with_chaos(self, asked: GraphRequest) -> Mapping[str, Any] | Response:
        """What the endpoint answers, unless something goes wrong before or after."""
        faults = self._account.fault_injector
        if latency := faults.seconds("latency"):
            await asyncio.sleep(latency)
        if refusal := faults.refusal(asked.body):
            raise refusal
        if faults.hits("reset"):
            return BrokenConnection()
        try:
            found = await self._endpoint(asked)
        except WRONG_TYPES as error:
            details = f"A value of the request has a wrong type: {error!r}"
            raise GraphError(100, details) from error
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
        version = asked.version
        about_version = note_on_version(version, self._today()) if version else []
        return [*about_version, *(notes_on(asked.body) if isinstance(asked.body, dict) else [])]

    def _people_of(self, body: Any) -> list[str]:
        if not isinstance(body, dict):
            return []
        if isinstance(body.get("message_id"), str):
            person = self._account.ids.owner(body["message_id"])
        else:
            person = self._account.people.known(body.get("to"), body.get("recipient"))
        return [person.wa_id] if person else []

    def _headers(self, asked: GraphRequest) -> dict[str, str]:
        """What Meta's answers carry besides: ids for its support, and how much was used."""
        business = self._account.config.business_account_id
        used = {"call_count": 1, "total_cputime": 1, "total_time": 1}
        usage = {"type": "whatsapp", **used, "estimated_time_to_regain_access": 0}
        return {
            "facebook-api-version": f"v{asked.version or float(OLDEST)}",
            "x-business-use-case-usage": json.dumps({business: [usage]}),
            "x-fb-request-id": secrets.token_urlsafe(16),
            "x-fb-trace-id": secrets.token_urlsafe(8),
        }

    def _today(self) -> date:
        return datetime.fromtimestamp(self._account.clock(), UTC).date()


def _path_and_query(request: Request) -> str:
    query = SECRET_IN_QUERY.sub(rf"\1{HIDDEN}", request.url.query)
    return f"{request.url.path}?{query}" if query else request.url.path
