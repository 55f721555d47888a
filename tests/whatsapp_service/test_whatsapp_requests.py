"""The exact request that every method of the service makes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.fakes.recording_meta import TO, RecordingMeta, service_at

from schemas.cloud_api_schema import MediaType
from schemas.interactive_schema import Button, Row, Section
from services.whatsapp_service import SentMessage, WhatsAppService


@pytest.fixture
def meta() -> RecordingMeta:
    return RecordingMeta()


@pytest.fixture
def whatsapp(meta: RecordingMeta) -> WhatsAppService:
    return service_at(meta)


ENVELOPE = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": TO}
BUTTONS = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
ROWS = [{"id": "one", "title": "One", "description": "The first"}]
SECTIONS = [{"title": "All", "rows": ROWS}]
CARD = {"name": {"formatted_name": "Ann Lee", "first_name": "Ann"}, "phones": [{"phone": "+1"}]}


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
    whatsapp: WhatsAppService, meta: RecordingMeta, call: Call, expected: dict[str, Any]
) -> None:
    sent = await call(whatsapp)

    assert meta.bodies == [{**ENVELOPE, **expected}]
    assert sent == SentMessage("wamid.sent", wa_id="573001234567")
