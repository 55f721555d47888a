"""What webhooks of the field `calls` say, in all the shapes that were seen."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.calls.job_specs import ConnectJob, TerminateJob
from features.calls.reading import ends_without_person, read_calls

NUMBER = "100"
OFFER = {"sdp_type": "offer", "sdp": "v=0\r\nm=audio"}


def value(*calls: Any, **more: Any) -> dict[str, Any]:
    """A change, with the frame that all have."""
    metadata = {"phone_number_id": NUMBER, "display_phone_number": "+1 555 0100"}
    return {"messaging_product": "whatsapp", "metadata": metadata, "calls": [*calls], **more}


def connect(call: str = "wacid.A", **more: Any) -> dict[str, Any]:
    named = {"id": call, "event": "connect", "timestamp": "1790000000", "session": OFFER}
    return {**named, "from_user_id": "ES.1", **more}


ANA = {"user_id": "ES.1", "wa_id": "34600000001", "profile": {"name": "Ana"}}


@pytest.mark.parametrize(
    "told",
    [
        value(connect(direction="USER_INITIATED", **{"from": "34600000001"}), contacts=[ANA]),
        # no direction, and both sides swapped, as in one of Meta's samples
        value(connect(**{"from": "15550100", "to": "34600000001"}), contacts=[ANA]),
        value(connect(**{"from": "15550100"}), contacts=[ANA, {"user_id": "ES.2"}]),
    ],
)
def test_the_person_is_the_one_of_the_contacts(told: dict[str, Any]) -> None:
    content = read_calls(NUMBER, told)
    [item] = content.about_people
    assert (item.sender.user_id, item.sender.wa_id) == ("ES.1", "34600000001")
    assert isinstance(item.body, ConnectJob)
    assert item.body.sdp == OFFER["sdp"]
    assert item.key == "voice:100:wacid.A:connect"
    assert not content.rest


def test_a_person_without_a_number_and_without_a_contact() -> None:
    [item] = read_calls(NUMBER, value(connect())).about_people
    assert (item.sender.user_id, item.sender.wa_id) == ("ES.1", None)


def test_every_call_of_a_change_is_read() -> None:
    """Two callers, and the end of one of them, in one value."""
    ended = {"id": "wacid.A", "event": "terminate", "from_user_id": "ES.1", "status": "Completed"}
    told = value(connect(), connect("wacid.B", from_user_id="ES.2"), ended)
    keys = [item.key for item in read_calls(NUMBER, told).about_people]
    assert keys == [f"voice:100:wacid.{name}" for name in ("A:connect", "B:connect", "A:terminate")]


@pytest.mark.parametrize("is_inside", [True, False])
def test_errors_of_either_place(is_inside: bool) -> None:
    errors = [{"code": 138021, "message": "…"}]
    ended: dict[str, Any] = {"id": "wacid.A", "event": "terminate", "from_user_id": "ES.1"}
    ended |= {"status": "FAILED", "duration": "7"} | ({"errors": errors} if is_inside else {})
    told = value(ended) if is_inside else value(ended, errors=errors)
    [item] = read_calls(NUMBER, told).about_people
    assert isinstance(item.body, TerminateJob)
    assert (item.body.error, item.body.status, item.body.duration) == (138021, "FAILED", 7)


def test_what_is_not_known_is_kept_without_its_sdp() -> None:
    media = connect(event="media_update")
    recording = {"id": "wacid.A", "event": "call_recording_available", "call_recording": {"a": 1}}
    statuses = [{"id": "wacid.A", "type": "call", "status": "RINGING"}]
    content = read_calls(NUMBER, value(media, recording, connect(), statuses=statuses))
    assert len(content.about_people) == 1
    assert content.rest is not None
    assert [one["event"] for one in content.rest["calls"]] == ["media_update", recording["event"]]
    assert content.rest["statuses"] == statuses
    assert "session" not in content.rest["calls"][0]


def test_an_end_that_names_nobody_is_kept_for_the_row_of_its_call() -> None:
    content = read_calls(NUMBER, value({"id": "wacid.A", "event": "terminate"}))
    assert not content.about_people
    [told] = ends_without_person(content.rest)
    assert told.call == "wacid.A"


def test_what_a_database_cannot_store_is_left_out() -> None:
    session = {"sdp_type": "offer", "sdp": "v=\ud800"}
    odd = connect(cta_payload="order \x00 \ud800 17", session=session)
    [item] = read_calls(NUMBER, value(odd)).about_people
    assert isinstance(item.body, ConnectJob)
    assert item.body.sdp == ""
    stored = item.body.model_dump_json()
    assert "order" in stored
    assert "\\u0000" not in stored


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "event", "session", "sdp", "from", "to", "contacts", "errors", "timestamp"]
            ),
            inner | st.sampled_from(["connect", "terminate", "offer", "wacid.A"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["calls", "contacts", "errors", "metadata"]), JUNK))
def test_nothing_that_arrives_raises(told: dict[str, Any]) -> None:
    content = read_calls(NUMBER, told)
    assert all(item.sender.user_id or item.sender.wa_id for item in content.about_people)
