"""Comments on records: listed in pages, written, changed and deleted.

Source: airtable.com/developers/web/api/list-comments
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from emulator.airtable.base_api import Endpoints
from emulator.airtable.changes import OPERATOR
from emulator.airtable.errors import AirtableRefusal, invalid
from emulator.airtable.listing import MAX_PAGE_RECORDS, whole_number
from emulator.airtable.tables import Record, new_id
from emulator.airtable.workspace import Workspace
from emulator.json import JsonObject

#: Who writes by the API.
AUTHOR = {"id": "usrEmulated000000", "email": "token@example.com", "name": "Emulated token"}
MENTION = re.compile(r"@\[(usr\w+)\]")


def comment_endpoints(workspace: Workspace) -> list[tuple[str, Endpoints]]:
    """By path below /v0/."""
    api = _CommentsApi(workspace)
    comments = "{base}/{table}/{record}/comments"
    return [
        (comments, {"GET": api.list, "POST": api.create}),
        (f"{comments}/{{comment}}", {"PATCH": api.update, "DELETE": api.delete}),
    ]


class _CommentsApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bases = workspace.bases

    async def list(self, request: Request, body: JsonObject) -> JsonObject:
        """The newest first."""
        asked = request.query_params
        size = min(whole_number(asked, "pageSize") or MAX_PAGE_RECORDS, MAX_PAGE_RECORDS)
        start = whole_number(asked, "offset") or 0
        found = self._record(request).comments[::-1]
        more = start + size < len(found)
        page = found[start : start + size]
        return {"comments": page, "offset": str(start + size) if more else None}

    async def create(self, request: Request, body: JsonObject) -> JsonObject:
        record, text = self._record(request), _text(body)
        made: dict[str, Any] = {
            "id": new_id("com"),
            "author": AUTHOR,
            "text": text,
            "createdTime": self._bases.now(),
            "lastUpdatedTime": None,
            **_mentions(text),
        }
        if parent := body.get("parentCommentId"):
            made["parentCommentId"] = _found(record, str(parent))["id"]
        record.comments.append(made)
        self._bases.note_change()
        return made

    async def update(self, request: Request, body: JsonObject) -> JsonObject:
        comment, text = self._comment(request), _text(body)
        comment |= {"text": text, "lastUpdatedTime": self._bases.now(), **_mentions(text)}
        self._bases.note_change()
        return comment

    async def delete(self, request: Request, body: JsonObject) -> JsonObject:
        record, comment = self._record(request), self._comment(request)
        record.comments.remove(comment)
        self._bases.note_change()
        return {"id": comment["id"], "deleted": True}

    def _record(self, request: Request) -> Record:
        asked = request.path_params
        return self._bases.table(asked["base"], asked["table"]).record(asked["record"])

    def _comment(self, request: Request) -> dict[str, Any]:
        return _found(self._record(request), request.path_params["comment"])


def _found(record: Record, comment_id: str) -> dict[str, Any]:
    for one in record.comments:
        if one["id"] == comment_id:
            return one
    raise AirtableRefusal(404, "NOT_FOUND")


def _text(body: JsonObject) -> str:
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise invalid("INVALID_REQUEST_UNKNOWN", "text is required")
    return text


def _mentions(text: str) -> Mapping[str, Any]:
    """Return the people whom a text names, as far as they are known."""
    shown = {"type": "user", "id": OPERATOR["id"], "displayName": OPERATOR["name"]}
    known = {OPERATOR["id"]: {**shown, "email": OPERATOR["email"]}}
    found = {one: known[one] for one in MENTION.findall(text) if one in known}
    return {"mentioned": found} if found else {}
