"""The team hears when the bot could not answer, and a person gets an apology."""

import json
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.rows import rows

from flow_engine import Ask, Flow


class Table(BaseModel):
    time: str


async def free_times() -> tuple[str, ...]:
    raise OSError("no network")


TABLE = Flow(
    name="table",
    version=1,
    form=Table,
    triggers=("table",),
    steps=(Ask("time", options_from="free_times"),),
    finish=lambda _: (),
)
TEXTS = '[table.time]\nask = "When?"\ninvalid = "One of these."\n'


async def test_options_that_never_load_are_told_once_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []

    def chat(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content)["text"])
        return httpx.Response(200)

    add_flow(monkeypatch, tmp_path, TABLE, TEXTS)
    sources = {"free_times": free_times}
    monkeypatch.setattr("app.composition.conversations.OPTION_SOURCES", sources)
    town = BotHarness(tmp_path, operators_chat_url="http://chat/hook")
    town.others["chat"] = httpx.MockTransport(chat)
    await town.start()
    for _ in range(2):
        await town.say("table", JOHN)
        [apology] = [one for _ in range(5) for one in await town.wait(60, JOHN)]
        assert apology.startswith("Sorry")
    [told] = posted
    assert "could not answer" in told
    failures = [one for one in await rows(town, "job", "error") if one]
    assert failures == ["OptionSourceError: no options of free_times: OSError"] * 2
    await town.stop()
