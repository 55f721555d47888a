"""Types and sizes of files that Meta accepts, and the type of a given file.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from mimetypes import guess_type
from pathlib import Path
from typing import BinaryIO

from schemas.cloud_api_schema import MediaType

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
OFFICE = "application/vnd.openxmlformats-officedocument"

#: MIME types by type of message, and the largest size in bytes.
ACCEPTED_TYPES: dict[MediaType, tuple[frozenset[str], int]] = {
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
    # 100 KiB for one that is not animated: see _max_bytes
    MediaType.STICKER: (frozenset({"image/webp"}), 500 * KILOBYTE),
    MediaType.VIDEO: (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}

#: Largest file of any type, in bytes.
MAX_FILE_BYTES = max(max_bytes for _, max_bytes in ACCEPTED_TYPES.values())

#: Bytes at the beginning of a file that tell its type.
SNIFFED_BYTES = 64
#: Signatures of types: offset in bytes, the bytes there, the MIME type.
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
    (4, b"ftypmp4", "video/mp4"),
    (4, b"ftypMSNV", "video/mp4"),
)
#: Signature of MP4 files that may have sound alone: the name decides.
ISO_MEDIA = (4, b"ftypiso")

#: MIME types by suffix where Python's own table has none, or another one.
BY_SUFFIX = {
    ".3gp": "video/3gpp",
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What Meta knows of a file that it stores."""

    #: Address of the file, valid for 5 minutes, and only with the access token.
    url: str
    mime_type: str
    #: Hash of the file, as Meta writes it.
    sha256: str
    #: Size in bytes; 0 if Meta does not say.
    file_size: int


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that Meta accepts: its type and size are checked.

    One that has a path stays on the disk, and is read while it is uploaded.
    """

    content: bytes | Path
    mime_type: str
    name: str
    kind: MediaType

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the content to read it."""
        if isinstance(self.content, bytes):
            yield BytesIO(self.content)
            return
        with self.content.open("rb") as file:
            yield file

    @classmethod
    def read(cls, path: Path, *, mime_type: str | None = None) -> "MediaFile":
        """Read and check a file; it blocks. Raise FileNotFoundError or ValueError."""
        if not path.is_file():
            raise FileNotFoundError(f"there is no file named {path.name}")
        if (size := path.stat().st_size) > MAX_FILE_BYTES:  # of any type: not even read
            raise ValueError(f"{path.name} has {size} bytes; Meta takes at most {MAX_FILE_BYTES}")
        with path.open("rb") as file:
            start = file.read(SNIFFED_BYTES)
        return cls._checked(path, start, size, name=path.name, mime_type=mime_type)

    @classmethod
    def of(cls, content: bytes, *, name: str = "file", mime_type: str | None = None) -> "MediaFile":
        """Check bytes. Their type comes from `mime_type`, their first bytes or the name.

        Raises ValueError if Meta does not accept the type, or the size for this type.
        """
        start = content[:SNIFFED_BYTES]
        return cls._checked(content, start, len(content), name=name, mime_type=mime_type)

    @classmethod
    def _checked(
        cls, content: bytes | Path, start: bytes, size: int, *, name: str, mime_type: str | None
    ) -> "MediaFile":
        found = mime_type or _sniff(start, name) or _by_name(name)
        if found is None:
            raise ValueError(f"the type of {name} is unknown: give its mime_type")
        for kind, (types, _) in ACCEPTED_TYPES.items():
            if found.partition(";")[0] in types:
                if size > (most := _max_bytes(kind, start)):
                    raise ValueError(
                        f"{name} has {size} bytes; Meta takes at most {most} of {found}"
                    )
                return cls(content, found, name, kind)
        raise ValueError(f"Meta does not take files of type {found}")


def _max_bytes(kind: MediaType, content: bytes) -> int:
    """Return the limit in bytes. Bit 1 of the VP8X flags marks an animated WebP."""
    is_animated = content[12:16] == b"VP8X" and len(content) > 20 and content[20] & 0b10
    if kind is MediaType.STICKER and not is_animated:
        return 100 * KILOBYTE
    return ACCEPTED_TYPES[kind][1]


def _sniff(content: bytes, name: str) -> str | None:
    for place, start, mime_type in SIGNATURES:
        if content.startswith(start, place):
            return mime_type
    if content.startswith(ISO_MEDIA[1], ISO_MEDIA[0]):
        return "audio/mp4" if name.endswith(".m4a") else "video/mp4"
    return None


def _by_name(name: str) -> str | None:
    return BY_SUFFIX.get(Path(name).suffix.lower()) or guess_type(name)[0]
