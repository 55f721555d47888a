"""What an answer of Meta's means for whoever sent the message."""

import json
from datetime import timedelta

import pytest

from services.clients.cloud_api.errors import (
    MAX_RETRY_AFTER,
    Blocked,
    Rejected,
    Throttled,
    Unavailable,
    WhatsAppError,
    error_from_response,
)


def answer(
    code: int, *, status: int = 400, message: str = "(#1) Text", details: str = "Some details."
) -> WhatsAppError:
    error = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "error_subcode": 2494055,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "Az8or2yhqkZfEZ",
    }
    return error_from_response(status, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("code", [4, 613, 80007, 130429, 131056])
def test_too_fast_is_throttled_with_a_wait(code: int) -> None:
    error = answer(code)

    assert isinstance(error, Throttled)
    assert error.retry_after > timedelta(0)


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 131057, 133004])
def test_what_passes_by_itself_is_unavailable(code: int) -> None:
    assert isinstance(answer(code), Unavailable)


@pytest.mark.parametrize("status", [301, 302, 304, 307, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>Sign in to the network</html>", b"[" * 100_000])
def test_what_is_no_answer_of_meta_refuses_nothing(status: int, body: bytes) -> None:
    assert isinstance(error_from_response(status, {}, body), Unavailable)


FINAL = """
    100 131008 131009 131021 131026 131030 131047 131048 131049 131050 131051 131053 132000 132001
    132015 135000
"""


@pytest.mark.parametrize("code", [int(code) for code in FINAL.split()])
def test_everything_else_is_rejected(code: int) -> None:
    assert type(answer(code)) is Rejected


@pytest.mark.parametrize("status", [400, 401, 500])
@pytest.mark.parametrize("code", [0, 3, 10, 190, 200, 368, 131031, 131042, 131045, 133000, 133010])
def test_what_is_wrong_with_the_account_is_no_fault_of_a_message(code: int, status: int) -> None:
    assert type(answer(code, status=status)) is Blocked


def test_a_code_unknown_to_us_is_rejected() -> None:
    assert type(answer(999_999)) is Rejected


def test_an_unknown_code_of_a_broken_server_may_have_been_carried_out() -> None:
    error = answer(999_999, status=500)

    assert isinstance(error, Unavailable)
    assert error.ambiguous


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"error": "no"}', b"\xff"])
@pytest.mark.parametrize(
    ("status", "meaning"),
    [(302, Unavailable), (400, Rejected), (403, Rejected), (429, Throttled), (502, Unavailable)],
)
def test_without_a_readable_body_the_status_decides(
    status: int, meaning: type[WhatsAppError], body: bytes
) -> None:
    error = error_from_response(status, {}, body)

    assert type(error) is meaning
    assert error.http_status == status


def test_the_wait_that_the_answer_names_is_kept() -> None:
    error = error_from_response(429, {"retry-after": "7"}, b"")

    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("wait", ["999999", "9" * 21, "9" * 5000])
def test_nobody_is_made_to_wait_for_ever(wait: str) -> None:
    error = error_from_response(429, {"retry-after": wait}, b"")

    assert isinstance(error, Throttled)
    assert error.retry_after == MAX_RETRY_AFTER


@pytest.mark.parametrize("wait", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_an_unreadable_wait_is_replaced_by_the_usual_one(wait: str) -> None:
    error = error_from_response(429, {"retry-after": wait}, b"")

    assert isinstance(error, Throttled)
    assert error.retry_after > timedelta(0)


@pytest.mark.parametrize("code", [0, 190])
def test_a_bad_token_says_what_to_do(code: int) -> None:
    assert "renew WP_ACCESS_TOKEN" in str(answer(code, status=401))


def test_the_text_has_what_helps_to_find_the_cause() -> None:
    error = answer(131009, message="(#131009) Parameter value is not valid")

    for part in ("131009", "Parameter value is not valid", "Some details.", "Az8or2yhqkZfEZ"):
        assert part in str(error)
    assert (error.code, error.http_status) == (131009, 400)


@pytest.mark.parametrize("number", ["573001234567", "+57 300 123 4567", "+57-300-123-4567"])
def test_no_phone_number_is_in_the_text(number: str) -> None:
    error = answer(131030, message=f"to {number} no", details=f"{number} is not allowed")

    shown = f"{error} {error.details} {error!r}"
    assert "4567" not in shown
