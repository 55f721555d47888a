"""How the service behaves around a request."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.recording_meta import TO, RecordingMeta, accepted, service_at

from schemas.cloud_api_schema import MediaType, TextMessage
from services.clients.cloud_api.errors import Unavailable
from services.whatsapp_service import SentMessage, WhatsAppService


@pytest.fixture
def meta() -> RecordingMeta:
    return RecordingMeta()


@pytest.fixture
def whatsapp(meta: RecordingMeta) -> WhatsAppService:
    return service_at(meta)


async def test_marking_as_read(whatsapp: WhatsAppService, meta: RecordingMeta) -> None:
    await whatsapp.mark_as_read("wamid.theirs")

    assert meta.bodies == [
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.theirs"}
    ]


async def test_showing_that_we_type(whatsapp: WhatsAppService, meta: RecordingMeta) -> None:
    await whatsapp.show_typing("wamid.theirs")

    assert meta.bodies[0]["status"] == "read"
    assert meta.bodies[0]["typing_indicator"] == {"type": "text"}


@pytest.mark.parametrize("as_what", [str, Path, Path.read_bytes])
async def test_a_file_of_ours_is_uploaded_first(
    whatsapp: WhatsAppService, meta: RecordingMeta, tmp_path: Path, as_what: Callable[[Path], Any]
) -> None:
    path = tmp_path / "menu.pdf"
    path.write_bytes(b"%PDF-1.7")

    await whatsapp.send_media(TO, MediaType.DOCUMENT, as_what(path), filename="Menu.pdf")

    assert b"%PDF-1.7" in meta.uploads[0]
    assert meta.bodies[0]["document"] == {"id": "555", "filename": "Menu.pdf"}


async def test_a_file_that_is_not_there_sends_nothing(
    whatsapp: WhatsAppService, meta: RecordingMeta, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await whatsapp.send_media(TO, MediaType.IMAGE, tmp_path / "gone.png")

    assert meta.requests == []


async def test_a_caption_that_cannot_be_shown_uploads_nothing(
    whatsapp: WhatsAppService, meta: RecordingMeta
) -> None:
    with pytest.raises(ValueError, match="no caption"):
        await whatsapp.send_media(TO, MediaType.AUDIO, b"ID3\x04", caption="listen")

    assert meta.requests == []


async def test_an_empty_text_sends_nothing(whatsapp: WhatsAppService, meta: RecordingMeta) -> None:
    with pytest.raises(ValueError, match="empty"):
        await whatsapp.send_message(TO, "")

    assert meta.requests == []


async def test_a_message_carries_our_own_id(whatsapp: WhatsAppService, meta: RecordingMeta) -> None:
    await whatsapp.deliver(TextMessage(body="hi"), to=TO, callback_data="17.0")

    assert meta.bodies[0]["biz_opaque_callback_data"] == "17.0"


async def test_a_stored_payload_is_sent_as_it_is(
    whatsapp: WhatsAppService, meta: RecordingMeta
) -> None:
    await whatsapp.deliver(TextMessage(body="hi", quoting="wamid.1").payload(), to=TO)

    assert meta.bodies[0]["context"] == {"message_id": "wamid.1"}


async def test_a_person_without_a_number_is_known_by_user_id() -> None:
    meta = RecordingMeta(
        accepted({"contacts": [{"user_id": "CO.1349"}], "messages": [{"id": "wamid.2"}]})
    )

    sent = await service_at(meta).deliver(TextMessage(body="hi"), recipient="CO.1349")

    assert sent == SentMessage("wamid.2", user_id="CO.1349")
    assert meta.bodies[0]["recipient"] == "CO.1349"
    assert "to" not in meta.bodies[0]


@pytest.mark.parametrize("answer", [{}, {"messages": []}, {"messages": [{}]}, {"messages": None}])
async def test_an_answer_without_an_id_may_have_been_carried_out(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as failed:
        await service_at(RecordingMeta(accepted(answer))).send_message(TO, "hi")

    assert failed.value.ambiguous


async def test_the_class_sends_through_the_instance_in_use(
    whatsapp: WhatsAppService, meta: RecordingMeta
) -> None:
    WhatsAppService.use(whatsapp)
    try:
        await WhatsAppService.send_message(to="+1234567890", body="Hello, World!")
    finally:
        WhatsAppService.use(None)

    assert meta.bodies[0]["to"] == "+1234567890"
    assert meta.bodies[0]["text"]["body"] == "Hello, World!"
