"""One request to the Graph API."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from emulator.cloud_api.rules.errors import GraphError

#: Content types of forms.
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
#: Parameter that may hold the access token, in place of the header.
TOKEN = "access_token"
#: Parameters that are objects or lists. Graph also takes them as JSON in a text.
STRUCTURED = frozenset(
    {
        *("audio", "block_users", "calling", "commands", "components", "contacts", "context"),
        *("document", "image", "interactive", "location", "prompts", "reaction", "session"),
        *("sticker", "template", "text", "typing_indicator", "video", "webhook_configuration"),
        *("websites", "storage_configuration", "hsm_ids", "language", "status", "category"),
        *("user_identity_change", "payload_encryption", "product_policy", "quality_score"),
    }
)


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """A request of HTTP, what it is about, and its parameters."""

    http: Request
    #: Names of the path after the version: an object, its edge, and more.
    path: tuple[str, ...] = ()
    version: float | None = None
    #: What the body says, without files; None where it says nothing.
    body: Any = None
    #: Parameters of the query, of a form and of JSON, together.
    fields: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    @classmethod
    async def of(cls, request: Request) -> "GraphRequest":
        """Read a request. Graph takes parameters from the query, from forms and from JSON."""
        given, body = await _body(request)
        fields = {name: _decoded(name, value) for name, value in _given(request, given).items()}
        in_header = request.headers.get("authorization", "")
        token = in_header.removeprefix("Bearer ").removeprefix("OAuth ")
        in_fields = fields.pop(TOKEN, "")
        path, version = request.path_params.get("path", ""), request.path_params.get("version")
        names = tuple(name for name in str(path).split("/") if name)
        return cls(request, names, version, body, fields, token or str(in_fields))

    @property
    def object_id(self) -> str:
        return self.path[0] if self.path else ""

    @property
    def edge(self) -> str:
        """Name after the object; where more follows, with /*."""
        return "/".join([*self.path[1:2], *("*" for _ in self.path[2:])])

    @property
    def item(self) -> str:
        """Last name of the path."""
        return self.path[-1]

    def text(self, name: str) -> str | None:
        """Return a parameter that is a text; None if it is not given."""
        value = self.fields.get(name)
        return None if value in (None, "") else str(value)

    def number(self, name: str, usual: int, *, least: int = 0) -> int:
        """Return a parameter that is a whole number. Raise GraphError for any other."""
        value = self.text(name)
        if value is None:
            return usual
        if not value.isdecimal() or int(value) < least:
            text = f"Param {name} must be an integer greater than or equal to {least}"
            raise GraphError(100, f"{name} is not such a number.", text)
        return int(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a parameter that is one text, several with commas, or a list of JSON."""
        value = self.fields.get(name)
        given = value if isinstance(value, list) else str(value or "").split(",")
        return tuple(str(one).strip() for one in given if str(one).strip())


#: Handler of one endpoint: returns JSON, or a file.
Endpoint = Callable[[GraphRequest], Awaitable[Mapping[str, Any] | Response]]
#: Endpoints of one kind of object: edge -> method -> endpoint.
Edges = Mapping[str, Mapping[str, Endpoint]]


async def _body(request: Request) -> tuple[Mapping[str, Any], Any]:
    """Return the parameters of a body, and what of it can be shown as JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip() in FORMS:
        form = await request.form()
        return dict(form), _shown(form) or None
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}, None
    return (body, _shown(body)) if isinstance(body, dict) else ({}, body)


def _shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without files, and without the token."""
    return {
        key: value
        for key, value in given.items()
        if key != TOKEN and not isinstance(value, UploadFile)
    }


def _given(request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameters by name. Lists may be written as name[]=a&name[]=b."""
    query = request.query_params
    lists = {key[:-2]: query.getlist(key) for key in query if key.endswith("[]")}
    return {**query, **lists, **body}


def _decoded(name: str, value: Any) -> Any:
    if name not in STRUCTURED or not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def chosen_fields(described: Mapping[str, Any], fields: str | None) -> Mapping[str, Any]:
    """Only the fields that were asked for, and the id."""
    if not fields:
        return described
    names = {"id", *(one.partition("{")[0].strip() for one in fields.split(","))}
    return {name: value for name, value in described.items() if name in names}
