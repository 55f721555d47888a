"""Items of a request: phone numbers in any writing, defaults, templates, times."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.clock import ManualClock
from tests.features.notifications.town import ORDER, order

from domain.phone import canonical
from domain.user import User
from features.notifications.checks import CheckedItem, check_items
from features.notifications.items import read_items
from features.notifications.lookup import KnownFacts
from features.notifications.phone_numbers import WrongPhone, read_phone
from features.notifications.problems import Code
from features.notifications.remedies import REMEDIES, failure
from features.notifications.schema import NotificationRequest
from features.templates.model import Template

NOW = ManualClock()()
ANA = "573001234567"


@pytest.mark.parametrize(
    ("written", "country", "digits"),
    [
        ("+34 612 345 678", None, "34612345678"),
        ("0034612345678", "FR", "34612345678"),
        ("612 345 678", "ES", "34612345678"),
        ("34612345678", "ES", "34612345678"),
        ("573001234567", None, "573001234567"),
        ("(55) 1234-5678", "MX", "525512345678"),
        ("5215512345678", None, "525512345678"),
        ("+52 1 55 1234 5678", None, "525512345678"),
        ("+44 (0)7700 900123", None, "447700900123"),
        ("+1 555 123 4567", None, "15551234567"),
    ],
)
def test_a_number_is_read_in_any_writing(written: str, country: str | None, digits: str) -> None:
    assert read_phone(written, country).digits == digits


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("612345678", None),  # of Australia, if it were read as a whole number
        ("612345678", "MX"),
        ("13912345678", None),  # of China, or of a place in America that does not exist
        ("+34 12", None),
        ("+", "ES"),
        ("Ana", "ES"),
        ("", "ES"),
        ("٦١٢٣٤٥٦٧٨", "ES"),
    ],
)
def test_what_may_be_somebody_elses_number_is_not_guessed(
    written: str, country: str | None
) -> None:
    with pytest.raises(WrongPhone):
        read_phone(written, country)


@given(st.text(), st.sampled_from([None, "ES", "US"]))
def test_no_text_breaks_the_reader_of_numbers(written: str, country: str | None) -> None:
    try:
        found = read_phone(written, country)
    except WrongPhone:
        return
    assert found.digits.isdecimal()


@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.text("0123456789", min_size=1, max_size=13),
)
def test_the_short_way_to_read_a_number_comes_to_the_same(code: int, national: str) -> None:
    written = f"+{code}{national}"
    writings = (written, f"+{canonical(written)}")
    numbers = [phonenumbers.parse(one) for one in writings if len(national) > 1]
    possible = [one for one in numbers if phonenumbers.is_possible_number(one)]
    if not possible:
        with pytest.raises(WrongPhone):
            read_phone(written, None)
        return
    e164 = phonenumbers.format_number(possible[0], phonenumbers.PhoneNumberFormat.E164)
    assert read_phone(written, None).digits == e164.removeprefix("+")


def checked(
    *items: dict[str, Any],
    templates: tuple[Template, ...] = (ORDER,),
    person: User | None = None,
    **body: Any,
) -> list[CheckedItem]:
    request = NotificationRequest.model_validate({"items": items, **body})
    by_name: dict[str, list[Template]] = {}
    for one in templates:
        by_name.setdefault(one.name, []).append(one)
    people = {} if person is None else {ANA: person}
    known = KnownFacts(people, (), (), (), by_name)
    return list(check_items(read_items(request, NOW, None), known, NOW, language="en"))


def problems(*items: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(one.code, one.field) for item in checked(*items, **more) for one in item.problems]


def test_defaults_complete_items_name_by_name() -> None:
    template = {"name": "order_update", "language": "en", "parameters": ["Ana", "A-17"]}
    [first, second] = checked(
        {"to": f"+{ANA}"},
        {"to": f"+{ANA}", "template": {"parameters": ["Eva", "B-2"]}, "metadata": {"own": 1}},
        defaults={"template": template, "metadata": {"all": 1}},
    )
    assert first.text.startswith("Hi Ana, your order A-17")
    assert second.text.startswith("Hi Eva, your order B-2")
    assert (first.read.item.metadata, second.read.item.metadata) == ({"all": 1}, {"own": 1})
    [text] = checked(
        {"to": f"+{ANA}", "text": "Hi"},
        defaults={"template": template},
        person=User(ANA, wa_id=ANA, last_inbound_at=NOW),
    )
    assert (text.text, text.problems) == ("Hi", [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to": None}, ("recipient_missing", "to")),
        ({"user_id": "CO.1"}, ("recipient_missing", "to")),
        ({"template": None}, ("content_missing", "template")),
        ({"template": None, "text": "  "}, ("content_missing", "text")),
        ({"text": "Hi"}, ("content_twice", "text")),
        ({"template": {"parameters": []}}, ("field_missing", "template.name")),
        ({"template": {"name": "nothing"}}, ("template_unknown", "template.name")),
        ({"template": {"key": "order_update:fr"}}, ("language_unknown", "template.language")),
        ({"metadata": {"x": "y" * 4096}}, ("metadata_too_large", "metadata")),
        ({"send_at": NOW + timedelta(days=31)}, ("send_at_too_late", "send_at")),
        ({"expires_at": NOW}, ("expires_too_early", "expires_at")),
        (
            {"send_at": NOW + timedelta(days=2), "expires_at": NOW + timedelta(days=1)},
            ("expires_too_early", "expires_at"),
        ),
        ({"category_expected": "MARKETING"}, ("category_changed", "category_expected")),
    ],
)
def test_what_is_wrong_with_an_item_is_told(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    code, field = expected
    person = User(ANA, wa_id=ANA, last_inbound_at=NOW)
    assert (code, f"items[0].{field}") in problems(order(**changes), person=person)


def test_values_are_checked_as_the_template_asks_for() -> None:
    template = {"name": "order_update", "language": "en"}
    assert problems(order(template={**template, "parameters": ["Ana"]})) == [
        ("parameter_missing", "items[0].template.parameters[1]")
    ]
    assert problems(order(template={**template, "parameters": ["Ana", " "]})) == [
        ("parameter_empty", "items[0].template.parameters[1]")
    ]
    with_header = {**template, "parameters": ["Ana", "1"]}
    image = {"image": {"link": "https://example.com/a.png"}}
    video = [{"type": "HEADER", "format": "VIDEO"}, *ORDER.components]
    found = problems(
        order(template={**with_header, "header": image}),
        templates=(replace(ORDER, components=video),),
    )
    assert ("field_invalid", "items[0].template.header") in found


def test_the_language_is_the_one_that_the_bot_speaks_to_the_person() -> None:
    templates = tuple(replace(ORDER, language=one) for one in ("en", "es_MX", "es_ES"))
    template = {"name": "order_update", "parameters": ["Ana", "1"]}

    def language(to: str, person: User | None = None) -> str | None:
        [found] = checked(order(to, template=template), templates=templates, person=person)
        return found.template.language if found.template else None

    colombian, american = f"+{ANA}", "+1 555 123 4567"
    assert (language(colombian), language(american)) == ("es_ES", "en")
    assert language(colombian, User(ANA, wa_id=ANA, language="en")) == "en"
    assert language(colombian, User(ANA, wa_id=ANA, language="fr")) == "es_ES"
    item = order(american, template=template)
    [found] = checked(item, templates=(replace(ORDER, language="pt_BR"),))
    assert (found.template is not None, found.problems) == (True, [])
    assert problems(item, templates=templates[1:]) == [
        ("language_unknown", "items[0].template.language")
    ]


def test_every_failure_has_a_next_step() -> None:
    for code in (*REMEDIES, 190, 999_999):
        problem = failure(code, "Meta says no.")
        assert (problem.code, problem.meta_code) == (Code.REFUSED_BY_META, code)
        assert problem.fix.endswith(".")
    assert failure(None, None).code == Code.NOT_SENT
