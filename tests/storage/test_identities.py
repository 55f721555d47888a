"""One person has one key, under whichever identifiers they appear."""

from datetime import timedelta

import pytest
from tests.fakes.clock import ManualClock

from domain.inbound import Sender
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.people.identities import Identities
from storage.tables import users
from storage.tables.users import Users

BSUID = "CO.13491208655302741918"
PHONE = "573001234567"


@pytest.fixture
def identities(database: GroupCommit) -> Identities:
    return Identities(database)


async def test_the_first_identifier_becomes_the_key(identities: Identities) -> None:
    senders = [Sender(user_id=BSUID, wa_id=PHONE), Sender(wa_id="15551234567")]
    assert await identities.resolve(senders) == [BSUID, "15551234567"]


async def test_a_person_without_phone_is_known_again(identities: Identities) -> None:
    assert await identities.resolve([Sender(user_id=BSUID)] * 2) == [BSUID, BSUID]


async def test_phone_and_user_id_are_linked_when_both_appear(
    identities: Identities, database: GroupCommit
) -> None:
    await identities.resolve([Sender(wa_id=PHONE)])
    assert await identities.resolve([Sender(user_id=BSUID, wa_id=PHONE)]) == [PHONE]
    assert await identities.resolve([Sender(user_id=BSUID)]) == [PHONE]
    user = await Users(database).get(PHONE)
    assert (user.user_id, user.wa_id) == (BSUID, PHONE)


async def test_a_phone_that_appears_later_is_stored_though_the_person_is_remembered(
    identities: Identities, database: GroupCommit
) -> None:
    await identities.resolve([Sender(user_id=BSUID)])
    await identities.resolve([Sender(user_id=BSUID, wa_id=PHONE)])
    assert (await Users(database).get(BSUID)).wa_id == PHONE


async def test_two_rows_that_turn_out_to_be_one_person_are_merged(
    identities: Identities, database: GroupCommit
) -> None:
    await identities.resolve([Sender(wa_id=PHONE), Sender(user_id=BSUID)])
    known = [users.change(PHONE, {"full_name": "Ana Gómez", "language": "es"})]
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, known)))
    both = Sender(user_id=BSUID, wa_id=PHONE)
    assert await Identities(database).resolve([both]) == [BSUID]
    user = await Users(database).get(BSUID)
    assert (user.wa_id, user.full_name, user.language) == (PHONE, "Ana Gómez", "es")
    assert await Users(database).get(PHONE) == user


async def test_a_changed_user_id_leads_to_the_same_person(identities: Identities) -> None:
    await identities.resolve([Sender(user_id=BSUID)])
    changed = Sender(user_id="CO.999", previous_user_id=BSUID)
    assert await identities.resolve([changed]) == [BSUID]
    assert await identities.resolve([Sender(user_id="CO.999")]) == [BSUID]


@pytest.mark.parametrize("phone", [None, PHONE])
async def test_a_late_webhook_under_a_former_user_id_is_the_same_person_s(
    identities: Identities, database: GroupCommit, phone: str | None
) -> None:
    new, neighbour = Sender(user_id="CO.new", previous_user_id=BSUID), Sender(user_id="CO.9")
    await identities.resolve([Sender(user_id=BSUID, wa_id=PHONE)])
    await identities.resolve([new])
    late = Sender(user_id=BSUID, wa_id=phone)
    assert await Identities(database).resolve([late, neighbour]) == [BSUID, "CO.9"]
    assert await Identities(database).resolve([Sender(user_id="CO.new")]) == [BSUID]


async def test_who_gets_somebody_s_former_number_is_another_person(
    identities: Identities, database: GroupCommit
) -> None:
    before = Sender(user_id=BSUID, wa_id=PHONE)
    assert await identities.resolve([Sender(wa_id=PHONE)]) == [PHONE]
    assert await identities.resolve([before]) == [PHONE]
    assert await identities.resolve([Sender(user_id=BSUID, wa_id="573009999999")]) == [PHONE]
    [key] = await Identities(database).resolve([Sender(wa_id=PHONE)])
    assert key.startswith(f"{PHONE}.")
    assert await Identities(database).resolve([Sender(wa_id=PHONE)]) == [key]
    assert await Identities(database).resolve([Sender(user_id=BSUID)]) == [PHONE]


async def test_the_profile_name_follows_the_person(
    identities: Identities, database: GroupCommit
) -> None:
    await identities.resolve([Sender(user_id=BSUID, profile_name="Ana")])
    await identities.resolve([Sender(user_id=BSUID, profile_name="Anita")])
    assert (await Users(database).get(BSUID)).profile_name == "Anita"


async def test_nobody_is_an_error(identities: Identities) -> None:
    with pytest.raises(ValueError, match="user_id or a wa_id"):
        await identities.resolve([Sender()])


