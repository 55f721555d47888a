"""Who is served, and with which role."""

import json
from pathlib import Path

import pytest
from tests.fakes.bot import make_settings

from domain.allowlist import AllowedUser, Allowlist
from domain.user import User

ANA = User("ana", wa_id="5215512345678", profile_name="anita")


def test_without_numbers_everybody_is_served() -> None:
    assert Allowlist().admits(ANA)
    assert Allowlist().admits(User("hidden", user_id="US.1"))


@pytest.mark.parametrize("number", ["+52 55 1234 5678", "+52 1 55 1234-5678", "5215512345678"])
def test_a_listed_person_is_served_and_known(number: str) -> None:
    directory = Allowlist.of([], [AllowedUser(number, "staff", "Ana", "Gomez")])
    assert directory.admits(ANA)
    assert not directory.admits(User("eve", wa_id="15551234567"))
    assert not directory.admits(User("hidden", user_id="US.1"))
    known = directory.with_role(ANA)
    assert (known.role, known.profile_name) == ("staff", "Ana Gomez")


def test_the_role_that_operators_gave_holds_where_the_list_says_nothing() -> None:
    directory = Allowlist.of([], [AllowedUser("+525512345678")])
    staff = User("ana", wa_id="5215512345678", role="staff")
    assert directory.with_role(staff).role == "staff"
    assert directory.with_role(staff).profile_name is None


def test_people_are_listed_in_the_setting_or_in_a_file(tmp_path: Path) -> None:
    people = [{"phone": "+573001234567", "role": "staff", "first_name": "Ana"}]
    file = tmp_path / "users.json"
    file.write_text(json.dumps(people), encoding="utf-8")
    expected = (AllowedUser("+573001234567", "staff", "Ana"),)
    assert make_settings(users=json.dumps(people)).users == expected
    assert make_settings(users=str(file)).users == expected


def test_nobody_is_listed_without_a_number() -> None:
    with pytest.raises(ValueError, match="expected a phone number of each"):
        make_settings(users='[{"phone": "+", "role": "staff"}]')


@pytest.mark.parametrize("wrong", ["[", '[{"name": "Ana"}]', "[1]", "no-such-file.json"])
def test_what_is_no_list_of_people_is_told(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected a JSON list"):
        make_settings(users=wrong)
