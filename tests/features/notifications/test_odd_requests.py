"""Requests that are allowed by JSON, or by Python, and by nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from tests.features.notifications.town import Town, codes, order

HALF = "\\ud800"


async def post(town: Town, more: str, parameters: str = '["Ana", "A-17"]') -> Any:
    """Post an order with something more in it, as it is written."""
    template = f'{{"name": "order_update", "language": "en", "parameters": {parameters}}}'
    body = f'{{"items": [{{"to": "+573001234567", "template": {template}{more}}}]}}'
    return await town.call("POST", content=body, headers={"Content-Type": "application/json"})


async def test_a_time_beyond_the_calendar_keeps_nobody_waiting(town: Town) -> None:
    for time in ("9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59.999999Z"):
        [id_] = await town.sent(order(expires_at=time))
        assert (await town.view(id_))["expires_at"].startswith("9999-12-31T23:59:59")
    [id_] = await town.sent(order("+15551234567", send_at="0001-01-01T00:00:00+14:00"))
    await town.wait(1)
    assert await town.status(id_) == "read"


async def test_digits_are_no_time(town: Town) -> None:
    """Whether they count seconds or milliseconds is a guess."""
    for time in ("1796000000", "-9244", 1796000000):
        answer = await town.post(order(send_at=time))
        assert codes(answer) == [("field_invalid", "items[0].send_at")], time
    answer = await town.call("GET", "/statistics", params={"from": "1796000000"})
    assert codes(answer) == [("field_invalid", "from")]


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00-05:00", "9999-12-31T23:59:59-05:00"])
async def test_statistics_up_to_the_ends_of_the_calendar(town: Town, end: str) -> None:
    answer = await town.call("GET", "/statistics", params={"to": end})
    assert (answer.status_code, answer.json()["groups"]) == (200, [])


@pytest.mark.parametrize(
    "value", ["NaN", "1e999", "-Infinity", "[" * 400 + "]" * 400, '{"a":' * 21 + "1" + "}" * 21]
)
async def test_metadata_that_no_answer_could_hold_are_refused(town: Town, value: str) -> None:
    answer = await post(town, f', "metadata": {{"a": {value}}}')
    assert (answer.status_code, codes(answer)) == (422, [("field_invalid", "items[0].metadata")])


async def test_half_characters_are_told_without_them(town: Town) -> None:
    answer = await post(town, "", parameters=f'{{"{HALF}": "b"}}')
    assert (answer.status_code, HALF in answer.text) == (422, False)
    answer = await post(town, f', "metadata": {{"{HALF}": "{HALF}"}}')
    assert answer.status_code == 202
    found = await town.call("GET")
    assert found.json()["items"][0]["metadata"] == {"?": "?"}


async def test_nul_is_no_fault_of_the_database(town: Town) -> None:
    """PostgreSQL takes no NUL in a text: without care that is an error 503, for ever."""
    unknown = await town.post({"to": "+573001234567", "template": {"name": "order\0"}})
    assert codes(unknown) == [("template_unknown", "items[0].template.name")]
    for name in ("reference", "batch", "template", "after"):
        assert (await town.call("GET", params={name: "\0"})).json()["items"] == []
    await town.say("hello")
    [id_] = await town.sent({"to": "+573001234567", "text": "a\0b"})
    await town.wait(timedelta(minutes=1).total_seconds())
    assert (await town.status(id_), town.replies("573001234567")) == ("read", ["a\ufffdb"])


async def test_a_text_that_shows_nothing_is_no_text(town: Town) -> None:
    await town.say("hello")
    for text in ("\u200b", "***", "\u2800"):
        answer = await town.post({"to": "+573001234567", "text": text})
        assert codes(answer) == [("content_missing", "items[0].text")], text
