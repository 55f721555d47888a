"""Everybody is in Airtable once, whatever happens meanwhile."""

from pathlib import Path

import pytest
from tests.features.airtable.rush import CORRECTED, play

PEOPLE = 200


async def test_a_rush_is_in_airtable_once_after_an_absence_and_two_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await play(tmp_path, monkeypatch, PEOPLE)
    assert len(found.contacts) == len(set(found.contacts)) == PEOPLE
    assert len(found.bookings) == len({contact for contact, _ in found.bookings}) == PEOPLE
    assert len({key for _, key in found.bookings}) == PEOPLE
    assert found.corrected == CORRECTED
    assert (found.busiest_second <= 5, found.refused) == (True, 0)
