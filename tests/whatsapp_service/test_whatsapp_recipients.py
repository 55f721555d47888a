"""To whom a message is addressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clients.cloud_api.sender import recipient_of


@pytest.mark.parametrize(
    "to",
    ["+573001234567", "573001234567", "+57 300 123 4567", "57-300-1234567", "+57 (300) 123.4567"],
)
def test_a_number_gets_its_plus_and_loses_its_separators(to: str) -> None:
    assert recipient_of(to) == {"to": "+573001234567"}


@given(st.from_regex(r"[0-9]{5,15}", fullmatch=True))
def test_the_digits_of_a_number_are_kept(digits: str) -> None:
    assert recipient_of(digits) == recipient_of(f"+{digits}") == {"to": f"+{digits}"}


@pytest.mark.parametrize("user_id", ["CO.1349", "US.ENT.13491208655302741918", "BR." + "a" * 128])
def test_a_user_id_given_as_a_number_goes_where_it_belongs(user_id: str) -> None:
    assert recipient_of(user_id) == {"recipient": user_id}


def test_a_user_id_by_its_own_name() -> None:
    assert recipient_of(None, "CO.1349") == {"recipient": "CO.1349"}


@pytest.mark.parametrize("to", [None, ""])
def test_a_message_to_nobody_is_refused(to: str | None) -> None:
    with pytest.raises(ValueError, match="needs a recipient"):
        recipient_of(to)
