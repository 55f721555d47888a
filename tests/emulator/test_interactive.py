"""Interactive messages: what Meta refuses in headers, buttons, Flows and carousels."""

from typing import Any

import pytest

from emulator.cloud_api.testing import CloudApiDouble as Meta

PICTURE = {"type": "image", "image": {"link": "https://e.org/a.png"}}
VIDEO = {"type": "video", "video": {"link": "https://e.org/a.mp4"}}
LINK: dict[str, Any] = {
    "name": "cta_url",
    "parameters": {"display_text": "Open", "url": "https://e.org"},
}
QUICK = {"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}
REPLY = {"type": "reply", "reply": {"id": "a", "title": "A"}}


def card(index: int, **more: Any) -> dict[str, Any]:
    return {"card_index": index, "type": "cta_url", "header": PICTURE, "action": LINK, **more}


def carousel(*changes: dict[str, Any]) -> dict[str, Any]:
    cards = [card(index) | change for index, change in enumerate(changes)]
    return {"type": "carousel", "body": {"text": "See"}, "action": {"cards": cards}}


def without(name: str) -> dict[str, Any]:
    whole = carousel({}, {})
    del whole["action"]["cards"][1][name]
    return whole


def message(kind: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "body": {"text": "?"}, "action": action, **more}


def buttons(*given: Any, **more: Any) -> dict[str, Any]:
    return message("button", {"buttons": list(given)}, **more)


def flow(**parameters: Any) -> dict[str, Any]:
    whole = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go", **parameters}
    return message("flow", {"name": "flow", "parameters": whole})


PRODUCT = {"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "2"}}


@pytest.mark.parametrize(
    "content",
    [
        carousel({}, {}),
        carousel(*[{"body": {"text": "a\nb\nc"}}] * 10),
        carousel(*[{"body": {"text": "x" * 160}}] * 2),
        carousel(*[{"action": {"buttons": [QUICK]}}] * 2),
        carousel(PRODUCT, PRODUCT),
        carousel({"header": VIDEO}, {"header": VIDEO}),
        buttons(REPLY, header=PICTURE),
        flow(mode="draft", flow_action="navigate", flow_action_payload={"screen": "A"}),
        flow(flow_action="data_exchange"),
    ],
)
async def test_what_meta_takes(meta: Meta, content: dict[str, Any]) -> None:
    answer = await meta.send("interactive", content)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "content",
    [
        *(without(name) for name in ("card_index", "type", "header", "action")),
        carousel({}),
        carousel(*[{}] * 11),
        carousel({}, {"card_index": 0}),
        carousel({}, {"card_index": 10}),
        carousel({}, {"type": "link"}),
        carousel({}, {"header": VIDEO}),
        carousel({}, {"header": {"type": "image"}}),
        carousel({}, {"header": {"type": "document", "document": {"link": "https://e.org"}}}),
        carousel({}, {"header": {"type": "image", "image": {"id": "404"}}}),
        carousel({}, {"body": {"text": "a\nb\nc\nd"}}),
        carousel({}, {"body": {"text": "x" * 161}}),
        carousel({}, {"action": {"buttons": [QUICK]}}),
        carousel({}, {"action": {**LINK, "parameters": {**LINK["parameters"], "url": "e.org"}}}),
        buttons({"reply": {"id": "a", "title": "A"}}),
        buttons({**REPLY, "type": "url"}),
        buttons(REPLY, header={"type": "image"}),
        buttons(REPLY, header={"type": "image", "image": {"id": "1", "link": "https://e.org"}}),
        buttons(REPLY, header={"type": "image", "image": {"id": "404"}}),
        buttons(REPLY, header={"type": "text", "text": "a\nb"}),
        message("list", {"button": "x", "sections": [{"title": "a", "rows": []}]}),
        flow(mode="test"),
        flow(flow_action="leave"),
        flow(flow_action="navigate"),
        flow(flow_action="navigate", flow_action_payload={"screen": "A", "data": {}}),
    ],
)
async def test_what_meta_refuses(meta: Meta, content: dict[str, Any]) -> None:
    answer = await meta.send("interactive", content)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in (131008, 131009)
