"""What every method of the service sends."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.cloud_api_schema import Button, MediaType, Row, Section, TextMessage
from services.cloud_api.client import CloudApi
from services.cloud_api.errors import Unavailable
from services.whatsapp_service import SentMessage, WhatsAppService

TO = "+573001234567"
ENVELOPE = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": TO}
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": TO, "wa_id": "573001234567"}],
    "messages": [{"id": "wamid.sent"}],
}
BUTTONS = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
ROWS = [{"id": "one", "title": "One", "description": "The first"}]
SECTIONS = [{"title": "All", "rows": ROWS}]
CARD = {"name": {"formatted_name": "Ann Lee", "first_name": "Ann"}, "phones": [{"phone": "+1"}]}


class Meta:
    """Takes everything, and remembers it."""

    def __init__(self, answer: Mapping[str, Any] = ACCEPTED) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/media"):
            return httpx.Response(200, json={"id": "555"})
        return httpx.Response(200, json=self.answer)

    @property
    def bodies(self) -> list[Any]:
        sent = [one for one in self.requests if one.url.path.endswith("/messages")]
        return [json.loads(request.content) for request in sent]

    @property
    def uploads(self) -> Sequence[bytes]:
        return [one.content for one in self.requests if one.url.path.endswith("/media")]


@pytest.fixture
def meta() -> Meta:
    return Meta()


@pytest.fixture
def whatsapp(meta: Meta) -> WhatsAppService:
    return service_at(meta)


def service_at(meta: Meta) -> WhatsAppService:
    http = httpx.AsyncClient(transport=httpx.MockTransport(meta))
    return WhatsAppService(CloudApi(http, token="t", phone_number_id="1"))


def interactive(**content: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": content}


def listing(label: str) -> dict[str, Any]:
    action = {"button": label, "sections": SECTIONS}
    return interactive(type="list", body={"text": "Choose"}, action=action)


Call = Callable[[WhatsAppService], Awaitable[SentMessage]]
CALLS: dict[str, tuple[Call, dict[str, Any]]] = {
    "text": (
        lambda it: it.send_message(TO, "Hello"),
        {"type": "text", "text": {"body": "Hello", "preview_url": False}},
    ),
    "text with a link": (
        lambda it: it.send_message(TO, "see https://example.org"),
        {"type": "text", "text": {"body": "see https://example.org", "preview_url": True}},
    ),
    "quote": (
        lambda it: it.send_message(TO, "Hello", message_id="wamid.theirs"),
        {
            "type": "text",
            "text": {"body": "Hello", "preview_url": False},
            "context": {"message_id": "wamid.theirs"},
        },
    ),
    "buttons": (
        lambda it: it.send_buttons_menu(TO, "Ready?", BUTTONS),
        interactive(type="button", body={"text": "Ready?"}, action={"buttons": BUTTONS}),
    ),
    "short buttons, header, footer": (
        lambda it: it.send_buttons_menu(
            to=TO,
            body="Ready?",
            buttons=[{"id": "yes", "title": "Yes"}],
            header={"type": "image", "image": {"link": "https://example.org/a.png"}},
            footer_text="Bye",
        ),
        interactive(
            type="button",
            header={"type": "image", "image": {"link": "https://example.org/a.png"}},
            body={"text": "Ready?"},
            footer={"text": "Bye"},
            action={"buttons": BUTTONS},
        ),
    ),
    "buttons as models": (
        lambda it: it.send_buttons_menu(TO, "Ready?", [Button(id="yes", title="Yes")]),
        interactive(type="button", body={"text": "Ready?"}, action={"buttons": BUTTONS}),
    ),
    "list": (
        lambda it: it.send_list_menu(TO, "Choose", "Open", SECTIONS),
        listing("Open"),
    ),
    "list without a label": (
        lambda it: it.send_list_menu(TO, "Choose", SECTIONS),
        listing("Options"),
    ),
    "list by keywords": (
        lambda it: it.send_list_menu(to=TO, body="Choose", sections=SECTIONS),
        listing("Options"),
    ),
    "list as models": (
        lambda it: it.send_list_menu(
            TO, "Choose", [Section(title="All", rows=[Row.model_validate(ROWS[0])])]
        ),
        listing("Options"),
    ),
    "file by link": (
        lambda it: it.send_media(TO, MediaType.IMAGE, "https://example.org/a.png", "Look"),
        {"type": "image", "image": {"link": "https://example.org/a.png", "caption": "Look"}},
    ),
    "file by id": (
        lambda it: it.send_media(TO, MediaType.DOCUMENT, "42", filename="menu.pdf"),
        {"type": "document", "document": {"id": "42", "filename": "menu.pdf"}},
    ),
    "sticker": (
        lambda it: it.send_sticker(TO, "42"),
        {"type": "sticker", "sticker": {"id": "42"}},
    ),
    "contact": (
        lambda it: it.send_contact_message(TO, CARD),
        {"type": "contacts", "contacts": [CARD]},
    ),
    "link button": (
        lambda it: it.send_cta_button(TO, "More", "Open", "https://example.org", "Top", "End"),
        interactive(
            type="cta_url",
            header={"type": "text", "text": "Top"},
            body={"text": "More"},
            footer={"text": "End"},
            action={
                "name": "cta_url",
                "parameters": {"display_text": "Open", "url": "https://example.org"},
            },
        ),
    ),
    "location": (
        lambda it: it.send_location(TO, 0, 0, "Null Island", "Gulf of Guinea"),
        {
            "type": "location",
            "location": {
                "latitude": 0,
                "longitude": 0,
                "name": "Null Island",
                "address": "Gulf of Guinea",
            },
        },
    ),
    "location request": (
        lambda it: it.send_request_location(TO, "Where?"),
        interactive(
            type="location_request_message",
            body={"text": "Where?"},
            action={"name": "send_location"},
        ),
    ),
    "reaction": (
        lambda it: it.send_reaction(TO, "wamid.theirs", "\N{THUMBS UP SIGN}"),
        {
            "type": "reaction",
            "reaction": {"message_id": "wamid.theirs", "emoji": "\N{THUMBS UP SIGN}"},
        },
    ),
    "template": (
        lambda it: it.send_template(TO, "hello_world", components=[{"type": "body"}]),
        {
            "type": "template",
            "template": {
                "name": "hello_world",
                "language": {"code": "en_US"},
                "components": [{"type": "body"}],
            },
        },
    ),
}


@pytest.mark.parametrize(("call", "expected"), CALLS.values(), ids=CALLS.keys())
async def test_the_exact_request(
    whatsapp: WhatsAppService, meta: Meta, call: Call, expected: dict[str, Any]
) -> None:
    sent = await call(whatsapp)

    assert meta.bodies == [{**ENVELOPE, **expected}]
    assert sent == SentMessage("wamid.sent", wa_id="573001234567")


async def test_marking_as_read(whatsapp: WhatsAppService, meta: Meta) -> None:
    await whatsapp.mark_as_read("wamid.theirs")

    assert meta.bodies == [
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.theirs"}
    ]


async def test_showing_that_we_type(whatsapp: WhatsAppService, meta: Meta) -> None:
    await whatsapp.show_typing("wamid.theirs")

    assert meta.bodies[0]["status"] == "read"
    assert meta.bodies[0]["typing_indicator"] == {"type": "text"}


@pytest.mark.parametrize("as_what", [str, Path, Path.read_bytes])
async def test_a_file_of_ours_is_uploaded_first(
    whatsapp: WhatsAppService, meta: Meta, tmp_path: Path, as_what: Callable[[Path], Any]
) -> None:
    path = tmp_path / "menu.pdf"
    path.write_bytes(b"%PDF-1.7")

    await whatsapp.send_media(TO, MediaType.DOCUMENT, as_what(path), filename="Menu.pdf")

    assert b"%PDF-1.7" in meta.uploads[0]
    assert meta.bodies[0]["document"] == {"id": "555", "filename": "Menu.pdf"}


async def test_a_file_that_is_not_there_sends_nothing(
    whatsapp: WhatsAppService, meta: Meta, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await whatsapp.send_media(TO, MediaType.IMAGE, tmp_path / "gone.png")

    assert meta.requests == []


async def test_a_caption_that_cannot_be_shown_uploads_nothing(
    whatsapp: WhatsAppService, meta: Meta
) -> None:
    with pytest.raises(ValueError, match="no caption"):
        await whatsapp.send_media(TO, MediaType.AUDIO, b"ID3\x04", caption="listen")

    assert meta.requests == []


async def test_an_empty_text_sends_nothing(whatsapp: WhatsAppService, meta: Meta) -> None:
    with pytest.raises(ValueError, match="empty"):
        await whatsapp.send_message(TO, "")

    assert meta.requests == []


async def test_a_message_carries_our_own_id(whatsapp: WhatsAppService, meta: Meta) -> None:
    await whatsapp.deliver(TextMessage(body="hi"), to=TO, callback_data="17.0")

    assert meta.bodies[0]["biz_opaque_callback_data"] == "17.0"


async def test_a_stored_payload_is_sent_as_it_is(whatsapp: WhatsAppService, meta: Meta) -> None:
    await whatsapp.deliver(TextMessage(body="hi", quoting="wamid.1").payload(), to=TO)

    assert meta.bodies[0]["context"] == {"message_id": "wamid.1"}


async def test_a_person_without_a_number_is_known_by_user_id() -> None:
    meta = Meta({"contacts": [{"user_id": "CO.1349"}], "messages": [{"id": "wamid.2"}]})

    sent = await service_at(meta).deliver(TextMessage(body="hi"), recipient="CO.1349")

    assert sent == SentMessage("wamid.2", user_id="CO.1349")
    assert meta.bodies[0]["recipient"] == "CO.1349"
    assert "to" not in meta.bodies[0]


@pytest.mark.parametrize("answer", [{}, {"messages": []}, {"messages": [{}]}, {"messages": None}])
async def test_an_answer_without_an_id_may_have_been_carried_out(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as failed:
        await service_at(Meta(answer)).send_message(TO, "hi")

    assert failed.value.ambiguous


async def test_the_class_sends_through_the_instance_in_use(
    whatsapp: WhatsAppService, meta: Meta
) -> None:
    WhatsAppService.use(whatsapp)
    try:
        await WhatsAppService.send_message(to="+1234567890", body="Hello, World!")
    finally:
        WhatsAppService.use(None)

    assert meta.bodies[0]["to"] == "+1234567890"
    assert meta.bodies[0]["text"]["body"] == "Hello, World!"