async def test_memory_of_people_is_bounded(
    identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.people.identities.MAX_REMEMBERED_PEOPLE", 10)
    crowd = [Sender(user_id=f"CO.{number}") for number in range(50)]
    assert await identities.resolve(crowd) == [sender.user_id for sender in crowd]
    assert len(identities._remembered) == 10


ANA = Sender(user_id=BSUID, wa_id=PHONE, profile_name="Ana")
BOB = Sender(user_id="CO.bob", wa_id=PHONE, profile_name="Bob")


async def test_whoever_has_the_number_under_another_user_id_is_another_person(
    identities: Identities, database: GroupCommit
) -> None:
    assert await identities.resolve([ANA]) == [BSUID]
    assert await Identities(database).resolve([BOB, Sender(wa_id=PHONE)]) == ["CO.bob"] * 2
    ana, bob = [await Users(database).get(key) for key in (BSUID, "CO.bob")]
    assert (ana.user_id, ana.wa_id, ana.profile_name) == (BSUID, None, "Ana")
    assert (bob.user_id, bob.wa_id, bob.profile_name) == ("CO.bob", PHONE, "Bob")
    assert await identities.resolve([Sender(user_id=BSUID)]) == [BSUID]


@pytest.mark.parametrize(
    ("days", "name", "is_same"),
    [(91, "Bob", False), (91, " ana ", True), (91, None, True), (89, "Bob", True)],
)
async def test_without_user_ids_a_long_silence_and_another_name_mean_another_person(
    identities: Identities,
    database: GroupCommit,
    clock: ManualClock,
    days: int,
    name: str | None,
    is_same: bool,
) -> None:
    await identities.resolve([Sender(wa_id=PHONE, profile_name="Ana")])
    clock.advance(timedelta(days=days))
    later = Sender(wa_id=PHONE, profile_name=name)
    [key] = await identities.resolve([later])
    assert (key == PHONE) is is_same
    assert await Identities(database).resolve([later]) == [key]
    assert (await Users(database).get(PHONE)).wa_id == (PHONE if is_same else None)


@pytest.mark.parametrize("knows_bob", [False, True])
async def test_an_old_row_without_a_user_id_is_no_one_else_s(
    identities: Identities, database: GroupCommit, clock: ManualClock, knows_bob: bool
) -> None:
    await identities.resolve([Sender(wa_id=PHONE, profile_name="Ana")])
    clock.advance(timedelta(days=91))
    if knows_bob:  # who hid his number so far
        await identities.resolve([Sender(user_id="CO.bob", profile_name="Bob")])
    assert await identities.resolve([BOB]) == ["CO.bob"]
    ana = await Users(database).get(PHONE)
    assert (ana.profile_name, ana.wa_id, ana.user_id) == ("Ana", None, None)


async def test_whoever_writes_every_day_is_not_silent(
    identities: Identities, database: GroupCommit, clock: ManualClock
) -> None:
    for _ in range(100):
        clock.advance(timedelta(days=1))
        assert await identities.resolve([Sender(wa_id=PHONE, profile_name="Ana")]) == [PHONE]
    assert await identities.resolve([Sender(wa_id=PHONE, profile_name="Bob")]) == [PHONE]


@pytest.mark.parametrize("writes_first", [False, True])
async def test_whoever_changes_the_number_stays_and_the_next_owner_is_another_person(
    identities: Identities, database: GroupCommit, writes_first: bool
) -> None:
    await identities.resolve([ANA])
    profile = [users.change(BSUID, {"full_name": "Ana Gómez"})]
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, profile)))
    new = Sender(user_id="CO.new", wa_id="573009999999", profile_name="Ana")
    if writes_first:  # before Meta tells
        await identities.resolve([new])
    told = Sender(user_id="CO.new", wa_id="573009999999", previous_user_id=BSUID)
    [key] = await identities.resolve([told])
    assert await Identities(database).resolve([new, Sender(user_id=BSUID)]) == [key, key]
    assert (await Users(database).get(key)).full_name == "Ana Gómez"
    assert await identities.resolve([BOB]) == ["CO.bob"]
    assert (await Users(database).get("CO.bob")).full_name is None


@pytest.mark.parametrize("ids", [(None, None), (BSUID, "CO.new")])
async def test_whoever_leaves_a_number_is_known_without_the_former_user_id_too(
    identities: Identities, ids: tuple[str | None, str | None]
) -> None:
    before, now = ids
    await identities.resolve([Sender(wa_id=PHONE)])
    await identities.resolve([Sender(before, PHONE, "Ana")])
    moved = Sender(now, "573009999999", previous_wa_id=PHONE)
    assert await identities.resolve([moved]) == [PHONE]
    [bob] = await identities.resolve([Sender(wa_id=PHONE, profile_name="Bob")])
    assert bob != PHONE
    assert await identities.resolve([Sender(wa_id="573009999999")]) == [PHONE]


async def test_whoever_gets_another_customer_s_former_number_is_not_that_one(
    identities: Identities, database: GroupCommit, clock: ManualClock
) -> None:
    await identities.resolve([Sender(wa_id="573009999999", profile_name="Carl")])
    clock.advance(timedelta(days=91))
    await identities.resolve([ANA])
    told = Sender(user_id="CO.new", wa_id="573009999999", previous_user_id=BSUID)
    assert await identities.resolve([told]) == [BSUID]
    carl = await Users(database).get("573009999999")
    assert (carl.key, carl.wa_id, carl.profile_name) == ("573009999999", None, "Carl")


async def test_a_late_webhook_under_an_id_before_the_last_starts_nobody_anew(
    identities: Identities, database: GroupCommit
) -> None:
    await identities.resolve([Sender(wa_id=PHONE)])
    for user_id, previous in (("CO.1", None), ("CO.2", "CO.1"), ("CO.3", "CO.2")):
        sender = Sender(user_id=user_id, wa_id=PHONE, previous_user_id=previous)
        assert await identities.resolve([sender]) == [PHONE]
    for user_id in ("CO.1", "CO.2", "CO.3"):
        late = Sender(user_id=user_id, wa_id=PHONE)
        assert await Identities(database).resolve([late]) == [PHONE]
