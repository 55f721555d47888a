"""A phone shows every part of a template."""

from typing import Any

from emulator.cloud_api.state.template_view import rendered

CARD: list[dict[str, Any]] = [
    {"type": "header", "format": "IMAGE"},
    {"type": "body", "text": "{{1}} bread"},
    {"type": "buttons", "buttons": [{"type": "URL", "text": "See", "url": "https://e.org/{{1}}"}]},
]
PICTURE = {"type": "image", "image": {"link": "https://e.org/a.png"}}


def texts(*given: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": one} for one in given]


def test_cards_are_filled_each_with_its_own_values() -> None:
    components: list[dict[str, Any]] = [
        {"type": "BODY", "text": "Today"},
        {"type": "CAROUSEL", "cards": [{"components": CARD}, {"components": CARD}]},
    ]
    cards = [
        {
            "card_index": index,
            "components": [
                {"type": "header", "parameters": [PICTURE]},
                {"type": "body", "parameters": texts(name)},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": texts(name)},
            ],
        }
        for index, name in enumerate(("White", "Brown"))
    ]
    shown = rendered(components, [{"type": "carousel", "cards": cards}])
    assert shown["body"] == "Today"
    assert [card["body"] for card in shown["cards"]] == ["White bread", "Brown bread"]
    assert [card["file"] for card in shown["cards"]] == [PICTURE, PICTURE]
    assert shown["cards"][1]["buttons"][0]["url"] == "https://e.org/Brown"


def test_an_offer_shows_its_end_and_its_code() -> None:
    components: list[dict[str, Any]] = [
        {"type": "BODY", "text": "Bread"},
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon"}},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE"}]},
    ]
    offer = {"expiration_time_ms": 1_796_148_000_000}
    code = {"type": "coupon_code", "coupon_code": "TEN"}
    given = [
        {
            "type": "limited_time_offer",
            "parameters": [{"type": "limited_time_offer", "limited_time_offer": offer}],
        },
        {"type": "button", "sub_type": "copy_code", "index": "0", "parameters": [code]},
    ]
    shown = rendered(components, given)
    assert shown["offer"] == "Ends soon (2026-12-01 18:00 UTC)"
    assert shown["buttons"] == [{"type": "COPY_CODE", "text": "Copy offer code", "code": "TEN"}]
