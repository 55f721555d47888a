"""What no database can hold, and no index, holds up nobody: neither its lane nor its neighbours."""

import json
import random
import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.web import text_message, webhook
from tests.webhook.test_overload import Web

from jobs.attempt import JobHandler
from jobs.inspection import retry_dead_letters
from jobs.job_queue import JobQueue
from jobs.model import Job, JobState, LaneState, NewJob, Outcome
from jobs.retry import RetryPolicy
from jobs.tables import job
from jobs.worker import Worker
from storage.engine import group_commit
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import kept_files

HALF = "\ud83d"
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=10_000))
ONE_TRY = RetryPolicy(tries=1, first=timedelta(0), longest=timedelta(0))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.001)


async def jobs(database: GroupCommit) -> list[tuple[Any, ...]]:
    """(kind, body, state) of all."""
    query = select(job.c.kind, job.c.body, job.c.state).order_by(job.c.id)

    def read(connection: Connection, _: float) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(query)]

    return await database.submit(Transaction(read))


def changed(**fields: Any) -> dict[str, Any]:
    return text_message("wamid.odd") | fields


ODD_MESSAGES = {
    "a long id": changed(id=LONG),
    "a long sender": changed(**{"from": LONG, "from_user_id": LONG}),
    "half a character in the id": changed(id=f"wamid.{HALF}"),
    "half a character in the sender": changed(**{"from": HALF, "from_user_id": HALF}),
    "half a character in a change of number": changed(
        type="system", system={"wa_id": HALF, "user_id": f"{HALF}\0", "previous_user_id": HALF}
    ),
    "a type that is none": changed(type=f"{HALF}\0"),
}


@pytest.mark.parametrize("odd", ODD_MESSAGES.values(), ids=ODD_MESSAGES)
async def test_a_message_with_odd_names_is_stored_once_and_beside_its_neighbour(
    database: GroupCommit, odd: dict[str, Any]
) -> None:
    web = Web(database)
    for _ in range(2):
        raw = json.dumps(webhook(odd, text_message("wamid.2"))).encode()
        assert (await web.post(raw))[0] == 200
    kinds = [kind for kind, _, _ in await jobs(database)]
    assert kinds == ["message", "message"]


async def test_a_number_of_ours_with_a_long_name_is_stored_once(database: GroupCommit) -> None:
    web = Web(database)
    body = webhook(text_message("wamid.1"))
    body["entry"][0]["changes"][0]["value"]["metadata"] = {"phone_number_id": LONG}
    for _ in range(2):
        assert (await web.post(json.dumps(body).encode()))[0] == 200
    assert len(await jobs(database)) == 1


@pytest.mark.parametrize("code", [2**31, -(10**30), 1e300])
async def test_an_error_code_that_is_no_number_of_a_database_is_left_out(
    database: GroupCommit, code: float
) -> None:
    status = {"id": LONG, "status": "failed", "errors": [{"code": code, "title": f"a{HALF}"}]}
    ours = status | {"biz_opaque_callback_data": f"mine {HALF}"}
    raw = json.dumps(webhook(text_message("wamid.1"), statuses=[status, ours])).encode()
    assert (await Web(database).post(raw))[0] == 200
    (message, _, _), (status, body, _) = await jobs(database)
    assert (message, status) == ("message", "status")
    assert json.loads(body)["error_code"] is None


async def test_a_decision_that_cannot_be_stored_is_given_up_like_any_that_fails(
    database: GroupCommit,
) -> None:
    async def decide(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=[NewJob(f"in:{HALF if job.body == 'odd' else 'fine'}", "next", 1)])

    async def last_words(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=[NewJob("out:1", "sorry", 1)])

    kind = JobHandler(decide, ONE_TRY, on_discard=last_words)
    worker = Worker(database, {"note": kind, "next": kind}, pools=("notes",))
    await JobQueue(database).enqueue([NewJob("notes:1", "note", body) for body in ("odd", "fine")])
    await worker.run_until_idle()
    assert [(kind, state) for kind, _, state in await jobs(database)] == [
        ("note", JobState.DEAD),
        ("note", JobState.DONE),
        ("sorry", JobState.TODO),
        ("next", JobState.TODO),
    ]


