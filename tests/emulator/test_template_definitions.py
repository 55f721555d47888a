"""Which templates Meta takes, what it makes of them, and how they are listed."""

from typing import Any

import httpx
import pytest
from tests.emulator.test_business_api import BUSINESS, REVIEW, code, create

from emulator.cloud_api.testing import CloudApiDouble as Meta

PATH = f"{BUSINESS}/message_templates"
BODY = {"type": "BODY", "text": "Hi"}
EXAMPLE = {"body_text": [["x"] * 4]}


async def ask(meta: Meta, *components: Any, **more: Any) -> httpx.Response:
    given = {"name": "order", "language": "en", "category": "UTILITY", "components": components}
    return await meta.http.post(PATH, json=given | more)


def body(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "BODY", "text": text, "example": EXAMPLE, **more}


def buttons(*given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(given)}


QUICK, LINK = (
    {"type": "QUICK_REPLY", "text": "Yes"},
    {"type": "URL", "text": "Open", "url": "https://e.org"},
)


@pytest.mark.parametrize(
    ("components", "subcode"),
    [
        ([{"type": "BODY", "text": "Hi {{1}}, hello."}], 2388043),
        ([BODY, {"type": "HEADER", "format": "TEXT", "text": "Order {{1}} now"}], 2388043),
        ([BODY, {"type": "HEADER", "format": "IMAGE"}], 2388043),
        ([BODY, buttons({**LINK, "url": "https://e.org/{{1}}"})], 2388043),
        ([BODY, buttons({"type": "URL", "text": "Open"})], 2388043),
        ([BODY, buttons({"type": "URL", "url": "https://e.org"})], 2388043),
        ([BODY, buttons({"type": "PHONE_NUMBER", "text": "Call"})], 2388043),
        ([{"type": "FOOTER", "text": "Bye"}], 2388043),
        ([body("{{1}} is here.")], 2388299),
        ([body("It is {{1}}")], 2388299),
        ([body("a {{1}} {{2}} {{3}} {{4}} b")], 2388293),
        ([body("It is {{1}} and {{3}} today.")], 2388072),
        ([body("It is {{1} today.")], 2388072),
        ([body("It is {{1}} and {{name}} today.")], 2388072),
        ([BODY, {"type": "FOOTER", "text": "From {{1}} here"}], 2388073),
        ([BODY, {"type": "HEADER", "format": "TEXT", "text": "Party 🎉"}], 2388047),
        ([BODY, {"type": "HEADER", "format": "TEXT", "text": "a\nb"}], 2388047),
        ([BODY, {"type": "HEADER", "format": "MUSIC"}], 2388047),
        ([BODY, buttons({**LINK, "url": "https://e.org/{{1}}/z", "example": ["x"]})], 2388060),
        ([BODY, buttons({**LINK, "url": "e.org"})], 2388060),
        ([BODY, buttons(QUICK, LINK, QUICK)], 2388060),
        ([{"type": "BODY", "text": "x" * 1025}], 2388040),
    ],
)
async def test_what_is_wrong_has_a_subcode_and_words_for_people(
    meta: Meta, components: list[Any], subcode: int
) -> None:
    answer = await ask(meta, *components)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 100, subcode)
    assert error["error_user_title"]
    assert error["error_user_msg"]
    assert error["is_transient"] is False


@pytest.mark.parametrize(
    ("components", "more"),
    [
        ([BODY], {"language": "tlh"}),
        ([BODY, {"type": "TAIL", "text": "x"}], {}),
        ([BODY, {"type": "FOOTER", "text": "a"}, {"type": "FOOTER", "text": "b"}], {}),
        ([BODY, buttons({"type": "LEVER", "text": "x"})], {}),
        ([BODY, {"type": "CAROUSEL", "cards": [{"components": [BODY]}]}], {}),
        ([BODY, buttons({"type": "OTP", "otp_type": "COPY_CODE"})], {"category": "AUTHENTICATION"}),
        ([{"type": "BODY"}], {"category": "AUTHENTICATION"}),
        ([BODY], {"name": "hello_world", "language": "es", "category": "MARKETING"}),
        ([BODY], {"parameter_format": "RANDOM"}),
    ],
)
async def test_other_mistakes_are_plain_errors(
    meta: Meta, components: list[Any], more: dict[str, Any]
) -> None:
    assert code(await ask(meta, *components, **more)) == 100


