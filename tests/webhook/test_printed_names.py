"""The names that tutorials print for the parts of a webhook."""

import pytest
from fastapi import FastAPI

from routes.webhook_routes import router
from schemas.webhook_schema import Message, WebhookMessage

BODY = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": {"display_phone_number": "1", "phone_number_id": "106"},
                        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "57"}],
                        "messages": [
                            {"from": "57", "id": "a", "type": "text", "text": {"body": "hello"}},
                            {"type": "image", "image": {"id": "7", "mime_type": "image/jpeg"}},
                            {"type": "audio", "audio": {"id": "8", "voice": True, "sha256": 5}},
                            {"type": "location", "location": {"latitude": 4.6}},
                        ],
                    },
                }
            ],
        }
    ],
}


def test_attributes_and_keys_are_those_of_the_printed_classes() -> None:
    value = WebhookMessage.parse_obj(BODY).entry[0].changes[0].value
    assert value is not None
    assert value.metadata is not None
    assert value.contacts
    assert value.metadata["phone_number_id"] == value.metadata.phone_number_id == "106"
    assert value.contacts[0]["profile"]["name"] == "Ana"
    assert value.messages
    written, photo, spoken, place = value.messages
    assert written.text is not None
    assert written.text.body == written.text["body"] == "hello"
    assert written["from"] == "57"
    assert written.image is None
    assert photo.image is not None
    assert photo.image.mime_type == "image/jpeg"
    assert spoken.audio is not None
    assert (spoken.audio.voice, spoken.audio.sha256) == (True, None)
    assert place["location"]["latitude"] == 4.6


def test_keys_that_meta_did_not_send_are_missing() -> None:
    message = Message.read({"type": "text", "image": 5})
    assert message.image is None
    assert message.get("text") is None
    assert "text" not in message
    assert "image" in message
    for key in ("text", "from", "colour"):
        with pytest.raises(KeyError):
            message[key]


def test_openapi_has_the_routes_of_webhooks_under_the_name_of_the_guides() -> None:
    app = FastAPI()
    app.include_router(router)
    paths = app.openapi()["paths"]
    found = {path: one["tags"] for path, ways in paths.items() for one in ways.values()}
    assert set(map(tuple, found.values())) == {("whatsapp-webhooks",)}
