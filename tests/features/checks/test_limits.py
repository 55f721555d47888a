"""Templates that would take long: each ends soon, and says why; nobody else waits meanwhile."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import BotHarness

from features.checks import limits
from features.checks.templates import TemplateFailed, fill_in, find_problems, is_true
from services.agent import AgentReply, AgentRequest

LONG = " ".join(str(number) for number in range(800))
KNOWN: dict[str, Any] = {"text": LONG, "n": "999999999", "long": "ab" * 49_000}


def often(body: str) -> str:
    return f"{{% for i in (1..9000) %}}{body}{{% endfor %}}"


#: By the time that they may take.
SLOW = [
    often("{% if 1 == 2 %}{% endif %}" * 500),
    often("{% assign x = text | split: ' ' | sort | join %}"),
    often("{% assign x = text | split: '' | reverse | join: '' | size %}"),
    often("{% if long contains 'abc' or long contains 'bbb' %}{% assign y = 1 %}{% endif %}"),
    often("{% capture x %}{{ long | size }}{% endcapture %}{% assign z = long | escape | size %}"),
]
#: By what they make, or are given.
LARGE = [
    "{{ long | replace: 'a', long | size }}",
    "{{ text | split: '' | join: long | size }}",
    "{{ long | append: long | append: long | size }}",
    "{% assign a = 9 %}{% for i in (1..60) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
    "{% for i in (1..999999999) reversed %}{% endfor %}",
    "{% assign r = (1..n) %}{{ r | join }}",
    "{% if (1..999999999999999999999999) contains 'x' %}{% endif %}",
    "{{ (1..n) | reverse | size }}",
    "{% assign u = long | slice: 0, 7000 | split: '' | uniq %}",
    "{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}",
    "{% for i in (1..9999) %}{{ text | append: i }}{% endfor %}",
    "{% for i in (1..9999) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}",
]


@pytest.mark.parametrize("source", SLOW)
def test_what_takes_long_ends(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", 0.02)
    began = time.thread_time()
    with pytest.raises(TemplateFailed, match=r"takes more than 0\.02 s: loop over less"):
        fill_in(source, KNOWN)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize("source", LARGE)
def test_what_is_too_large_is_not_made(source: str) -> None:
    began = time.thread_time()
    with pytest.raises(TemplateFailed, match=r"more than|limit reached|cannot be shown") as raised:
        fill_in(source, KNOWN)
    assert time.thread_time() - began < 1.0
    assert LONG[:50] not in str(raised.value)


def test_a_condition_has_the_same_limits() -> None:
    with pytest.raises(TemplateFailed, match="the range has more than 10000 numbers"):
        is_true("(1..n) contains 'x'", KNOWN)


def test_what_people_write_is_far_from_the_limits() -> None:
    shown = "{% for one in text %}{{ one }}{% endfor %}{{ text | split: ' ' | uniq | join: ', ' }}"
    assert fill_in(shown, KNOWN).data
    assert fill_in("{% for i in (1..3) %}{{ i }}{% endfor %}", {}).text == "123"
    assert (
        fill_in("{% for i in (1..n) limit: 3 %}{{ i }}{% endfor %}", {"n": "10000"}).text == "123"
    )


@pytest.mark.parametrize(
    "source",
    ["{% if true %}" * 20_000, "x" * 100_001, "{{ a" + "[a" * 20_000, "(" * 5_000, "{{ (" * 5_000],
)
def test_a_template_of_any_shape_is_a_problem_or_fits(source: str) -> None:
    list(find_problems(source, {}))


class Model:
    async def reply(self, asked: AgentRequest) -> AgentReply:
        return AgentReply("Yes.")


async def test_the_bot_goes_on_while_a_template_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", 0.3)
    checks = {"slow": {"prompt": SLOW[0]}, "reply": {"prompt": "Answer."}}
    town = BotHarness(tmp_path, Model(), checks=checks)
    await town.start()
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert await town.say("hello there") == ["Yes."]
    counting.cancel()
    assert rounds > 1
    await town.stop()


async def test_the_time_of_a_check_covers_its_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", 0.2)
    checks = {"slow": {"prompt": SLOW[0], "timeout": 0.001}}
    town = BotHarness(tmp_path, Model(), checks=checks)
    await town.start()
    assert "too long" in str(await town.say("hello there", "15551234567"))
    await town.stop()
