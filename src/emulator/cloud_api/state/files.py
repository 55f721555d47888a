"""Files of both sides, and the URLs under which they can be fetched for five minutes.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

#: Files that are kept; Meta keeps them for 30 days.
MAX_KEPT_FILES = 500
#: Bytes of all files that are kept: they are in memory.
MAX_KEPT_BYTES = 256 * 1024 * 1024
#: Seconds until the URL of a file expires.
URL_LIFE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class File:
    """What was uploaded, by the bot or by a person."""

    content: bytes
    mime_type: str

    @property
    def sha256(self) -> str:
        """As Meta writes it: in base64."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


class Files:
    """Those of one account. `clock` gives seconds since 1970.

    `base_url` is where they are served. It follows the address at which clients reach the emulator.
    """

    NOT_KEPT: ClassVar = frozenset({"base_url", "_clock"})

    def __init__(self, base_url: str, clock: Callable[[], float]) -> None:
        self.base_url = base_url
        self._clock = clock
        self._key = secrets.token_bytes()
        self._kept: OrderedDict[str, File] = OrderedDict()
        self._size = 0

    def __contains__(self, file_id: object) -> bool:
        return file_id in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, file_id: str) -> File | None:
        return self._kept.get(file_id)

    def keep(self, content: bytes, mime_type: str) -> str:
        """Returns its id."""
        file_id = str(secrets.randbelow(9 * 10**15) + 10**15)
        self._kept[file_id] = File(content, mime_type)
        self._size += len(content)
        while len(self._kept) > MAX_KEPT_FILES or self._size > MAX_KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.content)
        return file_id

    def delete(self, file_id: str) -> bool:
        """Whether there was one."""
        file = self._kept.pop(file_id, None)
        self._size -= len(file.content) if file else 0
        return file is not None

    def url(self, file_id: str) -> str:
        expires = str(int(self._clock()) + URL_LIFE_SECONDS)
        query = f"expires={expires}&signature={self._signature(file_id, expires)}"
        return f"{self.base_url}/media-content/{file_id}?{query}"

    def fetch(self, file_id: str, expires: str, signature: str) -> File | None:
        """The file, if this is a URL that was given out and still holds."""
        if not hmac.compare_digest(self._signature(file_id, expires).encode(), signature.encode()):
            return None
        return self._kept.get(file_id) if int(expires) >= self._clock() else None

    def described(self, file_id: str) -> dict[str, Any] | None:
        file = self._kept.get(file_id)
        if file is None:
            return None
        return {
            "messaging_product": "whatsapp",
            "id": file_id,
            "url": self.url(file_id),
            "mime_type": file.mime_type,
            "sha256": file.sha256,
            "file_size": len(file.content),
        }

    def _signature(self, file_id: str, expires: str) -> str:
        return hmac.digest(self._key, f"{file_id}.{expires}".encode(), hashlib.sha256).hex()


def kind_of(mime_type: str) -> str:
    """Return the type of the message that carries a file."""
    main = mime_type.partition("/")[0]
    return main if main in ("image", "audio", "video") else "document"


def sent_file(
    files: Files, content: bytes, mime_type: str, *, name: str, caption: str, is_voice: bool
) -> dict[str, Any]:
    """Return the message of somebody who sends a file; its content is kept."""
    file_id, kind = files.keep(content, mime_type), kind_of(mime_type)
    file: dict[str, Any] = {
        "id": file_id,
        "mime_type": mime_type,
        "sha256": File(content, mime_type).sha256,
        "url": files.url(file_id),
    }
    if caption:
        file["caption"] = caption
    if kind == "document":
        file["filename"] = name
    if kind == "audio":
        file["voice"] = is_voice
    return {"type": kind, kind: file}
