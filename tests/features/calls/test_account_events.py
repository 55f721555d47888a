"""Operators are told what Meta says of the calls of the account."""

from typing import Any

import pytest

from features.calls.account_events import told_of_calls

LOW = {"violation_type": "USER_INITIATED_CALLS_LOW_PICKUP_RATE"}
PAUSED = {"restriction_type": "RESTRICTED_USER_INITIATED_CALLING"}
OTHER = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"event": "ACCOUNT_VIOLATION", "violation_info": LOW}, [LOW["violation_type"]]),
        (
            {"event": "ACCOUNT_RESTRICTION", "restriction_info": [OTHER, PAUSED, 7]},
            [PAUSED["restriction_type"]],
        ),
        ({"event": "ACCOUNT_RESTRICTION", "restriction_info": [OTHER]}, []),
        ({"violation_info": "CALL", "restriction_info": {"a": 1}}, []),
        ("CALL", []),
    ],
)
def test_only_what_is_about_calls_is_told(value: Any, expected: list[str]) -> None:
    told = list(told_of_calls(value))
    assert [one.split(": ")[1].split(".")[0] for one in told] == expected
