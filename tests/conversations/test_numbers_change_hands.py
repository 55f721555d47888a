"""Whoever gets somebody's former number is a stranger: with user ids, and without."""

import json
from datetime import timedelta

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.leftovers import in_rows
from tests.fakes.posted import post_text
from tests.fakes.web import sign

from domain.inbound import Sender
from emulator.cloud_api.config import Config
from storage.people.identities import Identities
from storage.tables.users import Users

#: What is known of Ana, in words that occur nowhere else.
NAME, DOCUMENT, ABOUT = "Zenobia Quxley", "XK998877", "ornithopter"
SECRETS = ("Zenobia", DOCUMENT, "1990", ABOUT)
#: What a new owner may write to see as much as possible.
QUESTIONS = ("hola", "my data", "topics", "edit my data", "delete my data", "register")


async def say(town: BotHarness, text: str, sender: dict[str, str], name: str) -> str:
    """All that the phone of this number shows after somebody wrote."""
    shown = town.person(ANA).count
    await post_text(town, text, sender=sender, name=name)
    await town.settle()
    return str([one for one in town.person(ANA).since(shown) if one["from"] == "bot"])


async def register(town: BotHarness, sender: dict[str, str]) -> None:
    answers = (NAME, "PASSPORT", DOCUMENT, "25/12/1990", f"I build {ABOUT} models and read a lot")
    for text in ("register", *answers, "sí"):
        await say(town, text, sender, "Zenobia")
    assert {table for table, _ in await in_rows(town.database, DOCUMENT)} == {"users"}


async def look_around(town: BotHarness, sender: dict[str, str], name: str) -> str:
    return "".join([await say(town, text, sender, name) for text in QUESTIONS])


async def test_bob_with_his_own_user_id_is_not_ana(town: BotHarness) -> None:
    ana = {"wa_id": ANA, "user_id": "CO.100000000000000001"}
    bob = {"wa_id": ANA, "user_id": "CO.200000000000000002"}
    await register(town, ana)
    assert "Zenobia" in await say(town, "menu", ana, "Zenobia")
    shown = await look_around(town, bob, "Bob")
    assert "What is your full name?" in shown
    assert not [word for word in SECRETS if word in shown]
    assert ("users", DOCUMENT) in await in_rows(town.database, DOCUMENT)


async def test_bob_without_a_user_id_is_not_ana_after_a_long_silence(town: BotHarness) -> None:
    number = {"wa_id": ANA}
    await register(town, number)
    assert "Zenobia" in await say(town, "menu", number, "Zenobia")
    town.clock.advance(timedelta(days=91))
    shown = await look_around(town, number, "Bob")
    assert "What is your full name?" in shown
    assert not [word for word in SECRETS if word in shown]
    assert ("users", DOCUMENT) in await in_rows(town.database, DOCUMENT)


async def test_ana_herself_is_known_after_a_long_silence(town: BotHarness) -> None:
    number = {"wa_id": ANA}
    await register(town, number)
    town.clock.advance(timedelta(days=400))
    assert "Zenobia" in await say(town, "menu", number, "Zenobia")


async def tell_move(town: BotHarness, new: str, key: str, **ids: str) -> None:
    """Meta tells that Ana left her number for another one."""
    told = {"type": "user_changed_number", "body": "User Ana changed", key: new}
    message = {"from": ANA, "id": "wamid.move", "type": "system", "system": {**told, **ids}}
    message["timestamp"] = str(int(town.clock.now))
    value = {"metadata": {"phone_number_id": Config().phone_number_id}, "messages": [message]}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    await town.state.webhooks.receive(raw, sign(raw, Config().app_secret))
    await town.settle()


@pytest.mark.parametrize("key", ["wa_id", "new_wa_id"])
@pytest.mark.parametrize("has_user_ids", [True, False])
async def test_profile_and_stop_move_with_the_number(
    town: BotHarness, key: str, has_user_ids: bool
) -> None:
    new, user_id = "573007654321", "CO.100000000000000001"
    ana = {"wa_id": ANA} | ({"user_id": user_id} if has_user_ids else {})
    await register(town, ana)
    await say(town, "STOP", ana, "Zenobia")
    ids = {"user_id": "CO.2", "previous_user_id": user_id} if has_user_ids else {}
    await tell_move(town, new, key, **ids)
    town.account.people.get(new)
    moved = {"wa_id": new} | ({"user_id": "CO.2"} if has_user_ids else {})
    [found] = await Identities(town.database).resolve([Sender(**moved)])
    person = await Users(town.database).get(found)
    assert (person.full_name, person.wa_id) == (NAME, new)
    assert person.opted_out_at is not None
    shown = await look_around(town, {"wa_id": ANA}, "Bob")
    assert "What is your full name?" in shown
    assert not [word for word in SECRETS if word in shown]
