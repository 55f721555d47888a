"""Flows that somebody adds to a fork, in a running bot."""

import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel
from sqlalchemy import select
from tests.fakes.bot import BotHarness
from tests.fakes.fork import add_flow

import flows
from app.composition.conversations import DefinitionError, load_conversations
from flow_engine import Ask, Effect, Flow, FlowDefinitionError, SaveRecord, Say, load_flows
from storage.engine.group_commit import Transaction
from storage.tables.records import record

README = (Path(__file__).parents[2] / "README.md").read_text()


class Visit(BaseModel):
    guests: Literal["2", "3", "4"]
    at: Literal["10.30", "11.30"]
    note: str


def finish(visit: BaseModel) -> list[Effect]:
    return [SaveRecord("visits", visit.model_dump()), Say("visit.done")]


visit = Flow(
    name="visit",
    version=1,
    form=Visit,
    triggers=("visit",),
    steps=(Ask("guests"), Ask("at"), Ask("note")),
    finish=finish,
)
VISIT_TEXTS = """
[visit]
done = "Until then!"
[visit.guests]
ask = "How many?"
invalid = "2 to 4."
[visit.at]
ask = "When?"
invalid = "One of these."
[visit.city]
ask = "Which city?"
invalid = "A city."
[visit.note]
ask = "Anything else?"
invalid = "Write something."
"""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    yield town
    await town.stop()


async def records(town: BotHarness) -> list[dict[str, object]]:
    found = Transaction(lambda c, _: list(c.scalars(select(record.c.fields))))
    return [json.loads(fields) for fields in await town.database.submit(found)]


async def test_the_flow_of_the_readme_works_as_it_stands(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [code] = re.findall(r'```python\n("""Book a table.+?)```', README, re.DOTALL)
    [texts] = re.findall(r"```toml\n(\[booking\].+?)```", README, re.DOTALL)
    module: dict[str, Flow[BaseModel]] = {}
    exec(code, module)
    add_flow(monkeypatch, tmp_path, module["booking"], texts)
    await town.start()
    assert await town.say("book") == ["For how many?"]
    assert await town.say("13") == ["Between 1 and 12, please.", "For how many?"]
    assert await town.say("4") == ["Which day?"]
    assert await town.tap("today") == ["Is everything right?"]
    assert (await town.tap("yes"))[0].startswith("See you")
    assert await records(town) == [{"guests": 4, "day": "today"}]


async def test_a_typed_number_is_an_option_of_that_name_first(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS)
    await town.start()
    await town.say("visit")
    assert await town.say("3") == ["When?"]
    assert await town.tap("10.30") == ["Anything else?"]
    await town.say("no")
    assert await records(town) == [{"guests": "3", "at": "10.30", "note": "no"}]


async def test_a_new_version_of_a_form_asks_anew_what_it_asks_first(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Journey(Visit):
        city: str

    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS)
    await town.start()
    await town.say("visit")
    await town.say("2")
    await town.say("10.30")
    steps = (Ask("guests"), Ask("city"), Ask("at"), Ask("note"))
    add_flow(monkeypatch, tmp_path, replace(visit, version=2, form=Journey, steps=steps), "")
    await town.restart()
    changed, question = await town.say("we come with a dog")
    assert "cambió" in changed
    assert question == "Which city?"
    assert await town.say("Bogotá") == ["When?"]


async def test_a_form_that_has_changed_can_be_cancelled_at_once(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS)
    await town.start()
    await town.say("visit")
    steps = (Ask("note"), Ask("guests"), Ask("at"))
    add_flow(monkeypatch, tmp_path, replace(visit, version=2, steps=steps), "")
    await town.restart()
    assert any("Cancelado" in reply for reply in await town.say("cancelar"))
    assert await records(town) == []


async def test_a_new_version_takes_the_answer_where_the_question_is_the_same(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS)
    await town.start()
    await town.say("visit")
    add_flow(monkeypatch, tmp_path, replace(visit, version=2), "")
    await town.restart()
    assert await town.say("2") == ["When?"]


class Table(BaseModel):
    time: str


def book(table: Table) -> list[Effect]:
    return [SaveRecord("tables", table.model_dump())]


table = Flow(
    name="table",
    version=1,
    form=Table,
    triggers=("table",),
    steps=(Ask("time", options_from="free_times"),),
    finish=book,
)
TABLE_TEXTS = """
[table.time]
ask = "When?"
invalid = "One of these."
"""


async def free_times() -> tuple[str, ...]:
    return ("19:30", "20:00", "half past nine in the evening")


async def test_choices_are_loaded_when_somebody_reaches_them(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, table, TABLE_TEXTS)
    monkeypatch.setattr("app.composition.conversations.OPTION_SOURCES", {"free_times": free_times})
    await town.start()
    assert await town.say("table") == ["When?"]
    titles = [one["title"] for one in town.choices()]
    assert titles == ["19:30", "20:00", "half past nine…"]
    assert await town.say("21:00") == ["One of these.", "When?"]
    await town.tap("table.time.half past nine in the evening")
    assert await records(town) == [{"time": "half past nine in the evening"}]


def test_a_source_that_is_not_there_is_noticed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, table, TABLE_TEXTS)
    with pytest.raises(FlowDefinitionError, match="table: no such source of options: free_times"):
        load_flows(flows)
    assert load_flows(flows, sources={"free_times"}).find_flow("table") is table


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def broken(:", r"mine\.py:1: invalid syntax"),
        ("\nimport nothing_of_ours", r"mine\.py:2: ModuleNotFoundError: No module named"),
        (
            "from flows.events import *\nmine = Flow('mine', 1, Interest, (Ask('day'),), finish)",
            r"mine: not fields of the form: \['day'\]",
        ),
    ],
)
def test_a_mistake_in_a_flow_stops_the_start_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    (tmp_path / "mine.py").write_text(code)
    monkeypatch.setattr(flows, "__path__", [*flows.__path__, str(tmp_path)])
    with pytest.raises(DefinitionError, match=told):
        load_conversations()
    sys.modules.pop("flows.mine", None)


def test_a_flow_without_its_texts_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS.replace("[visit.at]", "[visit.when]"))
    with pytest.raises(DefinitionError, match=r"es\.toml: visit\.at\.ask is missing"):
        load_conversations()
