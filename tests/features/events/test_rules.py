"""Rules of events: mistakes are told with file, line and what was probably meant."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from features.events.registry import EventRules, find_rules
from features.events.rules import EventData, EventRule, Parameter, formatted, money

HEAD = """from decimal import Decimal
from features.events.rules import EventData, EventRule, formatted, money

class Order(EventData):
    phone: str
    number: str
    total: Decimal
    currency: str

"""
RULE = """order = EventRule(
    types=("order.paid",),
    data=Order,
    to="phone",
    template_key="order_paid",
    parameters=("number", money("total")),
    entity="number",
    once_per=("number",),
)
"""
Find = Callable[..., EventRules]


@pytest.fixture
def find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Find]:
    """Find the rules of files, by their names."""
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "told_events"
    folder.mkdir()
    (folder / "__init__.py").touch()

    def found(**files: str) -> EventRules:
        for name, source in files.items():
            (folder / f"{name}.py").write_text(source)
        return find_rules("told_events")

    yield found
    for name in [one for one in sys.modules if one.partition(".")[0] == "told_events"]:
        del sys.modules[name]


def test_a_file_is_found_and_leads_to_its_types(find: Find) -> None:
    rules = find(order=HEAD + RULE)
    assert (list(rules.faults), rules.routing_keys) == ([], ["order.paid"])
    assert rules.find("order.paid") is rules.rules[0]
    assert rules.find("order.sent") is None
    assert rules.hint("order.payed") == '; did you mean "order.paid"?'
    assert list(find_rules("no_such_package")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "line", "told"),
    [
        ('to="phone"', 'to="fone"', 13, 'to: Order has no field "fone"; did you mean "phone"?'),
        ('("number", m', '("numbr", m', 15, 'parameters: Order has no field "numbr"'),
        ('money("total")', 'money("totl")', 15, 'Order has no field "totl"; did you mean "total"?'),
        ('money("total")', 'formatted("total", "mony")', 10, 'the filter "mony" is unknown; did'),
        ('entity="number"', 'entity="nr"', 16, 'entity: Order has no field "nr"'),
        ('("number",),\n)', '("numberr",),\n)', 17, 'once_per: Order has no field "numberr"'),
        ('("number",),\n)', '("number"),\n)', 15, 'once_per: write a tuple, ("number",)'),
        ('("order.paid",)', '("order paid",)', 11, '"order paid" is not words with dots'),
        ('("order.paid",)', '("order.paid")', 11, 'types: write a tuple, ("order.paid",)'),
        ('("order.paid",)', "()", 10, "types: name the event"),
        ('"order_paid"', '"Order Paid"', 14, "template_key: expected name or name:language"),
        ("data=Order,", 'data=Order, language="lang",', 12, '"lang" is neither a field'),
        ("data=Order,", 'data=Order, quiet_hours=("9", "25:00"),', 12, "is no time of day"),
        ("data=Order,", "data=Oder,", 12, "NameError: name 'Oder' is not defined"),
        ("to=", "too=", 10, "unexpected keyword argument 'too'"),
        ("to=", "to:", 13, "positional argument follows"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    find: Find, right: str, wrong: str, line: int, told: str
) -> None:
    assert right in RULE
    rules = find(order=HEAD + RULE.replace(right, wrong, 1))
    faults = [str(one) for one in rules.faults]
    assert any(told in one for one in faults), faults
    assert any(one.split(": ")[0].endswith(f"order.py:{line}") for one in faults), faults


def test_files_without_a_rule_and_types_of_two_rules_are_told(find: Find) -> None:
    rules = find(empty="", order=HEAD + RULE, other=HEAD + RULE)
    told = sorted(str(one).partition("told_events")[2] for one in rules.faults)
    assert told[0] == "/empty.py: it has no EventRule"
    assert told[1].startswith('/other.py:11: the type "order.paid" is that of ')
    assert "order.py:10" in told[1]


class Loan(EventData):
    phone: str
    day: date
    price: Decimal | None = None
    currency: str = "EUR"
    language: str = ""


def rule(**more: object) -> EventRule:
    made = {"types": ("loan.due",), "data": Loan, "to": "phone", "template_key": "loan_due"}
    return EventRule(**(made | more))  # type: ignore[arg-type]


def test_values_are_written_as_people_of_the_language_write_them() -> None:
    data = Loan(phone="1", day=date(2026, 3, 5), price=Decimal("1234.5"))
    loan = rule(
        parameters=(
            formatted("day", "date", name="until"),
            money("price"),
            Parameter("code", lambda data, language: f"{data.phone}-{language}"),
        )
    )
    assert dict(loan.filled(data, "es")) == {
        "until": "5 de marzo de 2026",
        "price": "1.234,50\N{NO-BREAK SPACE}€",
        "code": "1-es",
    }
    odd = data.model_copy(update={"currency": "points", "price": None})
    assert loan.filled(odd, "en_US")["price"] == ""
    assert rule(parameters=("price",)).filled(odd, "en") == {"price": ""}


@pytest.mark.parametrize(
    ("language", "of_event", "expected"),
    [("", "pt_BR", None), ("language", "pt_BR", "pt_BR"), ("language", "", None), ("es", "", "es")],
)
def test_the_language_of_a_rule(language: str, of_event: str, expected: str | None) -> None:
    data = Loan(phone="1", day=date(2026, 3, 5), language=of_event)
    assert rule(language=language).language_for(data) == expected


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (("21:00", "08:00"), "2026-03-05T19:59", None),
        (("21:00", "08:00"), "2026-03-05T20:00", "2026-03-06T08:00:00+01:00"),
        (("21:00", "08:00"), "2026-03-06T06:59", "2026-03-06T08:00:00+01:00"),
        (("21:00", "08:00"), "2026-03-06T07:00", None),
        (("13:00", "15:00"), "2026-03-05T12:30", "2026-03-05T15:00:00+01:00"),
        (("13:00", "15:00"), "2026-03-05T14:00", None),
        (("21:00", "08:00"), "2026-03-28T22:00", "2026-03-29T08:00:00+02:00"),  # summer begins
    ],
)
def test_quiet_hours_are_those_of_the_business(
    hours: tuple[str, str], now: str, expected: str | None
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    until = rule(quiet_hours=hours).quiet_until(at, ZoneInfo("Europe/Madrid"))
    assert (until and until.isoformat()) == expected
