"""Which column fits a type of a form, and how its cells are written."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AnyUrl, Field, PastDate, ValidationError

from features.airtable.columns import columns_of
from flow_engine import BirthDate, LongText, SavedField


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@pytest.mark.parametrize(
    ("annotation", "column"),
    [
        (str, "singleLineText"),
        (LongText, "multilineText"),
        (int, "number"),
        (Annotated[int, Field(ge=1)] | None, "number"),
        (Decimal, "number"),
        (bool, "checkbox"),
        (date, "date"),
        (PastDate, "date"),
        (BirthDate, "date"),
        (datetime, "dateTime"),
        (Literal["a", "b"], "singleSelect"),
        (Size, "singleSelect"),
        (list[Literal["a", "b"]], "multipleSelects"),
        (AnyUrl, "url"),
        (Annotated[str, Field(json_schema_extra={"format": "phone"})], "phoneNumber"),
        (Annotated[str, Field(json_schema_extra={"format": "email"})], "email"),
        (Annotated[str, Field(json_schema_extra={"format": "attachment"})], "multipleAttachments"),
        (object, "singleLineText"),
    ],
)
def test_the_type_decides(annotation: Any, column: str) -> None:
    [made] = columns_of([SavedField("some_field", annotation)])
    assert made.schema.type == column
    assert made.title == "Some field"


def test_a_choice_offers_its_values() -> None:
    [made] = columns_of([SavedField("size", Size)])
    assert [one["name"] for one in made.schema.options["choices"]] == ["small", "large"]


def test_a_column_of_the_table_keeps_its_name() -> None:
    [made] = columns_of([SavedField("status", str)], taken=["Status"])
    assert made.title == "Status (answer)"


@pytest.mark.parametrize(
    ("annotation", "value", "cell"),
    [
        (int, 4, 4),
        (int, "4", 4.0),
        (int, "four", None),
        (bool, "yes", True),
        (str, 4, "4"),
        (str, "", None),
        (list[str], ["a", "b"], "a, b"),
        (list[Literal["a", "b"]], ["a"], ["a"]),
    ],
)
def test_a_value_is_written_as_its_column_takes_it(annotation: Any, value: Any, cell: Any) -> None:
    [made] = columns_of([SavedField("x", annotation)])
    assert made.to_cell(value) == cell


def test_a_cell_is_read_by_the_rules_of_the_form() -> None:
    [guests, born] = columns_of(
        [SavedField("guests", Annotated[int, Field(le=12)]), SavedField("born", BirthDate)]
    )
    assert guests.parse_cell(5.0) == {"guests": 5}
    assert born.parse_cell("1990-12-25") == {"born": "1990-12-25"}
    for column, cell in ((guests, 13), (guests, None), (born, "2999-01-01")):
        with pytest.raises(ValidationError):
            column.parse_cell(cell)
