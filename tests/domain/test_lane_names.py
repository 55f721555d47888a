"""The name of a person's lane says its pool, its number and the person."""

import pytest

from domain.lane_names import LaneKey, lane_name, parts_of


@pytest.mark.parametrize("person", ["573001234567", "CO.1", "a:b"])
def test_a_name_leads_back_to_its_parts(person: str) -> None:
    key = LaneKey("in", "1066", person)
    assert key.name == lane_name("in", "1066", person) == f"in:1066:{person}"
    assert LaneKey.parse(key.name) == key
    assert parts_of(key.name) == ("in", "1066", person)


def test_a_lane_that_is_no_person_s_is_an_error() -> None:
    with pytest.raises(ValueError, match="unpack"):
        LaneKey.parse("airtable:app1")
