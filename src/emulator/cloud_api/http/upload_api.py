"""The Resumable Upload API: files by which Meta reviews templates.

Source: developers.facebook.com/docs/graph-api/guides/upload
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.http.graph_request import Edges, GraphRequest
from emulator.cloud_api.rules.errors import GraphError

PREFIX = "upload:"
#: Kinds of files that can be uploaded.
TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})


@dataclass(slots=True)
class _Upload:
    """A file that is on its way."""

    length: int
    content: bytearray = field(default_factory=bytearray)


class Uploads:
    """The uploads of an app."""

    def __init__(self) -> None:
        self._begun: dict[str, _Upload] = {}
        #: Under the id of an upload.
        self.edges: Edges = {"": {"GET": self.describe, "POST": self.receive}}

    async def begin(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Return the id of an upload."""
        length, type_ = asked.number("file_length", 0, least=1), asked.text("file_type")
        if not length or type_ not in TYPES:
            known = ", ".join(sorted(TYPES))
            raise GraphError(100, f"file_length, and a file_type of {known}, are required.")
        id_ = f"{PREFIX}{base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()}"
        self._begun[id_] = _Upload(length)
        return {"id": f"{id_}?sig={secrets.token_urlsafe(12)}"}

    async def describe(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Return from where to go on after an upload that broke off."""
        return {"id": asked.object_id, "file_offset": len(self._of(asked).content)}

    async def receive(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Take the rest of a file; return its handle."""
        upload = self._of(asked)
        offset = asked.http.headers.get("file_offset", "")
        if not offset.isdecimal() or int(offset) != len(upload.content):
            raise GraphError(100, f"file_offset has to be {len(upload.content)}.")
        upload.content += await asked.http.body()
        if len(upload.content) != upload.length:
            raise GraphError(100, f"The file has {upload.length} bytes, not {len(upload.content)}.")
        return {"h": f"4::{base64.b64encode(secrets.token_bytes(32)).decode()}"}

    def _of(self, asked: GraphRequest) -> _Upload:
        found = self._begun.get(asked.object_id)
        if found is None:
            raise GraphError(100, "There is no such upload.")
        return found
