"""Which files Meta takes, how large, and what a file is.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from schemas.cloud_api_schema import MediaType

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
OFFICE = "application/vnd.openxmlformats-officedocument"

#: MIME types by kind, and the largest size in bytes
ACCEPTED: dict[MediaType, tuple[frozenset[str], int]] = {
    MediaType.AUDIO: (
        frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"}),
        16 * MEGABYTE,
    ),
    MediaType.DOCUMENT: (
        frozenset(
            {
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                f"{OFFICE}.wordprocessingml.document",
                f"{OFFICE}.spreadsheetml.sheet",
                f"{OFFICE}.presentationml.presentation",
            }
        ),
        100 * MEGABYTE,
    ),
    MediaType.IMAGE: (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    # 100 kB if it does not move, which we do not look into
    MediaType.STICKER: (frozenset({"image/webp"}), 500 * KILOBYTE),
    MediaType.VIDEO: (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}

#: How files of a type begin: at which byte, with what
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (4, b"ftyp3g", "video/3gpp"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that Meta will take."""

    content: bytes
    mime_type: str
    name: str

    @classmethod
    def read(cls, path: Path, *, mime_type: str | None = None) -> "File":
        """Blocks; FileNotFoundError, or ValueError with what Meta would not take."""
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path.name}")
        return cls.of(path.read_bytes(), name=path.name, mime_type=mime_type)

    @classmethod
    def of(cls, content: bytes, *, name: str = "file", mime_type: str | None = None) -> "File":
        """Check bytes; their type is told by how they begin, else by the name."""
        found = mime_type or _sniff(content) or guess_type(name)[0]
        if found is None:
            raise ValueError(f"the type of {name} is unknown: give its mime_type")
        for kinds, largest in ACCEPTED.values():
            if found.partition(";")[0] in kinds:
                if len(content) > largest:
                    raise ValueError(
                        f"{name} has {len(content)} bytes; Meta takes at most {largest} of {found}"
                    )
                return cls(content, found, name)
        raise ValueError(f"Meta does not take files of type {found}")


def _sniff(content: bytes) -> str | None:
    for place, start, mime_type in SIGNATURES:
        if content.startswith(start, place):
            return mime_type
    return None
