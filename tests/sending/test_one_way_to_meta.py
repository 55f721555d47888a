"""Whatever goes wrong at Meta, a message arrives once, and each one that is sent has a row."""

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.recording_meta import TO, RecordingMeta, refused, service_at

from services.clients.cloud_api.errors import Rejected, Throttled, Unavailable, WhatsAppError
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery

#: Faults of the emulator that Meta has for a while, each half of the time.
FOR_A_WHILE = ("error_500", "error_130429", "error_131056", "reset", "lost_answer")

#: Minutes within which each of them has been tried often enough.
WAITS = 30


async def rows(town: BotHarness) -> list[tuple[str, bool]]:
    """The status of each message, and whether it has Meta's id."""
    query = select(delivery.c.status, delivery.c.wamid.is_not(None)).order_by(delivery.c.created_at)
    found = await town.database.submit(Transaction(lambda c, _: c.execute(query).all()))
    return [(status, bool(has_id)) for status, has_id in found]


@pytest.mark.parametrize("fault", FOR_A_WHILE)
async def test_a_reply_arrives_once_after_a_fault(tmp_path: Path, fault: str) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(seed=2, **{fault: 0.5}))
    people = [ANA, "15551230001", "15551230002", "15551230003"]
    for who in people:
        await town.say("menu", who)
    for _ in range(WAITS):
        await town.wait(60)
    for who in people:
        got = [one for one in town.person(who).since(0) if one["from"] == "bot" and "id" in one]
        assert len(got) == 1, who
    assert await rows(town) == [("read", True)] * len(people)
    await town.stop()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (131047, 400, Rejected),
        (130429, 400, Throttled),
        (131056, 400, Throttled),
        (4, 429, Throttled),
        (131000, 500, Unavailable),
    ],
)
async def test_each_error_has_its_type_and_metas_code(
    code: int, status: int, kind: type[WhatsAppError]
) -> None:
    meta = RecordingMeta(refused(code, status))

    async def sleep(seconds: float) -> None:
        assert 0 < seconds <= 60

    with pytest.raises(kind) as raised:
        await service_at(meta, sleep=sleep).send_message(TO, "hi")
    assert raised.value.code == code


async def test_what_code_of_ones_own_sends_has_a_row(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("menu")
    before = await rows(town)
    sent = await town.bot.parts.whatsapp.send_message(ANA, "By hand.")
    town.person(ANA).is_on_whatsapp = False
    in_vain = await town.bot.parts.whatsapp.send_message(ANA, "In vain.")
    await town.settle()
    query = select(delivery.c.wamid)
    ids = await town.database.submit(Transaction(lambda c, _: c.scalars(query).all()))
    assert {sent.message_id, in_vain.message_id} <= {*ids}
    assert [status for status, _ in await rows(town)][len(before) :] == ["read", "failed"]
    await town.stop()
