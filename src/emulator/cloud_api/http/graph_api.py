"""The endpoints of graph.facebook.com that a bot calls."""

from collections.abc import Mapping
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from emulator.cloud_api.http.app_api import app_edges
from emulator.cloud_api.http.business_api import business_edges
from emulator.cloud_api.http.graph_request import Edges, GraphRequest, chosen_fields
from emulator.cloud_api.http.guard import guarded
from emulator.cloud_api.http.number_api import number_edges
from emulator.cloud_api.http.signup_api import Signups
from emulator.cloud_api.http.unsupported import require_emulated
from emulator.cloud_api.http.upload_api import PREFIX, Uploads
from emulator.cloud_api.rules.errors import GraphError, unknown_object, unknown_path
from emulator.cloud_api.rules.media import check_media
from emulator.cloud_api.state.access_token import APP
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.lines import Line

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _GraphPath(Convertor[str]):
    """A path without a version: it begins with the id of an object, or with one of these words."""

    regex = r"(?:[0-9]+|debug_token|oauth|upload:[^/]+)(?:/.*)?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("graph", _GraphPath())


def graph_routes(account: Account) -> list[Route]:
    """Every address of the Graph API, with its version or without."""
    signups = Signups(account)
    graph = _GraphApi(account, signups)
    answer = guarded(account, graph.answer)
    return [
        *signups.routes(),
        Route("/media-content/{file_id}", guarded(account, graph.content)),
        Route("/v{version:float}/{path:path}", answer, methods=METHODS),
        Route("/{path:graph}", answer, methods=METHODS),
    ]


class _GraphApi:
    def __init__(self, account: Account, signups: Signups) -> None:
        self._account = account
        self._signups = signups
        self._uploads = Uploads()
        self._of_app = app_edges(account, self._uploads)
        self._of_business = business_edges(account)
        self._of_number: Edges = {
            "": {"GET": self.describe_number},
            "messages": {"POST": self.messages},
            "media": {"POST": self.upload},
        }
        told = number_edges(account)
        both = {**self._of_number.get("", {}), **told.get("", {})}
        self._of_first_number: Edges = {**self._of_number, **told, "": both}
        self._of_others: Edges = {
            "": {"GET": self.describe, "POST": self.edit, "DELETE": self.delete}
        }

    async def answer(self, asked: GraphRequest) -> Mapping[str, Any] | Response:
        """Answer what any object is asked, or refuse it as Meta does."""
        if asked.path == ("debug_token",):
            return self._account.access_token.described(str(asked.fields.get("input_token", "")))
        if asked.path == ("oauth", "access_token"):
            return await self._signups.exchange(asked)
        require_emulated(asked)
        edges = self._edges(asked.object_id)
        methods = edges.get(asked.edge)
        if methods is None:
            ours = (self._of_app, self._of_business, self._of_first_number)
            if any(edges is one for one in ours) or asked.edge not in {
                *self._of_business,
                *self._of_first_number,
            }:
                raise unknown_path(f"/{'/'.join(asked.path[1:])}")
            raise unknown_object(asked.object_id, asked.http.method)
        endpoint = methods.get(asked.http.method)
        if endpoint is None:
            raise unknown_object(asked.object_id, asked.http.method)
        return await endpoint(asked)

    def _edges(self, object_id: str) -> Edges:
        config = self._account.config
        if object_id == APP["id"]:
            return self._of_app
        if object_id.startswith(PREFIX):
            return self._uploads.edges
        if object_id == config.business_account_id:
            return self._of_business
        if object_id == config.phone_number_id:
            return self._of_first_number
        if object_id in config.number_accounts.values():
            return self._signups.of_account
        has_it = self._account.lines.of(object_id) is not None
        return {**self._of_number, **self._signups.of_number} if has_it else self._of_others

    async def messages(self, asked: GraphRequest) -> Mapping[str, Any]:
        line = self._line_of(asked)
        if asked.body is not None and not isinstance(asked.body, dict):
            raise GraphError(100, "The body is not a JSON object.")
        if asked.fields.get("status") == "read":
            return self._account.mark_read(asked.fields, line)
        return self._account.send(asked.fields, line)

    async def upload(self, asked: GraphRequest) -> Mapping[str, Any]:
        file = asked.fields.get("file")
        if asked.fields.get("messaging_product") != "whatsapp" or not isinstance(file, UploadFile):
            raise GraphError(100, "messaging_product and file are required.")
        content = await file.read()
        mime_type = file.content_type or str(asked.fields.get("type", ""))
        check_media(content, mime_type)
        return {"id": self._account.files.keep(content, mime_type)}

    async def describe_number(self, asked: GraphRequest) -> Mapping[str, Any]:
        line = self._line_of(asked)
        described = {**self._account.number.described(), "id": line.phone_number_id}
        described["display_phone_number"] = line.display
        return chosen_fields(described, asked.text("fields"))

    async def describe(self, asked: GraphRequest) -> Mapping[str, Any]:
        object_id, account = asked.object_id, self._account
        if account.templates.knows(object_id):
            shown = account.templates.get(object_id).shown(account.clock())
            return chosen_fields(shown, asked.text("fields"))
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
            raise unknown_object(asked.object_id, "delete")
        return {"success": True}

    async def edit(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Of objects that can be edited, a bot has templates."""
        if not self._account.templates.knows(asked.object_id):
            raise unknown_object(asked.object_id, "post")
        return self._account.templates.edit(asked.object_id, asked.fields)

    def _line_of(self, asked: GraphRequest) -> Line:
        line = self._account.lines.of(asked.object_id)
        if line is None:
            raise unknown_object(asked.object_id)
        return line
