"""Flows that somebody adds to a fork, in a running bot."""

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from sqlalchemy import select
from tests.fakes.bot import BotHarness
from tests.fakes.flows import load_flows
from tests.fakes.fork import add_flow, of_the_readme
from tests.sample import flows
from tests.sample.flows import main_menu, registration

from app.checks.definitions import DefinitionError
from app.composition.conversations import load_conversations
from flow_engine import (
    LANGUAGES,
    Ask,
    Effect,
    Flow,
    FlowDefinitionError,
    Option,
    SaveProfile,
    SaveRecord,
    Say,
)
from storage.engine.group_commit import Transaction
from storage.tables.records import record


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


@pytest.mark.parametrize("is_there_already", [False, True])
async def test_the_flow_of_the_readme_works_as_it_stands(
    town: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there_already: bool
) -> None:
    """Also in the fork of somebody who has followed the README."""
    code, texts = of_the_readme("readme_booking", "readme book")
    if is_there_already and load_flows(flows).find_flow("booking") is None:
        own_code, own_texts = of_the_readme("booking", "book")
        (tmp_path / "booking_of_a_fork.py").write_text(own_code)
        monkeypatch.setattr(flows, "__path__", [*flows.__path__, str(tmp_path)])
        monkeypatch.delitem(sys.modules, f"{flows.__name__}.booking_of_a_fork", raising=False)
        texts += own_texts
    module: dict[str, Flow[BaseModel]] = {}
    exec(code, module)
    add_flow(monkeypatch, tmp_path, module["booking"], texts)
    await town.start()
    assert await town.say("readme book") == ["For how many?"]
    assert await town.say("13") == [
        "Between 1 and 12, please.\n\nFor how many?\n\n"
        "También puedes escribir «atrás» o «cancelar»."
    ]
    assert await town.say("4") == ["Which day?"]
    assert await town.tap("today") == ["A table for 4, Today. Is everything right?"]
    assert (await town.tap("yes"))[0].startswith("Thank you")
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
    [changed] = await town.say("we come with a dog")
    assert "has changed" in changed
    assert changed.endswith("Which city?")
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
    assert titles == ["19:30", "20:00", "half past nine in…"]
    assert await town.say("21:00") == ["One of these.\n\nWhen?"]
    await town.tap("table.time.half past nine in the evening")
    assert await records(town) == [{"time": "half past nine in the evening"}]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        *[("sabado", "sat"), ("SÁBADO!", "sat"), ("el sabado porfa", "sat")],
        *[("monday am", "am"), ("Monday, AM please", "am"), ("monday p.m.", "pm")],
    ],
)
async def test_loaded_choices_are_taken_as_people_write_them(
    town: BotHarness,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: str,
    taken: str,
) -> None:
    async def days() -> tuple[Option, ...]:
        titles = {"sat": "Sábado", "am": "Monday AM", "pm": "Monday PM"}
        return tuple(Option(key, title) for key, title in titles.items())

    add_flow(monkeypatch, tmp_path, table, TABLE_TEXTS)
    monkeypatch.setattr("app.composition.conversations.OPTION_SOURCES", {"free_times": days})
    await town.start()
    await town.say("table")
    await town.say(written)
    assert await records(town) == [{"time": taken}]


@pytest.mark.parametrize("loaded", [(), ("", " "), (None, True)])
async def test_nothing_free_is_told_and_ends_the_form(
    town: BotHarness,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loaded: tuple[Any, ...],
) -> None:
    async def nothing() -> tuple[Any, ...]:
        return loaded

    add_flow(monkeypatch, tmp_path, table, TABLE_TEXTS)
    monkeypatch.setattr("app.composition.conversations.OPTION_SOURCES", {"free_times": nothing})
    await town.start()
    assert "no hay nada disponible" in (await town.say("table"))[0]
    await town.say("09:00")
    assert await records(town) == []


