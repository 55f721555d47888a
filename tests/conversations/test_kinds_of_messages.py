"""Places, contacts, orders, forms of WhatsApp, quotations, ads, deletions: each is of use."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.operators import contact, sync
from tests.fakes.posted import post_text

from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from schemas.content_text import describe, flow_answers
from services.agent import Agent, AgentReply, AgentRequest
from storage.engine.group_commit import Transaction
from storage.tables.quotable import quotable
from storage.tables.records import record as record_table

PLACE = {"latitude": 4.6534, "longitude": -74.0836, "name": "Home", "address": "Street 5"}
ITEMS = [
    {"product_retailer_id": "mug", "quantity": 2, "item_price": 30, "currency": "USD"},
    {"product_retailer_id": "cup", "quantity": 1, "item_price": 25.5, "currency": "USD"},
]
ORDER = {"catalog_id": "1", "text": "Love these!", "product_items": ITEMS}
CARD = {"name": {"formatted_name": "Eva"}, "phones": [{"phone": "+1 555 000 1111"}]}


@pytest.mark.parametrize(
    ("kind", "content", "parts"),
    [
        ("location", PLACE, ("Home, Street 5 (4.6534, -74.0836)", "maps?q=4.6534,-74.0836")),
        ("location", {"latitude": "x"}, ()),
        ("contacts", [CARD, {"phones": 7}, None], ("Eva: +1 555 000 1111",)),
        ("order", ORDER, ("2 of mug at 30 USD", "Note: Love these!", "Total: 85.50 USD")),
        ("order", {"product_items": [{"quantity": "many"}, 7]}, ("1 of ?",)),
        ("reaction", {"message_id": "m", "emoji": "👍"}, ("Reacted with 👍",)),
        ("reaction", {"message_id": "m"}, ("Took the reaction back",)),
        ("interactive", {"nfm_reply": {"response_json": '{"rating": 5}'}}, ("rating: 5",)),
        ("interactive", {"nfm_reply": {"response_json": "no json"}}, ("no json",)),
        ("interactive", {"call_permission_reply": {"response": "reject"}}, ("Does not want",)),
        (
            "interactive",
            {"call_permission_reply": {"response": "accept", "expiration_timestamp": "1768550400"}},
            ("until 2026-01-16",),
        ),
        ("interactive", {"call_permission_reply": {"response": "accept"}}, ("May be called",)),
        ("text", {"body": "hi"}, ()),
        ("order", "no object", ()),
    ],
)
def test_what_operators_read(kind: str, content: Any, parts: tuple[str, ...]) -> None:
    said = describe(kind, content)
    assert bool(said) is bool(parts)
    for part in parts:
        assert part in str(said)


class Listener(Agent):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[AgentRequest] = []

    async def reply(self, request: AgentRequest) -> AgentReply:
        self.asked.append(request)
        return AgentReply("I see.")


@pytest.fixture
async def desk(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    """A bot whose operators read along."""
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=7)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def rows(town: BotHarness, table: Table) -> list[Any]:
    def read(connection: Connection, _: float) -> list[Any]:
        return list(connection.execute(select(table)))

    return await town.database.submit(Transaction(read))


async def read_along(town: BotHarness, airtable: AirtableDouble) -> dict[str, dict[str, Any]]:
    """The cells of the table Messages, by the text."""
    await sync(town)
    await sync(town)
    return {str(one.get("Text")): one for one in airtable.rows("Messages")}


async def test_the_assistant_is_told_of_what_is_shared_and_quoted(tmp_path: Path) -> None:
    agent = Listener()
    town = BotHarness(tmp_path, agent)
    await town.start()
    await town.say("hola")
    [menu] = [one for one in town.person(ANA).entries if one["from"] == "bot" and "id" in one]
    assert await town.send({"type": "location", "location": PLACE}) == ["I see."]
    assert await town.send({"type": "order", "order": ORDER}) == ["I see."]
    about = {"context": {"id": menu["id"]}, "type": "text", "text": {"body": "is this open?"}}
    await town.send(about)
    await post_text(
        town,
        "is this one in stock?",
        context={"referred_product": {"catalog_id": "1", "product_retailer_id": "mug"}},
    )
    await town.settle()
    video = {"id": "1", "mime_type": "video/mp4", "caption": "what is this thing?"}
    assert await town.send({"type": "video", "video": video}) == ["I see."]
    place, order, quoting, product, caption = [one.text for one in agent.asked]
    assert "Home, Street 5" in place
    assert "2 of mug" in order
    assert "(About the message: ¡Hola" in quoting
    assert "(About the product mug)" in product
    assert caption == "what is this thing?"
    await town.stop()


async def test_what_is_quoted_is_known_though_more_is_written(tmp_path: Path) -> None:
    agent = Listener()
    town = BotHarness(tmp_path, agent, burst_pause_seconds=1.2)
    await town.start()
    await town.say("menú")
    [menu] = [one for one in town.person(ANA).entries if one["from"] == "bot" and "id" in one]
    quoting = {"type": "text", "text": {"body": "is this open"}, "context": {"id": menu["id"]}}
    assert await town.send(quoting) == await town.say("on sunday mornings too?") == []
    await town.wait(1.2)
    [asked] = agent.asked
    assert asked.text.startswith("(About the message: ")
    assert "¿Qué te gustaría hacer?" in asked.text
    assert "on sunday mornings too?" in asked.text
    await town.stop()


FILLED_IN = {"name": "flow", "body": "Sent", "response_json": '{"flow_token": "x", "rating": "5"}'}
FLOW_REPLY = {"type": "nfm_reply", "nfm_reply": FILLED_IN}


@pytest.mark.parametrize("text", ["what is this?", "¿Qué es esto?", "o que é isso?", "menu"])
async def test_what_is_this_is_about_what_is_quoted_or_shown(tmp_path: Path, text: str) -> None:
    agent = Listener()
    town = BotHarness(tmp_path, agent)
    await town.start()
    await town.say("hola")
    said: dict[str, Any] = {"type": "text", "text": {"body": text}}
    alone = await town.send(said)
    asked_alone = len(agent.asked)
    video = {"id": "1", "mime_type": "video/mp4", "caption": text}
    for content in ({**said, "context": {"id": "wamid.1"}}, {"type": "video", "video": video}):
        assert await town.send(content) == (alone if text == "menu" else ["I see."])
    beside = [one.text for one in agent.asked[asked_alone:]]
    assert beside == ([] if text == "menu" else [f"(About an earlier message)\n{text}", text])
    assert asked_alone == (0 if text == "menu" else 1)
    await town.stop()


async def test_a_flow_of_whatsapp_becomes_a_record(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    [thanks] = await town.send({"type": "interactive", "interactive": FLOW_REPLY})
    assert "Gracias" in thanks
    [kept] = await rows(town, record_table)
    assert (kept.collection, json.loads(kept.fields)) == ("whatsapp_flows", {"rating": "5"})
    permission = {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}
    assert await town.send({"type": "interactive", "interactive": permission}) == []
    await town.stop()


@pytest.mark.parametrize("case", ["a person answers", "opted out", "late"])
async def test_a_flow_is_kept_where_the_bot_gives_no_answer(tmp_path: Path, case: str) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("STOP" if case == "opted out" else "hola")
    if case == "a person answers":
        town.account.threads.owner_says(town.person(ANA), "Maria here")
        await town.settle()
    written = town.clock.now - (30 * 3600 if case == "late" else 0)
    at = str(int(written))
    await post_text(town, "", type="interactive", interactive=FLOW_REPLY, timestamp=at)
    await town.settle()
    assert "Gracias" not in str(town.replies(ANA))
    [kept] = await rows(town, record_table)
    assert json.loads(kept.fields) == {"rating": "5"}
    await town.stop()


async def test_a_number_that_is_shared_on_request_is_linked(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    person = town.person(ANA)
    person.introduce("Ana", hides_phone=True)
    await town.say("hola")
    assert (await town.user()).wa_id is None
    other = {"phones": [{"wa_id": "15550001111"}], "name": {"formatted_name": "Eva"}}
    await town.send({"type": "contacts", "contacts": [{**other, "origin": "other"}]})
    assert (await town.user()).wa_id is None
    own = {"phones": [{"wa_id": ANA, "phone": f"+{ANA}"}], "origin": "contact_request"}
    [thanks] = await town.send({"type": "contacts", "contacts": [own]})
    assert "número" in thanks
    assert (await town.user()).wa_id == ANA
    await town.stop()


async def test_the_first_ad_is_kept_and_goes_with_the_persons_data(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    ad = {"source_type": "ad", "source_id": "120", "headline": "Pottery", "ctwa_clid": "A"}
    await post_text(town, "hola", referral=ad)
    await post_text(town, "hola", referral={**ad, "source_id": "121"})
    await town.settle()
    assert (await town.user()).referral == ad
    await town.say("borrar mis datos")
    await town.tap("yes")
    assert (await town.user()).referral is None
    await town.stop()


async def test_answers_of_forms_are_not_kept_for_quotations(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    for text in ("hola", "register", "Ana Pérez", "cancelar"):
        await town.say(text)
    texts = [row.text for row in await rows(town, quotable)]
    assert any("Hola" in text for text in texts)
    assert not [text for text in texts if "Ana Pérez" in text]
    await town.stop()


async def test_operators_read_all_of_it(desk: BotHarness, airtable: AirtableDouble) -> None:
    [thanks] = await desk.send({"type": "order", "order": ORDER})
    assert "pedido" in thanks
    await desk.send({"type": "location", "location": PLACE})
    entry = desk.account.say(desk.person(ANA), {"type": "text", "text": {"body": "my secret"}})
    await desk.settle()
    trigger(desk.account, "message.revoke", desk.person(ANA), TriggerOptions(id=entry["id"]))
    desk.account.threads.owner_says(desk.person(ANA), "Maria here")
    await desk.settle()
    read = await read_along(desk, airtable)
    assert any("Total: 85.50 USD" in text for text in read)
    assert any("maps?q=4.6534" in text for text in read)
    assert not any("my secret" in text for text in read)
    assert read["Maria here"]["Direction"] == "out"
    assert "deleted" in {cells.get("Status") for cells in read.values()}
    assert contact(airtable)["Held by"] == "the owner's phone"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("[" * 3000, "[" * 100),
        ('{"rating": NaN, "other": 1e999}', '"rating": "NaN"'),
        ('{"rating": "\\ud83d"}', '"rating": "\\ud83d"'),
        ('{"rating": ' + "9" * 5000 + "}", "999"),
        (5, "5"),
    ],
)
async def test_an_odd_answer_of_a_flow_is_kept_and_thanked_for(
    tmp_path: Path, written: object, kept: str
) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    reply = {"name": "flow", "body": "Sent", "response_json": written}
    content = {"type": "nfm_reply", "nfm_reply": reply}
    assert await town.send({"type": "interactive", "interactive": content}) != []
    await town.stop()
    assert flow_answers(content) is not None
    assert kept in json.dumps(flow_answers(content))
