"""One request to the Graph API."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.cloud_api.rules.errors import unknown_object


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and what its JSON says."""

    request: Request
    #: None where it is none
    body: Any

    @classmethod
    async def of(cls, request: Request) -> "Call":
        if request.headers.get("content-type", "").startswith("multipart/"):
            return cls(request, None)
        try:
            return cls(request, json.loads(await request.body()))
        except ValueError:
            return cls(request, None)

    @property
    def object_id(self) -> str:
        return str(self.request.path_params["number"])

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object, empty if it is none."""
        return self.body if isinstance(self.body, dict) else {}


#: Answers with JSON, or with a file.
Endpoint = Callable[[Call], Awaitable[Mapping[str, Any] | Response]]
#: Makes an endpoint of Starlette of it.
Guard = Callable[[Endpoint], Callable[[Request], Awaitable[Response]]]


def object_routes(
    object_id: str, endpoints: Mapping[str, Mapping[str, Endpoint]], guarded: Guard
) -> list[Route]:
    """Of one object: path below it -> method -> endpoint. Other objects are unknown."""

    def of_object(endpoint: Endpoint) -> Endpoint:
        async def checked(call: Call) -> Mapping[str, Any] | Response:
            if call.object_id != object_id:
                raise unknown_object(call.object_id)
            return await endpoint(call)

        return checked

    return [
        Route(f"/v{{version:float}}/{{number}}/{name}", guarded(of_object(one)), methods=[method])
        for name, methods in endpoints.items()
        for method, one in methods.items()
    ]