@pytest.mark.parametrize(
    ("loaded", "titles", "descriptions"),
    [
        (
            ("Consultation with Dr. Smith (morning)", "Consultation with Dr. Smith (evening)"),
            ["1. Consultation…", "2. Consultation…"],
            ["Consultation with Dr. Smith (morning)", "Consultation with Dr. Smith (evening)"],
        ),
        (("a", "a", 7), ["a", "7"], [None, None]),
        (
            (Option("s1", "Monday 9:00", "with Eva"), Option("s2", "Monday 9:00", "with Leo")),
            ["1. Monday 9:00", "2. Monday 9:00"],
            ["with Eva", "with Leo"],
        ),
    ],
)
async def test_people_can_tell_loaded_options_apart(
    town: BotHarness,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loaded: tuple[Any, ...],
    titles: list[str],
    descriptions: list[str | None],
) -> None:
    async def load() -> tuple[Any, ...]:
        return loaded

    add_flow(monkeypatch, tmp_path, table, TABLE_TEXTS)
    monkeypatch.setattr("app.composition.conversations.OPTION_SOURCES", {"free_times": load})
    await town.start()
    await town.say("table")
    assert [one["title"] for one in town.choices()] == titles
    assert [one.get("description") for one in town.choices()] == descriptions
    await town.say("2")
    [saved] = await records(town)
    assert saved["time"] in (loaded[1], "7", "s2")


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
            "from tests.sample.flows.events import *\n\n"
            "mine = Flow('mine', 1, Interest, (Ask('day'),), finish)",
            r"mine\.py:3: mine: not a field of the form: day",
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
    sys.modules.pop(f"{flows.__name__}.mine", None)


def test_a_flow_without_its_texts_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS.replace("[visit.at]", "[visit.when]"))
    with pytest.raises(DefinitionError, match=r"es\.toml:\d+: visit\.at\.ask is missing"):
        load_conversations()


def test_all_faults_of_flows_and_texts_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, texts = of_the_readme("outing", "outing")
    (tmp_path / "outing.py").write_text(code.replace("outing.done", "outing.dnoe"))
    (tmp_path / "picnic.py").write_text(
        code.replace("outing", "picnic").replace('Ask("d', 'Ask("b')
    )
    (tmp_path / "walk.py").write_text("def walk(:")
    add_flow(monkeypatch, tmp_path, visit, VISIT_TEXTS + texts)
    monkeypatch.setattr(flows, "__path__", [*flows.__path__, str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DefinitionError) as raised:
        load_conversations("fr")
    sys.modules.pop(f"{flows.__name__}.outing", None)
    missing = 'outing.dnoe is missing; outing.py:17 uses it; did you mean "outing.done"?'
    lines = {
        one: 1 + (tmp_path / f"texts/{one}.toml").read_text().split("\n").index("[outing]")
        for one in LANGUAGES
    }
    assert str(raised.value).splitlines() == [
        f"Flows, texts and features have {3 + len(LANGUAGES)} problems:",
        'DEFAULT_LANGUAGE is "fr"; there are texts in: en, es, pt',
        'picnic.py:25: picnic: not a field of the form: bay; did you mean "day"?',
        *(f"texts/{one}.toml:{line}: {missing}" for one, line in lines.items()),
        "walk.py:1: invalid syntax",
    ]


def test_a_fork_without_a_menu_to_show_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = replace(main_menu.main_menu, name="my_menu")
    monkeypatch.setattr(main_menu, "main_menu", renamed)
    with pytest.raises(DefinitionError) as raised:
        load_conversations()
    assert "no menu has the name main_menu, which the bot shows first" in str(raised.value)


def test_a_fork_without_a_registration_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(registration, "registration")
    with pytest.raises(DefinitionError, match="needs_profile leads to registration, a flow that"):
        load_conversations()


def test_a_new_field_of_the_registration_needs_its_texts_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithCity(registration.Registration):
        city: str

    flow = registration.registration
    steps = (*flow.steps[:-1], Ask("city"), flow.steps[-1])
    extended = replace(flow, form=WithCity, steps=steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration, "registration", extended)
        with pytest.raises(DefinitionError, match=r"registration\.city\.ask is missing"):
            load_conversations()
    add_flow(
        monkeypatch,
        tmp_path,
        extended,
        '[registration.city]\nlabel = "City"\nask = "Where?"\ninvalid = "?"\n',
    )
    monkeypatch.setattr(registration, "registration", extended)
    for file in (tmp_path / "texts").glob("*.toml"):
        file.write_text(file.read_text().replace("{full_name:first}", "{full_name} ({city})", 1))
    found, _ = load_conversations()
    form = WithCity.model_validate(
        {
            "full_name": "Ana Gómez",
            "id_type": "CC",
            "id_number": "12345",
            "birth_date": "1990-12-25",
            "about": "I sing in a choir on Fridays.",
            "city": "Bogotá",
            "consent": "yes",
        }
    )
    saved, said = extended.finish(form)
    assert isinstance(saved, SaveProfile)
    assert isinstance(said, Say)
    assert "city" in saved.fields
    assert "city" in said.params
    assert found.flow("registration") is extended
