"""Which files Meta takes."""

from pathlib import Path

import pytest

from schemas.cloud_api_schema import MediaType
from services.clients.cloud_api.media import MediaFile

KB, MB = 1024, 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
WEBP = b"RIFF\0\0\0\0WEBPVP8 "
MOVING_WEBP = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02"


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (WEBP, "image/webp"),
        (b"OggS\0", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftyp3gp4", "video/3gpp"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
    ],
)
def test_a_file_is_known_by_how_it_begins(content: bytes, mime_type: str) -> None:
    assert MediaFile.of(content, name="misnamed.txt").mime_type == mime_type


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.txt", "text/plain"),
        ("a.doc", "application/msword"),
        ("a.docx", f"{OFFICE}.wordprocessingml.document"),
        ("a.xls", "application/vnd.ms-excel"),
        ("a.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
        ("a.ppt", "application/vnd.ms-powerpoint"),
        ("a.pptx", f"{OFFICE}.presentationml.presentation"),
        ("a.m4a", "audio/mp4"),
        ("a.mp3", "audio/mpeg"),
    ],
)
def test_else_by_its_name(name: str, mime_type: str) -> None:
    assert MediaFile.of(b"plain", name=name).mime_type == mime_type


@pytest.mark.parametrize("name", ["a.zip", "a.gif", "a.exe", "a.csv"])
def test_a_type_that_meta_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="does not take"):
        MediaFile.of(b"plain", name=name)


def test_a_type_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="give its mime_type"):
        MediaFile.of(b"plain", name="plain")


def test_the_caller_may_name_the_type() -> None:
    assert MediaFile.of(b"plain", mime_type="text/plain").mime_type == "text/plain"


def test_the_codec_of_a_voice_note_is_kept() -> None:
    voice = MediaFile.of(b"OggS", mime_type="audio/ogg; codecs=opus")

    assert voice.mime_type == "audio/ogg; codecs=opus"


LARGEST = [
    (b"\x89PNG\r\n\x1a\n", 5 * MB),
    (b"ID3\x04", 16 * MB),
    (b"\0\0\0\x18ftypmp42", 16 * MB),
    (MOVING_WEBP, 500 * KB),
    (b"%PDF-1.7", 100 * MB),
]
every_size = pytest.mark.parametrize(
    ("start", "largest"), LARGEST, ids=["image", "audio", "video", "sticker", "document"]
)


@every_size
def test_a_file_of_the_largest_size_is_taken(start: bytes, largest: int) -> None:
    content = start.ljust(largest, b"\0")
    assert MediaFile.of(content).content == content


@every_size
def test_one_byte_more_is_too_large(start: bytes, largest: int) -> None:
    with pytest.raises(ValueError, match=f"at most {largest}"):
        MediaFile.of(start.ljust(largest + 1, b"\0"))


def test_webp_has_the_limit_of_stickers_not_of_images() -> None:
    with pytest.raises(ValueError, match="at most"):
        MediaFile.of(WEBP.ljust(1 * MB, b"\0"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        MediaFile.read(tmp_path / "gone.pdf")


def test_a_file_larger_than_meta_takes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "film.bin"
    with path.open("wb") as file:
        file.truncate(100 * MB + 1)  # a hole: takes no room, and is of no known type
    with pytest.raises(ValueError, match="at most 104857600"):
        MediaFile.read(path)


def test_a_file_goes_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "menu.pdf"
    path.write_bytes(b"%PDF-1.7")

    menu = MediaFile.read(path)
    assert menu == MediaFile(path, "application/pdf", "menu.pdf", MediaType.DOCUMENT)
    with menu.open() as content:
        assert content.read() == b"%PDF-1.7"