async def test_a_value_too_long_for_an_index_is_given_up_and_takes_no_neighbour_along(
    database: GroupCommit,
) -> None:
    """PostgreSQL calls it an OperationalError, as if it were away."""

    async def decide(job: Job, state: LaneState) -> Outcome:
        name = LONG if job.body == "odd" else "fine"
        at = datetime.now(UTC)
        file = kept_files.expect(
            name, user_key="u", kind="image", mime_type="", filename=None, at=at
        )
        return Outcome(writes=[file])

    kind = JobHandler(decide, ONE_TRY)
    worker = Worker(database, {"note": kind}, pools=("notes",))
    for number, body in enumerate(("odd", "fine")):
        await JobQueue(database).enqueue([NewJob(f"notes:{number}", "note", body)])
    await worker.run_until_idle()
    states = {body: state for _, body, state in await jobs(database)}
    assert JobState.TODO not in states.values()


async def test_last_words_that_cannot_be_stored_hold_up_nobody(database: GroupCommit) -> None:
    async def fail(job: Job, state: LaneState) -> Outcome:
        raise ValueError

    async def last_words(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=[NewJob(f"in:{HALF}", "next", 1)])

    async def keep(job: Job, state: LaneState) -> Outcome:
        return Outcome()

    kinds = {
        "bad": JobHandler(fail, ONE_TRY, on_discard=last_words),
        "good": JobHandler(keep, ONE_TRY),
    }
    await JobQueue(database).enqueue([NewJob("notes:1", kind, 1) for kind in ("bad", "good")])
    await Worker(database, kinds, pools=("notes",)).run_until_idle()
    assert [(kind, state) for kind, _, state in await jobs(database)] == [
        ("bad", JobState.DEAD),
        ("good", JobState.DONE),
    ]


async def test_a_dead_letter_with_an_apology_may_be_put_back_again_and_again(
    town: BotHarness,
) -> None:
    """A message that nobody understands, until somebody mends it."""

    async def change(text: str) -> None:
        write = update(job).where(job.c.kind == "message").values(body=text)
        await town.database.submit(Transaction(lambda c, _: c.execute(write)))

    async def put_back() -> list[str]:
        assert await town.database.submit(Transaction(retry_dead_letters)) == 1
        return [text for _ in range(6) for text in await town.wait(60)]

    town.account.say(town.person(ANA), {"type": "text", "text": {"body": "hola"}})
    await town.account.webhooks.idle()
    [body] = [body for kind, body, _ in await jobs(town.database) if kind == "message"]
    await change("{}")
    apology = [text for _ in range(6) for text in await town.wait(60)]
    assert "falló de nuestro lado" in apology[0]
    assert await put_back() == apology  # it died again
    await change(body)
    [greeting] = await put_back()  # as to anybody who says hello
    assert greeting.startswith("¡Hola!")
    assert JobState.DEAD not in [state for _, _, state in await jobs(town.database)]


async def test_people_who_write_half_characters_are_answered(town: BotHarness) -> None:
    assert await town.say(f"hola {HALF} \0") != []
    assert await town.send({"type": f"new {HALF}", "new": HALF}) != []
    assert await town.say("hola") != []


async def test_an_error_that_quotes_half_a_character_is_kept(database: GroupCommit) -> None:
    async def fail(job: Job, state: LaneState) -> Outcome:
        raise ValueError(f"half {HALF} and nul \0")

    worker = Worker(database, {"note": JobHandler(fail, ONE_TRY)}, pools=("notes",))
    await JobQueue(database).enqueue([NewJob("notes:1", "note", "x")])
    await worker.run_until_idle()
    errors = await database.submit(Transaction(lambda c, _: list(c.scalars(select(job.c.error)))))
    assert errors == ["ValueError: half ? and nul \ufffd"]
