"""Each thing that may go wrong in the emulator does, when its switch says so."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.state.chaos import REFUSALS, Chaos, FaultInjector
from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta


async def switch(meta: Meta, **switches: Any) -> None:
    assert (await meta.http.post("/emulator/chaos", json=switches)).status_code == 200


@pytest.mark.parametrize("name", REFUSALS)
async def test_meta_refuses_and_takes_nothing(meta: Meta, name: str) -> None:
    await switch(meta, **{name: 1})
    answer = await meta.send("text", {"body": "hi"})
    assert answer.json()["error"]["code"] == REFUSALS[name][0]
    assert not [one for one in meta.account.people.get(ANA).entries if one["type"] == "text"]


@pytest.mark.parametrize("code", CODES)
async def test_meta_can_refuse_with_any_of_its_codes(meta: Meta, code: int) -> None:
    await switch(meta, refuse=1, refuse_code=code)
    answer = await meta.send("text", {"body": "hi"})
    assert answer.status_code == CODES[code].http
    assert answer.json()["error"]["code"] == code
    assert CODES[code].text in answer.json()["error"]["message"]


async def test_a_message_can_fail_later_with_any_code(meta: Meta) -> None:
    await switch(meta, failed_later=1, failed_code=131049)
    await meta.send("text", {"body": "hi"})
    assert (await meta.statuses())[-1]["errors"][0]["code"] == 131049


async def test_off_is_off(meta: Meta) -> None:
    await switch(meta, error_500=1)
    await switch(meta, off=True)
    assert (await meta.send("text", {"body": "hi"})).status_code == 200


async def test_statuses_never_come(meta: Meta) -> None:
    await switch(meta, no_status=1)
    await meta.send("text", {"body": "hi"})
    assert await meta.statuses() == []


async def test_a_message_fails_after_it_was_taken(meta: Meta) -> None:
    await switch(meta, failed_later=1)
    assert (await meta.send("text", {"body": "hi"})).status_code == 200
    sent, failed = await meta.statuses()
    assert (sent["status"], failed["status"]) == ("sent", "failed")
    assert failed["errors"][0]["code"] == 131026


async def test_webhooks_come_twice(meta: Meta) -> None:
    await switch(meta, duplicate=1)
    meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": "hi"}})
    await meta.account.webhooks.idle()
    first, second = meta.webhooks
    assert first == second


async def test_webhooks_overtake_each_other(meta: Meta) -> None:
    await switch(meta, reorder=1)
    for text in "abcdefgh":
        meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": text}})
    await meta.account.webhooks.idle()
    said = [value["messages"][0]["text"]["body"] for value in meta.webhooks]
    assert said != sorted(said) == list("abcdefgh")


@pytest.mark.parametrize(
    ("switches", "problem"),
    [
        ({"eror_500": 1}, "there is no eror_500"),
        ({"error_500": 1.5}, "between 0 and 1"),
        ({"latency": 61}, "between 0 and 60"),
        ({"reset": "often"}, "is a number"),
        ({"refuse_code": 7}, "not one of Meta's error codes"),
    ],
)
async def test_wrong_switches_are_refused(
    meta: Meta, switches: dict[str, Any], problem: str
) -> None:
    answer = await meta.http.post("/emulator/chaos", json=switches)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    found = (await meta.http.get("/emulator/chaos")).json()
    assert all(one["value"] == one["usual"] for one in found)


async def test_one_message_can_fail_alone(meta: Meta) -> None:
    await switch(meta, error_500_text="menú")
    refused = await meta.send("text", {"body": "El menú"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (500, 131000)
    assert (await meta.send("text", {"body": "Hola"})).status_code == 200
    await switch(meta, error_500_text="")
    assert (await meta.send("text", {"body": "El menú"})).status_code == 200


@given(st.integers(), st.floats(0, 1))
def test_the_same_seed_is_the_same_misfortune(seed: int, share: float) -> None:
    chaos = Chaos().changed(seed=seed, reset=share, latency=share)
    one, other = FaultInjector(chaos), FaultInjector(chaos)
    assert [one.hits("reset") for _ in range(20)] == [other.hits("reset") for _ in range(20)]
    assert one.seconds("latency") == other.seconds("latency") <= share


def test_nothing_goes_wrong_by_default() -> None:
    names = [one["name"] for one in Chaos().described() if isinstance(one["value"], float)]
    assert not any(FaultInjector().hits(name) for name in names)
