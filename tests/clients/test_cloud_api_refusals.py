"""What Meta would refuse is refused here first, and what went wrong is told apart."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.recording_meta import TO, RecordingMeta, service_at

from schemas.cloud_api_schema import (
    ContactsMessage,
    MediaMessage,
    MediaType,
    ReactionMessage,
    TemplateMessage,
    TextMessage,
)
from schemas.interactive_schema import Header
from services.clients.cloud_api.errors import Throttled, Unavailable, error_from_response
from services.clients.cloud_api.media import MediaFile
from services.clients.cloud_api.sender import recipient_of
from services.whatsapp_service import WhatsAppService

PICTURE = "https://example.org/a.png"
STILL_WEBP = b"RIFF\0\0\0\0WEBPVP8 "


def refusal(code: int, status: int) -> Any:
    body = {"error": {"code": code, "message": "Something", "error_subcode": 463}}
    return error_from_response(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(("code", "status"), [(131000, 500), (131016, 500), (2, 503)])
def test_any_5xx_may_have_been_carried_out(code: int, status: int) -> None:
    error = refusal(code, status)

    assert isinstance(error, Unavailable)
    assert error.ambiguous


def test_the_text_of_an_error_has_its_code() -> None:
    assert "190" in str(refusal(190, 401))


def test_an_error_keeps_the_subcode() -> None:
    assert refusal(190, 401).subcode == 463


def test_the_pair_limit_is_first_waited_for_one_second() -> None:
    error = refusal(131056, 400)

    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=1)


def test_a_still_sticker_has_at_most_100_kb() -> None:
    with pytest.raises(ValueError, match="at most"):
        MediaFile.of(STILL_WEBP.ljust(100 * 1024 + 1, b"\0"))


@pytest.mark.parametrize("brand", [b"qt  ", b"heic", b"avif"])
def test_not_every_iso_file_is_an_mp4_video(brand: bytes) -> None:
    with pytest.raises(ValueError, match=r"does not take|unknown"):
        MediaFile.of(b"\0\0\0\x18ftyp" + brand)


@pytest.mark.parametrize(("name", "mime_type"), [("a.amr", "audio/amr"), ("a.3gp", "video/3gpp")])
def test_names_that_python_knows_under_another_type(name: str, mime_type: str) -> None:
    assert MediaFile.of(b"plain", name=name).mime_type == mime_type


def test_an_m4a_recording_is_no_video() -> None:
    assert MediaFile.of(b"\0\0\0\x18ftypisom", name="a.m4a").mime_type == "audio/mp4"


@pytest.mark.parametrize("content", [b"%PDF-1.7", STILL_WEBP])
async def test_a_file_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="image"):
        await service_at(RecordingMeta()).send_media(TO, MediaType.IMAGE, content)


async def test_callback_data_has_at_most_512_characters() -> None:
    with pytest.raises(ValueError, match="512"):
        await service_at(RecordingMeta()).deliver(
            TextMessage(body="hi"), to=TO, callback_data="x" * 513
        )


async def test_a_header_after_the_sections_is_not_dropped() -> None:
    sections: Any = [{"rows": [{"id": "1", "title": "One"}]}]
    header: Any = {"type": "text", "text": "Top"}
    meta = RecordingMeta()

    with pytest.raises((TypeError, ValueError)):
        await service_at(meta).send_list_menu(TO, "Choose", sections, header)


async def test_reading_a_method_of_the_class_needs_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("WP_ACCESS_TOKEN", "WP_PHONE_ID"):
        monkeypatch.delenv(name, raising=False)

    assert callable(WhatsAppService.send_message)


@pytest.mark.parametrize("to", ["hello", "+57 call me", "\u0663\u0660\u0660"])
def test_what_is_neither_a_number_nor_a_user_id_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="recipient"):
        recipient_of(to)


REFUSED: dict[str, Callable[[], object]] = {
    "an empty media id": lambda: MediaMessage(kind=MediaType.IMAGE, id=""),
    "a header with id and link": lambda: Header(type="image", media={"id": "1", "link": PICTURE}),
    "a header whose link is none": lambda: Header(type="image", media={"link": "nope"}),
    "a reaction that quotes": lambda: ReactionMessage(message_id="w", emoji="", quoting="w"),
    "a template of no language": lambda: TemplateMessage(name="a", language=""),
    "a contact with a blank name": lambda: ContactsMessage(
        contacts=[{"name": {"formatted_name": " "}}]
    ),
    "a contact whose name is a text": lambda: ContactsMessage(contacts=[{"name": "Ann"}]),
    "258 contacts": lambda: ContactsMessage(contacts=[{"name": {"formatted_name": "A"}}] * 258),
    "half an emoji": lambda: TextMessage(body="a\ud83d"),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_what_meta_refuses_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()
