"""The access token of the account, and its description (/debug_token).

Source: developers.facebook.com/docs/graph-api/reference/debug_token
"""

import hmac
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.errors import GraphError

#: App that the token belongs to.
APP = {"id": "300000000000001", "name": "Emulated app", "link": "http://localhost"}
NO_TOKEN = (
    "The access token is missing. Send it in the header Authorization, also to the URL of a file."
)
#: Subcode of an access token that has expired.
EXPIRED = 463
SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging", "public_profile")


class AccessToken:
    """The one token of the account. `clock` gives seconds since 1970."""

    def __init__(self, config: Config, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        life = config.token_life_seconds
        self._expires_at = clock() + life if life else math.inf
        self.scopes: tuple[str, ...] = SCOPES

    def check(self, authorization: str, *, is_of_app: bool, object_id: str | None = None) -> None:
        """Raise GraphError without access; some things the app itself may ask and change.

        A number may have a token of its own (`Config.number_tokens`), which opens no other.
        """
        given = authorization.removeprefix("Bearer ")
        if is_of_app and given.startswith(f"{APP['id']}|"):
            if not _same(given, f"{APP['id']}|{self._config.app_secret}"):
                raise GraphError(190, "It is not signed.", "Invalid OAuth access token signature.")
            return
        if not any(_same(given, right) for right in self._right_for(object_id)):
            raise GraphError(190, "The access token is not valid." if given else NO_TOKEN)
        if self._has_expired:
            raise GraphError(
                190, "The access token has expired.", self._expiry_message, subcode=EXPIRED
            )

    def _right_for(self, object_id: str | None) -> tuple[str, ...]:
        """The tokens that open an object: files and templates open to each of the account."""
        config = self._config
        if (own := config.number_tokens.get(object_id or "")) is not None:
            return (own,)
        if object_id == config.phone_number_id:
            return (config.access_token,)
        return (config.access_token, *config.number_tokens.values())

    def described(self, token: str) -> Mapping[str, Any]:
        """Return what is known of a token, as /debug_token answers."""
        if not any(_same(token, known) for known in self._right_for(None)):
            error = {"code": 190, "message": "Invalid OAuth access token."}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        known: dict[str, Any] = {
            "app_id": APP["id"],
            "application": APP["name"],
            "type": "SYSTEM_USER",
            "expires_at": 0 if self._expires_at == math.inf else int(self._expires_at),
            "is_valid": not self._has_expired,
            "scopes": list(self.scopes),
            "granular_scopes": [
                {"scope": one, "target_ids": [self._config.business_account_id]}
                for one in self.scopes
                if one.startswith("whatsapp_")
            ],
        }
        if self._has_expired:
            known["error"] = {"code": 190, "subcode": EXPIRED, "message": self._expiry_message}
        return {"data": known}

    @property
    def _has_expired(self) -> bool:
        return self._clock() >= self._expires_at

    @property
    def _expiry_message(self) -> str:
        return (
            f"Error validating access token: Session has expired on {_day(self._expires_at)}. "
            f"The current time is {_day(self._clock())}."
        )


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%A, %d-%b-%y %H:%M:%S UTC")
