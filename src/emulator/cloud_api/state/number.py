"""The business phone number: its registration, and its settings.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference (phone numbers, registration)
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.errors import GraphError

PIN = re.compile(r"[0-9]{6}")
#: Meta's pattern of usernames, without its reserved names.
USERNAME = re.compile(r"(?=.*[a-z])(?!.*\.\.)(?!www)[a-z0-9_][a-z0-9._]{1,33}[a-z0-9_]")
#: Wrong PINs in a row before PINs are refused.
MAX_WRONG_PINS = 5


class Number:
    """The one number of the account. It is registered from the start, without a PIN."""

    NOT_KEPT: ClassVar = frozenset({"_config"})

    def __init__(self, config: Config) -> None:
        self._config = config
        self.is_registered = True
        self._pin: str | None = None
        self._guesses = 0
        self.settings: dict[str, Any] = {
            "calling": {
                "status": "ENABLED",
                "call_icon_visibility": "DEFAULT",
                "callback_permission_status": "DISABLED",
                "ip_addresses": {"DEFAULT": []},
            },
            "payload_encryption": {"status": "DISABLED"},
            "storage_configuration": {"status": "DEFAULT"},
        }
        self.profile: dict[str, Any] = {"messaging_product": "whatsapp"}
        self.automation: dict[str, Any] = {}
        self.username: str | None = None
        #: Limit of people whom the business may write to first within a day.
        self.messaging_limit = "TIER_UNLIMITED"

    @property
    def digits(self) -> str:
        return self._config.display_phone_number

    def require_registered(self) -> None:
        if not self.is_registered:
            raise GraphError(133010, "The number is not registered.")

    def register(self, pin: object) -> None:
        """With the PIN of the two-step verification; the first one given becomes it."""
        right = _pin(pin)
        if self._guesses >= MAX_WRONG_PINS:
            raise GraphError(133008, "Too many wrong PINs.")
        if self._pin not in (None, right):
            self._guesses += 1
            raise GraphError(133005, "The PIN is not that of the two-step verification.")
        self._pin, self._guesses, self.is_registered = right, 0, True

    def set_pin(self, pin: object) -> None:
        """Set the PIN of the two-step verification, or another one."""
        self._pin = _pin(pin)

    def change_settings(self, given: Mapping[str, Any]) -> None:
        self.settings |= {
            name: {**self.settings.get(name, {}), **value}
            for name, value in given.items()
            if isinstance(value, dict)
        }

    def take_username(self, username: object) -> None:
        if not isinstance(username, str) or not USERNAME.fullmatch(username):
            raise GraphError(147001, "3 to 35 of a-z, 0-9, _ and single dots, with a letter.")
        self.username = username

    def described(self) -> dict[str, Any]:
        """As Meta describes it."""
        return {
            "id": self._config.phone_number_id,
            "display_phone_number": self._config.display_phone_number,
            "verified_name": "Emulated business",
            "code_verification_status": "VERIFIED",
            "status": "CONNECTED" if self.is_registered else "DISCONNECTED",
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "whatsapp_business_manager_messaging_limit": self.messaging_limit,
            "webhook_configuration": {"application": self._config.callback_url},
        }


def _pin(given: object) -> str:
    if not isinstance(given, str | int) or not PIN.fullmatch(str(given)):
        raise GraphError(100, "pin has 6 digits.")
    return str(given)
