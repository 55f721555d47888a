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
class GraphRequest:
    """A request of HTTP, and its JSON."""

    http: Request
    #: the JSON; None where the body is none
    body: Any

    @classmethod
    async def of(cls, request: Request) -> "GraphRequest":
        if request.headers.get("content-type", "").startswith("multipart/"):
            return cls(request, None)
        try:
            return cls(request, json.loads(await request.body()))
        except ValueError:
            return cls(request, None)

    @property
    def object_id(self) -> str:
        return str(self.http.path_params["number"])

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object, empty if it is none."""
        return self.body if isinstance(self.body, dict) else {}


#: Handler of one endpoint: returns JSON, or a file.
Endpoint = Callable[[GraphRequest], Awaitable[Mapping[str, Any] | Response]]
#: Decorator that turns an endpoint into a handler of Starlette.
Guard = Callable[[Endpoint], Callable[[Request], Awaitable[Response]]]


def object_routes(
    object_id: str, endpoints: Mapping[str, Mapping[str, Endpoint]], guarded: Guard
) -> list[Route]:
    """Of one object: path below it -> method -> endpoint. Other objects are unknown."""

    def of_object(endpoint: Endpoint) -> Endpoint:
        async def checked(asked: GraphRequest) -> Mapping[str, Any] | Response:
            if asked.object_id != object_id:
                raise unknown_object(asked.object_id)
            return await endpoint(asked)

        return checked

    return [
        Route(f"/v{{version:float}}/{{number}}/{name}", guarded(of_object(one)), methods=[method])
        for name, methods in endpoints.items()
        for method, one in methods.items()
    ]


def chosen_fields(described: Mapping[str, Any], fields: str | None) -> Mapping[str, Any]:
    """Only the fields that were asked for, and the id."""
    if not fields:
        return described
    names = {"id", *fields.split(",")}
    return {name: value for name, value in described.items() if name in names}