async def test_a_second_one_in_the_language_is_refused(meta: Meta) -> None:
    assert (await ask(meta, BODY)).status_code == 200
    error = (await ask(meta, BODY)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 2388024)


CODE = [
    {"type": "BODY", "add_security_recommendation": True},
    {"type": "FOOTER", "code_expiration_minutes": 10},
    {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
]


def filled(value: str, in_button: str = "") -> list[dict[str, Any]]:
    text = [{"type": "text", "text": value}]
    code = [{"type": "text", "text": in_button or value}]
    button = {"type": "button", "sub_type": "url", "index": 0, "parameters": code}
    return [{"type": "body", "parameters": text}, button]


async def test_an_authentication_template_has_metas_texts(meta: Meta) -> None:
    made = (await ask(meta, *CODE, category="AUTHENTICATION")).json()
    meta.clock.advance(REVIEW)
    shown = (await meta.http.get(f"/v25.0/{made['id']}")).json()["components"]
    assert shown[0]["text"].startswith("*{{1}}* is your verification code.")
    assert shown[2]["buttons"][0]["type"] == "URL"
    known = {"name": "order", "language": {"code": "en"}}
    long = "x" * 16
    refused: tuple[list[dict[str, Any]], ...] = (
        [],
        filled(long),
        filled(long, "12"),
        filled("12", long),
    )
    for components, status in ((filled("J$FpnYnP"), 200), *((one, 400) for one in refused)):
        answer = await meta.send("template", {**known, "components": components})
        assert answer.status_code == status


PLACE = {"latitude": "37.44", "longitude": "-122.16", "name": "Coffee", "address": "101 Ave"}
PRODUCT = {"product_retailer_id": "nqryix03ez", "catalog_id": "194836987003835"}


@pytest.mark.parametrize(("form", "value"), [("location", PLACE), ("product", PRODUCT)])
async def test_headers_that_are_no_texts_need_their_parameter(
    meta: Meta, form: str, value: dict[str, str]
) -> None:
    header = {"type": "header", "format": form}
    await ask(meta, header, {"type": "body", "text": "Hi"}, category="MARKETING")
    meta.clock.advance(REVIEW)
    known = {"name": "order", "language": {"code": "en"}}
    components = [{"type": "header", "parameters": [{"type": form, form: value}]}]
    answer = await meta.send("template", {**known, "components": components})
    assert answer.status_code == 200, answer.text
    assert code(await meta.send("template", known)) == 132012


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=approved", ["hello_world"]),
        ("status=APPROVED,PENDING", ["hello_world", "offer", "order"]),
        ('status=["pending"]', ["offer", "order"]),
        ('language=["en_US","es"]', ["hello_world", "offer"]),
        ("category=MARKETING,AUTHENTICATION", ["offer"]),
        ("name_or_content=bread", ["offer"]),
        ("name_or_content=ORDER", ["order"]),
        ("content=congratulations", ["hello_world"]),
        ("quality_score=RED", []),
        ("quality_score=UNKNOWN&name=order", ["order"]),
    ],
)
async def test_filters_of_the_list(meta: Meta, query: str, names: list[str]) -> None:
    await create(meta, "order", "Hello")
    await create(meta, "offer", "Fresh bread", language="es", category="MARKETING")
    found = (await meta.http.get(f"{PATH}?{query}")).json()["data"]
    assert sorted(one["name"] for one in found) == names


async def test_pages_go_both_ways_and_can_be_counted(meta: Meta) -> None:
    for number in range(3):
        await create(meta, f"order_{number}", "Hi")
    first = (await meta.http.get(f"{PATH}?limit=2&fields=name&summary=total_count")).json()
    assert first["summary"] == {"total_count": 4}
    assert first["data"][0].keys() == {"id", "name"}
    second = (await meta.http.get(first["paging"]["next"])).json()
    before = second["paging"]["cursors"]["before"]
    again = (await meta.http.get(f"{PATH}?limit=2&fields=name&before={before}")).json()
    assert again["data"] == first["data"]


@pytest.mark.parametrize("query", ["limit=abc", "limit=0", "after=abc", "before=abc"])
async def test_wrong_places_in_the_list_are_refused(meta: Meta, query: str) -> None:
    answer = await meta.http.get(f"{PATH}?{query}")
    assert (answer.status_code, code(answer)) == (400, 100)
