"""Files as phones and Windows make them: photos as documents, HEIC, texts in any encoding."""

import io

import pytest

from domain.inbound import Attachment
from features.assistant.media import UnreadableMedia
from features.attachments.file_types import decode, type_of
from features.attachments.media_reader import MAX_PICTURE_BYTES, QUOTATION, MediaReader
from services.agent import Picture

JPEG = b"\xff\xd8\xff\xe0 a photo"
#: Start of a photo of an iPhone.
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


class OneFile:
    """Meta, which has one file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def size(self, media_id: str, *, most: int) -> int:
        return len(self._content)

    async def fetch(self, media_id: str, *, most: int) -> bytes:
        return self._content


async def read(kind: str, mime_type: str, content: bytes, *, is_on: bool = True) -> str | Picture:
    reader, attachment = MediaReader(OneFile(content), is_on), Attachment(kind, "1", mime_type)
    await reader.memory(attachment)
    return await reader.read(attachment)


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [
        ("image", "image/jpeg"),
        ("image", "image/jpg"),
        ("image", "IMAGE/JPEG; a=b"),
        ("image", "image/png"),  # declared wrongly
        ("document", "image/jpeg"),
        ("document", "image/jpg"),
        ("document", "application/octet-stream"),
        ("document", ""),
    ],
)
async def test_a_photo_is_looked_at_however_it_is_sent(kind: str, mime_type: str) -> None:
    assert await read(kind, mime_type, JPEG) == Picture("image/jpeg", JPEG)


WORDS = "¿Cuándo abren? Año 2024; 5 €"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize(
    "mime_type",
    ["text/plain", "text/csv", "text/markdown", "application/json", "application/vnd.ms-excel"],
)
async def test_a_text_is_read_in_any_encoding(mime_type: str, encoding: str) -> None:
    assert await read("document", mime_type, WORDS.encode(encoding)) == QUOTATION + WORDS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_letters_are_read(encoding: str) -> None:
    words = "Привет, мир\r\nنفتح غدا"
    assert decode(words.encode(encoding)) == words.replace("\r\n", "\n")


def test_data_is_no_text() -> None:
    assert decode(bytes(range(256)) * 4) is None
    assert decode(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)) is None
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("content", "mime_type", "key"),
    [
        (b"PK\3\4" + bytes(99), "application/octet-stream", "attachments.unread"),
        (b"  ", "text/plain", "attachments.unread"),
        (b"MZ", "application/x-msdownload", "attachments.unread"),
        (JPEG + bytes(MAX_PICTURE_BYTES), "application/octet-stream", "attachments.unseen"),
        (HEIC, "image/heic", "attachments.heic"),
        (HEIC, "application/octet-stream", "attachments.heic"),
    ],
)
async def test_what_cannot_be_read_is_told(content: bytes, mime_type: str, key: str) -> None:
    with pytest.raises(UnreadableMedia) as caught:
        await read("document", mime_type, content)
    assert caught.value.key == key


async def test_a_video_is_told_to_the_model_and_not_fetched() -> None:
    note = await read("video", "video/mp4", b"")
    assert "cannot watch" in str(note)


@pytest.mark.parametrize("kind", ["image", "document"])
async def test_without_vision_the_model_is_told_what_it_does_not_see(kind: str) -> None:
    assert "You cannot" in str(await read(kind, "image/jpeg", JPEG, is_on=False))


async def test_a_photo_of_an_iphone_becomes_a_jpeg() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    made = io.BytesIO()
    pillow_heif.from_bytes("RGB", (64, 48), bytes(64 * 48 * 3)).save(made)
    photo = await read("document", "image/heic", made.getvalue())
    assert isinstance(photo, Picture)
    assert photo.mime_type == type_of(photo.content, "") == "image/jpeg"
