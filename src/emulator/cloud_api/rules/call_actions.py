"""What the actions of a call carry."""

from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.errors import GraphError

MAX_OPAQUE_CHARS = 512


def sdp_of(asked: Mapping[str, Any], sdp_type: str) -> str:
    """Return the SDP of an action. Raise GraphError without one of this type."""
    session = asked.get("session")
    if not isinstance(session, dict) or session.get("sdp_type") != sdp_type:
        raise GraphError(100, f"session with sdp_type {sdp_type} is required.")
    return str(session.get("sdp", ""))


def opaque_of(asked: Mapping[str, Any]) -> str | None:
    """Return what the business wants back in the last webhook. Raise GraphError if it is long."""
    data = asked.get("biz_opaque_callback_data")
    if data is not None and not (isinstance(data, str) and len(data) <= MAX_OPAQUE_CHARS):
        raise GraphError(
            100, f"biz_opaque_callback_data has at most {MAX_OPAQUE_CHARS} characters."
        )
    return data
