"""Every limit of Meta: what is just allowed passes, and one more does not."""

from collections.abc import Callable

import pytest

from schemas.cloud_api_schema import (
    LocationMessage,
    MediaMessage,
    MediaType,
    OutgoingMessage,
    TemplateMessage,
    TextMessage,
)
from schemas.interactive_schema import (
    Button,
    ButtonsMessage,
    CtaUrlMessage,
    Header,
    ListMessage,
    LocationRequestMessage,
    Row,
    Section,
)

WAVE = "\N{WAVING HAND SIGN}"


def buttons(count: int) -> OutgoingMessage:
    made = [Button(id=f"id{n}", title=f"title {n}") for n in range(count)]
    return ButtonsMessage(body="body", buttons=made)


def with_button(**button: str) -> OutgoingMessage:
    made = Button.model_validate({"id": "id", "title": "title", **button})
    return ButtonsMessage(body="body", buttons=[made])


def with_row(**row: str) -> OutgoingMessage:
    made = Row.model_validate({"id": "id", "title": "title", **row})
    return ListMessage(body="body", button="Open", sections=[Section(rows=[made])])


def sections(*row_counts: int) -> OutgoingMessage:
    made = [
        Section(
            title=f"part {place}", rows=[Row(id=f"{place}.{n}", title="row") for n in range(count)]
        )
        for place, count in enumerate(row_counts)
    ]
    return ListMessage(body="body", button="Open", sections=made)


def listing(**fields: str) -> OutgoingMessage:
    rows = [Row(id="id", title="title")]
    title = fields.pop("title", None)
    given = {"body": "body", "button": "Open", **fields}
    return ListMessage.model_validate({**given, "sections": [Section(title=title, rows=rows)]})


def framed(*, header: str | None = None, footer: str | None = None) -> OutgoingMessage:
    top = None if header is None else Header(text=header)
    made = [Button(id="id", title="title")]
    return ButtonsMessage(body="body", buttons=made, header=top, footer=footer)


def link(*, label: str = "label", body: str = "body") -> OutgoingMessage:
    return CtaUrlMessage(body=body, label=label, url="https://example.org")


TEXT_LIMITS: dict[str, tuple[int, Callable[[str], OutgoingMessage]]] = {
    "text": (4096, lambda text: TextMessage(body=text)),
    "caption": (1024, lambda text: MediaMessage(kind=MediaType.IMAGE, id="1", caption=text)),
    "header": (60, lambda text: framed(header=text)),
    "footer": (60, lambda text: framed(footer=text)),
    "button title": (20, lambda text: with_button(title=text)),
    "button id": (256, lambda text: with_button(id=text)),
    "body of buttons": (
        1024,
        lambda text: ButtonsMessage(body=text, buttons=[Button(id="id", title="title")]),
    ),
    "body of a list": (4096, lambda text: listing(body=text)),
    "list button": (20, lambda text: listing(button=text)),
    "section title": (24, lambda text: listing(title=text)),
    "row id": (200, lambda text: with_row(id=text)),
    "row title": (24, lambda text: with_row(title=text)),
    "row description": (72, lambda text: with_row(description=text)),
    "link label": (20, lambda text: link(label=text)),
    "body of a link": (1024, lambda text: link(body=text)),
    "body of a location request": (1024, lambda text: LocationRequestMessage(body=text)),
}
every_text_limit = pytest.mark.parametrize(
    ("most", "make"), TEXT_LIMITS.values(), ids=TEXT_LIMITS.keys()
)


@every_text_limit
def test_a_text_at_its_limit_is_sent_whole(most: int, make: Callable[[str], object]) -> None:
    assert "x" * most in repr(make("x" * most))


@every_text_limit
def test_a_text_past_its_limit_is_refused_with_both_lengths(
    most: int, make: Callable[[str], object]
) -> None:
    with pytest.raises(ValueError, match=f"at most {most} characters, this one has {most + 1}"):
        make("x" * (most + 1))


@every_text_limit
def test_an_emoji_counts_as_two(most: int, make: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=f"this one has {most + 1}"):
        make("x" * (most - 1) + WAVE)


@every_text_limit
@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_text_is_refused(most: int, make: Callable[[str], object], blank: str) -> None:
    with pytest.raises(ValueError, match=r"is empty|white space"):
        make(blank)


@pytest.mark.parametrize("count", [1, 3])
def test_one_to_three_buttons_pass(count: int) -> None:
    buttons(count)


@pytest.mark.parametrize("count", [0, 4])
def test_other_numbers_of_buttons_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 3 buttons, not {count}"):
        buttons(count)


@pytest.mark.parametrize("counts", [(1,), (10,), (4, 6), (1,) * 10])
def test_up_to_ten_rows_in_all_pass(counts: tuple[int, ...]) -> None:
    sections(*counts)


@pytest.mark.parametrize("counts", [(11,), (5, 6), (10, 1)])
def test_eleven_rows_are_refused_however_they_are_divided(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="10 rows in all, not 11"):
        sections(*counts)


def test_a_list_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="rows in all, not 0"):
        sections(0)


def test_a_list_without_sections_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 10 sections, not 0"):
        sections()


@pytest.mark.parametrize("latitude", [-90, 0, 90])
@pytest.mark.parametrize("longitude", [-180, 0, 180])
def test_places_on_earth_pass_and_zero_is_one(latitude: float, longitude: float) -> None:
    place = LocationMessage(latitude=latitude, longitude=longitude)

    assert place.payload()["location"] == {"latitude": latitude, "longitude": longitude}


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.01, 0), (-90.01, 0), (0, 180.01), (0, -180.01), (float("nan"), 0), (0, float("inf"))],
)
def test_places_off_the_earth_are_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match=r"latitude|longitude"):
        LocationMessage(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize("name", ["a", "order_1", "x" * 512])
def test_names_of_templates_pass(name: str) -> None:
    TemplateMessage(name=name, language="en_US")


@pytest.mark.parametrize("name", ["", "Order", "an-order", "café", "x" * 513, "a\n"])
def test_other_names_are_no_templates(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        TemplateMessage(name=name, language="en_US")
