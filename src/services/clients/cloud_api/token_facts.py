"""What Meta says about an access token.

Source: developers.facebook.com/docs/graph-api/reference/debug_token
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.clients.cloud_api.client import CloudApi
from utils.masking import mask


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What Meta says about an access token. A value that Meta left out is empty."""

    is_valid: bool
    #: Type of the token, such as "USER" or "SYSTEM_USER".
    kind: str
    app_id: str
    scopes: frozenset[str]
    #: Time of expiry; None if the token does not expire.
    expires_at: datetime | None
    #: Reason why the token is not valid.
    problem: str


async def describe_token(api: CloudApi, *, as_app: str | None = None) -> TokenFacts:
    """Return what Meta says about the access token of a client. Raise WhatsAppError.

    `as_app` asks in the name of an app, by "id|secret", instead of the token's own.
    """
    token = api.authorization["Authorization"].removeprefix("Bearer ")
    asking = None if as_app is None else {"Authorization": f"Bearer {as_app}"}
    answer = await api.get("debug_token", {"input_token": token}, asking)
    data = object_in(answer, "data")
    expires_at = data.get("expires_at")
    return TokenFacts(
        is_valid=data.get("is_valid") is True,
        kind=text_in(data, "type"),
        app_id=text_in(data, "app_id"),
        scopes=frozenset(map(str, data.get("scopes") or ())),
        expires_at=datetime.fromtimestamp(expires_at, UTC) if expires_at else None,
        problem=mask(text_in(object_in(data, "error"), "message")),
    )


def object_in(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object of an answer; empty if there is none."""
    found = answer.get(name)
    return found if isinstance(found, dict) else {}


def text_in(answer: Mapping[str, Any], name: str) -> str:
    """Return a text of an answer; empty if there is none."""
    found = answer.get(name)
    return "" if found is None else str(found)
