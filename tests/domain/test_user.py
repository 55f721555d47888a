"""A person's fields and profile: read-only, and changed into another person's record."""

from typing import Any

import pytest

from domain.user import User, split_changes

ANA = User("ana", profile={"email": "a"})


def test_a_profile_cannot_be_changed_in_place() -> None:
    profile: Any = ANA.profile
    with pytest.raises(TypeError):
        profile["email"] = "b"


def test_a_profile_keeps_no_hold_on_what_it_was_made_of() -> None:
    given = {"email": "a"}
    user = User("ana", profile=given)
    given["email"] = "b"
    assert user.profile == {"email": "a"}


def test_people_with_the_same_values_are_equal_and_can_be_counted() -> None:
    assert User("ana", profile={"email": "a"}) == ANA != User("ana")
    assert len({ANA, User("ana", profile={"email": "a"})}) == 1


def test_changes_are_told_apart_by_name() -> None:
    changes = {"about": "a canary", "size": 3}
    assert split_changes(changes) == ({"about": "a canary"}, {"size": 3})


def test_changes_leave_the_person_of_before_alone() -> None:
    changed = ANA.with_changes({"email": None, "size": 3, "language": "es"})
    assert (changed.profile, changed.language) == ({"size": 3}, "es")
    assert (ANA.profile, ANA.language) == ({"email": "a"}, None)
