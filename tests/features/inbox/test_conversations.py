"""Operators read conversations and answer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, CONSOLE, JOHN
from tests.fakes.operators import contact, record, sync
from tests.features.inbox.town import Town

from domain.delivery import DeliveryStatus, StatusReport
from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.testing import completed
from features.inbox.observer import InboxObserver
from features.inbox.remedies import reason_of
from features.inbox.tables.messages import inbox_message
from features.inbox.tables.threads import inbox_thread
from services.conversations.observer import EchoedMessage
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables import users


async def test_a_handoff_from_the_first_word_to_the_answer(town: Town) -> None:
    await town.say("I want to talk to a person")
    [waiting] = await town.threads(show="waiting")
    assert (waiting["status"], waiting["holder"]) == ("Needs human", "operator")
    await town.say("My order 1234 never arrived")
    assert (await town.act("reply", text="It left yesterday, Ana.")).status_code == 204
    assert town.replies() == ["It left yesterday, Ana."]
    [thread] = await town.threads()
    assert (thread["assigned_to"], thread["held_by"]) == ("Owner", "Owner")
    assert (thread["waiting_since"], thread["unread"]) == (None, 0)
    assert await town.say("Thank you so much") == []
    assert (await town.threads(show="waiting"))[0]["last_text"] == "Thank you so much"
    await town.act("hand-back")
    assert await town.threads(show="waiting") == []
    assert await town.say("menu") != []


async def test_a_reply_takes_over_from_the_bot(town: Town) -> None:
    await town.say("hello")
    await town.act("reply", text="Hello, Eva here.")
    assert await town.say("what is the meaning of this?") == []
    assert (await town.threads(show="mine"))[0]["last_text"] == "what is the meaning of this?"


async def test_taking_over_and_handing_back_say_nothing(town: Town) -> None:
    await town.say("hello")
    await town.act("take")
    assert (town.replies(), await town.say("hello again")) == ([], [])
    await town.act("hand-back")
    assert town.replies() == []
    assert await town.say("hello") != []


async def test_the_thread_has_both_sides_in_order_with_ticks(town: Town) -> None:
    await town.say("hello")
    town.clock.advance(timedelta(seconds=1))
    await town.act("reply", text="Hi!")
    shown = (await town.thread())["messages"]
    assert [one["direction"] for one in shown] == ["in", "out", "out"]
    assert (shown[0]["text"], shown[2]["text"]) == ("hello", "Hi!")
    assert (shown[1]["author"], shown[2]["author"]) == (None, "Owner")
    assert {one["status"] for one in shown[1:]} == {"read"}


@pytest.mark.parametrize(("by_agent", "author"), [(False, "Owner's phone"), (True, "Meta's agent")])
async def test_what_was_written_elsewhere_says_by_whom(
    town: Town, by_agent: bool, author: str
) -> None:
    await town.say("hello")
    user, at = await town.user(), town.clock()
    written = EchoedMessage("e1", user, "text", "Hi", at, phone_number_id="1", by_agent=by_agent)
    echoed = InboxObserver(lambda: True, "1").message_echoed(written)
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, echoed)))
    assert (await town.thread())["messages"][-1]["author"] == author


async def test_a_photo_comes_with_its_file(town: Town) -> None:
    media_id = town.account.files.keep(b"\xff\xd8\xff photo", "image/jpeg")
    await town.send(
        {"type": "image", "image": {"id": media_id, "mime_type": "image/jpeg", "caption": "broken"}}
    )
    photo = (await town.thread())["messages"][0]
    assert (photo["kind"], photo["text"], photo["media_type"]) == ("image", "broken", "image/jpeg")
    file = await town.call("GET", "/api/media", params={"id": photo["id"]})
    assert (file.content, file.headers["content-type"]) == (b"\xff\xd8\xff photo", "image/jpeg")
    assert "sandbox" in file.headers["content-security-policy"]
    missing = await town.call("GET", "/api/media", params={"id": "wamid.other"})
    assert missing.status_code == 404


async def test_a_quotation_of_what_we_said_names_our_message(town: Town) -> None:
    await town.say("I want to talk to a person")
    await town.act("reply", text="Shall we send it on Monday?")
    sent = next(one["id"] for one in town.entries() if one["type"] == "text")
    quoting = {"type": "text", "text": {"body": "yes"}, "context": {"id": sent}}
    await town.send(quoting)
    shown = (await town.thread())["messages"]
    [said] = [one["id"] for one in shown if one["text"] == "Shall we send it on Monday?"]
    assert [one["quotes"] for one in shown if one["text"] == "yes"] == [said]


async def test_edits_and_deletions_are_those_of_the_person(town: Town) -> None:
    await town.say("I want to talk to a person")
    await town.say("my adress is Main Street 1")
    written = (await town.thread())["messages"][-1]["id"]
    edit = {"original_message_id": written, "message": {"type": "text", "text": {"body": "Oak 2"}}}
    await town.send({"type": "edit", "edit": edit})
    last = (await town.thread())["messages"][-1]
    assert (last["text"], last["is_edited"]) == ("Oak 2", True)
    await town.send({"type": "revoke", "revoke": {"original_message_id": written}})
    last = (await town.thread())["messages"][-1]
    assert (last["text"], last["status"]) == (None, "deleted")
    assert (await town.threads())[0]["last_text"] == "(deleted)"


async def test_a_note_is_for_the_team_alone(town: Town) -> None:
    await town.say("hello")
    town.clock.advance(timedelta(seconds=1))
    await town.act("note", text="She called this morning.")
    assert town.replies() == []
    last = (await town.thread())["messages"][-1]
    assert (last["direction"], last["author"]) == ("note", "Owner")


async def test_what_whatsapp_would_refuse_is_refused_with_the_reason(town: Town) -> None:
    await town.say("hello")
    town.clock.advance(timedelta(hours=25))
    late = await town.act("reply", text="Are you still there?")
    assert (late.status_code, "24 hours" in late.json()["message"]) == (409, True)
    assert (await town.thread())["person"]["is_window_closed"] is True
    await town.say("STOP")
    stopped = await town.act("reply", text="Are you still there?")
    assert (stopped.status_code, "STOP" in stopped.json()["message"]) == (409, True)
    assert (await town.act("reply", text="  ")).status_code == 409


async def test_conversations_are_found_by_name_number_and_words(town: Town) -> None:
    await town.say("where is my parcel?", ANA)
    await town.say("hola", JOHN)
    ana, john = [(await town.user(who)).key for who in (ANA, JOHN)]
    for words, found in (
        ("PARCEL", [ana]),
        ("+57 300", [ana]),
        ("(555) 123", [john]),
        ("SÖMEONE", [ana, john]),
        ("100%", []),
    ):
        keys = [one["key"] for one in await town.threads(search=words)]
        assert sorted(keys) == sorted(found), words


async def test_conversations_can_be_given_to_somebody(town: Town) -> None:
    await town.say("I want to talk to a person")
    assert len(await town.threads(show="unassigned")) == 1
    assert (await town.act("assign", name="Nobody we know")).status_code == 409
    await town.act("assign", name="Owner")
    assert await town.threads(show="unassigned") == []
    await town.act("assign", name=None)
    assert await town.threads(show="mine") == []


async def test_whoever_deletes_their_data_is_not_in_the_inbox(town: Town) -> None:
    await town.say("hello")
    await town.say("delete my data")
    await town.tap("yes")
    kept = await town.database.reader.run(
        lambda c, _: c.scalars(select(inbox_message.c.text)).all()
    )
    assert "hello" not in kept


async def test_whoever_deletes_their_data_still_waits_for_an_operator(town: Town) -> None:
    await town.say("I want to talk to a person")
    await town.say("delete my data")
    await town.tap("yes")
    [waiting] = await town.threads(show="waiting")
    assert (waiting["status"], waiting["last_text"]) == ("Needs human", "")
    assert (await town.act("reply", text="How can I help?")).status_code == 204
    assert town.replies() == ["How can I help?"]


async def test_nothing_is_kept_while_nobody_could_read_it(tmp_path: Path) -> None:
    town = Town(tmp_path, inbox_sign_in_token=None)
    await town.start()
    await town.say("hello")
    rows = await town.database.reader.run(lambda c, _: c.execute(select(inbox_thread)).all())
    await town.stop()
    assert rows == []


async def test_airtable_and_the_inbox_show_the_same(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = Town(tmp_path, airtable=airtable, **CONSOLE)
    await town.start()
    await town.sign_in()
    await town.say("I want to talk to a person")
    await town.wait(1)
    await town.act("reply", text="From the inbox.")
    await sync(town)
    assert contact(airtable)["Status"] == "Human"
    airtable.edit("Contacts", record(airtable), Reply="From Airtable.", Send_reply=True)
    await sync(town)
    assert [text for way, text in await town.lines() if way == "out"][-2:] == [
        "From the inbox.",
        "From Airtable.",
    ]
    airtable.edit("Contacts", record(airtable), Status="Bot")
    await sync(town)
    shown: dict[str, Any] = (await town.threads())[0]
    await town.stop()
    assert (shown["status"], shown["waiting_since"]) == ("Bot", None)


async def test_a_file_is_sent_with_what_was_typed_as_its_caption(town: Town) -> None:
    await town.say("hello")
    key = (await town.user()).key
    given = {"key": key, "name": "bill.pdf", "caption": "Your bill"}
    await town.wait(1)
    sent = await town.call("POST", "/api/file", params=given, content=b"%PDF-1.4 bill")
    assert sent.status_code == 204, sent.text
    await town.settle()
    [got] = [entry for entry in town.entries() if entry["type"] == "document"]
    assert (got["document"]["caption"], got["document"]["filename"]) == ("Your bill", "bill.pdf")
    shown = (await town.thread())["messages"][-1]
    assert (shown["text"], shown["media_type"]) == ("Your bill", "application/pdf")
    file = await town.call("GET", "/api/media", params={"id": shown["id"]})
    assert (file.content, file.headers["content-disposition"]) == (b"%PDF-1.4 bill", "attachment")


async def test_what_whatsapp_takes_no_file_of_is_refused(town: Town) -> None:
    await town.say("hello")
    given = {"key": (await town.user()).key, "name": "run.exe"}
    refused = await town.call("POST", "/api/file", params=given, content=b"MZ")
    assert (refused.status_code, "type" in refused.json()["message"]) == (409, True)
    large = await town.call("POST", "/api/file", params=given, content=bytes(17 * 1024 * 1024))
    assert (large.status_code, "16 MB" in large.json()["message"]) == (413, True)


async def test_a_template_reaches_somebody_after_24_hours(town: Town) -> None:
    body = {"type": "BODY", "text": "Hi {{1}}, your order {{2}} is on its way."}
    for name, category in (("order", "UTILITY"), ("offer", "MARKETING")):
        given = {"name": name, "language": "en", "category": category, "components": [body]}
        town.account.templates.create(completed(given))
    await town.say("hello")
    await town.wait(25 * 3600)
    offered = (await town.call("GET", "/api/templates")).json()["templates"]
    assert [(one["name"], one["variables"]) for one in offered if one["name"] == "order"] == [
        ("order", ["1", "2"])
    ]
    lacking = await town.act("template", name="order", language="en", values={"1": "Ana"})
    assert (lacking.status_code, "2" in lacking.json()["message"]) == (409, True)
    values = {"1": "Ana", "2": "A-17"}
    unasked = await town.act("template", name="offer", language="en", values=values)
    assert (unasked.status_code, "marketing" in unasked.json()["message"]) == (409, True)
    sent = await town.act("template", name="order", language="en", values=values)
    assert (sent.status_code, town.entries()[0]["type"]) == (204, "template")
    assert (await town.lines())[-1] == ("out", "Hi Ana, your order A-17 is on its way.")
    assert (await town.threads())[0]["last_text"] == "Hi Ana, your order A-17 is on its way."


CARD = [
    {"type": "HEADER", "format": "IMAGE"},
    {"type": "BODY", "text": "Only {{1}}."},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "See", "url": "https://e.org/{{1}}"}]},
]


async def test_a_template_has_a_file_a_link_and_cards(town: Town) -> None:
    given = {"language": "en", "category": "UTILITY"}
    invoice = [
        {"type": "HEADER", "format": "DOCUMENT"},
        {"type": "BODY", "text": "Your invoice {{1}}."},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "URL", "text": "Pay", "url": "https://e.org/{{1}}"}],
        },
    ]
    cards = {"type": "CAROUSEL", "cards": [{"components": CARD}] * 2}
    for name, components in (
        ("invoice", invoice),
        ("offers", [{"type": "BODY", "text": "New for you."}, cards]),
    ):
        town.account.templates.create(completed({"name": name, "components": components, **given}))
    await town.say("hello")
    await town.wait(25 * 3600)
    offered = (await town.call("GET", "/api/templates")).json()["templates"]
    forms = {one["name"]: one for one in offered}
    assert forms["invoice"]["format"] == "DOCUMENT"
    assert [one["is_written"] for one in forms["invoice"]["buttons"]] == [True]
    assert [card["variables"] for card in forms["offers"]["cards"]] == [["1"], ["1"]]
    key = (await town.user()).key
    query = {"key": key, "name": "a.pdf", "kind": "document"}
    wrong = await town.call(
        "POST", "/api/template-file", params={**query, "kind": "image"}, content=b"%PDF-1.4 x"
    )
    assert (wrong.status_code, "another kind" in wrong.json()["message"]) == (409, True)
    taken = await town.call("POST", "/api/template-file", params=query, content=b"%PDF-1.4 x")
    file = {**taken.json(), "filename": "a.pdf"}
    filled: dict[str, Any] = {
        "language": "en",
        "values": {"1": "A-17"},
        "buttons": {"0": "A-17"},
        "file": file,
    }
    lacking = await town.act("template", name="invoice", **filled | {"file": None, "buttons": {}})
    assert lacking.status_code == 409
    assert "header" in lacking.json()["message"]
    assert "button" in lacking.json()["message"]
    sent = await town.act("template", name="invoice", **filled)
    assert sent.status_code == 204
    shown = (await town.thread())["messages"][-1]
    assert shown["media_type"] == "application/pdf"
    assert shown["text"] == "[document] a.pdf\nYour invoice A-17.\n[Pay] https://e.org/A-17"
    opened = await town.call("GET", "/api/media", params={"id": shown["id"]})
    assert opened.content == b"%PDF-1.4 x"
    link = {"link": "https://e.org/cup.png"}
    card = {"values": {"1": "5 EUR"}, "buttons": {"0": "cup"}, "file": link}
    few = await town.act("template", name="offers", language="en", cards=[card])
    assert (few.status_code, "2 cards" in few.json()["message"]) == (409, True)
    sent = await town.act("template", name="offers", language="en", cards=[card, card])
    assert (sent.status_code, town.entries()[0]["type"]) == (204, "template")


async def test_replies_can_be_saved_and_are_shared(town: Town) -> None:
    for text in ("We open at 9.", "We open at 10, {first_name}."):
        saved = await town.call("POST", "/api/saved", json={"name": "hours", "text": text})
        assert saved.status_code == 204
    empty = await town.call("POST", "/api/saved", json={"name": " ", "text": "x"})
    assert empty.status_code == 409
    kept = (await town.call("GET", "/api/saved")).json()["replies"]
    assert kept == [{"name": "hours", "text": "We open at 10, {first_name}."}]
    await town.call("DELETE", "/api/saved", params={"name": "hours"})
    assert (await town.call("GET", "/api/saved")).json()["replies"] == []


async def test_a_reply_may_hand_back_at_once(town: Town) -> None:
    await town.say("I want to talk to a person")
    assert (
        await town.act("reply", text="Bye, the bot goes on.", hands_back=True)
    ).status_code == 204
    assert town.replies() == ["Bye, the bot goes on."]
    [thread] = await town.threads()
    assert (thread["holder"], thread["assigned_to"], thread["waiting_since"]) == ("bot", None, None)
    [request] = (await town.thread())["person"]["requests"]
    assert (request["answered_by"], request["closed_at"] is not None) == ("Owner", True)
    assert await town.say("menu") != []


async def test_the_thread_says_what_can_be_tapped_and_which_form_is_open(town: Town) -> None:
    await town.say("hello", JOHN)
    await town.say("register", JOHN)
    shown = (await town.thread(JOHN))["messages"]
    [step] = [one["text"] for one in shown if one["kind"] == "step"]
    assert step == "The form “registration” began."
    assert any(one["kind"] == "interactive" and "\n[" in one["text"] for one in shown)


def test_a_failure_comes_with_what_helps() -> None:
    failed = StatusReport(
        "wamid.1", DeliveryStatus.FAILED, error_code=131047, error_text="Re-engage"
    )
    assert reason_of(failed) == "Re-engage. More than 24 hours have passed: send a template."
    assert reason_of(StatusReport("wamid.1", DeliveryStatus.READ)) is None


async def test_people_who_wait_for_long_are_found(town: Town) -> None:
    await town.say("I want to talk to a person")
    assert await town.threads(minutes="15") == []
    town.clock.advance(timedelta(minutes=15))
    assert len(await town.threads(minutes="15")) == 1


async def test_the_panel_has_notes_and_where_the_person_came_from(town: Town) -> None:
    await town.say("hello")
    await town.act("note", text="Likes tea")
    ad = {"source_type": "ad", "headline": "Spring sale", "source_url": "https://fb.me/1"}
    change = users.change((await town.user()).key, {"referral": ad})
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, [change])))
    person = (await town.thread())["person"]
    assert person["came_from"] == "Spring sale · https://fb.me/1"
    assert [one["text"] for one in person["notes"]] == ["Likes tea"]
