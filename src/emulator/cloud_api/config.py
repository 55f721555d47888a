"""How an emulator is set up: by its own environment, with defaults that fit a laptop."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Config:
    """The one account that an emulator plays."""

    port: int = 5001
    #: where webhooks go
    callback_url: str = "http://127.0.0.1:5000/webhook"
    app_secret: str = "dev-app-secret"
    access_token: str = "dev-access-token"
    verify_token: str = "dev-verify-token"
    phone_number_id: str = "100000000000001"
    business_account_id: str = "200000000000001"
    display_phone_number: str = "15550000001"
    #: messages a second that the number may send; 0 is without limit
    messages_per_second: int = 80
    #: whether one person may be sent one message in six seconds, after a burst
    limit_pairs: bool = True
    #: how long after a person wrote the bot may write freely; 0 is for ever
    window_seconds: int = 24 * 3600
    #: after which the access token has expired; 0 is never
    token_life_seconds: int = 0
    #: the only numbers that may be written to, as for Meta's test numbers; empty is all
    allowed_recipients: frozenset[str] = frozenset()
    #: Meta's pages say 400 for rate limits, its servers have answered 429
    rate_limit_status: int = 429

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """EMULATOR_PORT, EMULATOR_CALLBACK_URL, and so on: a field's name in capitals."""
        given: dict[str, Any] = {
            name: environ[f"EMULATOR_{name.upper()}"]
            for name in cls.__dataclass_fields__
            if environ.get(f"EMULATOR_{name.upper()}")
        }
        for name, read in READERS.items():
            if name in given:
                given[name] = read(given[name])
        return cls(**given)


#: how values that are no texts are written
READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(
        (
            "port",
            "messages_per_second",
            "window_seconds",
            "token_life_seconds",
            "rate_limit_status",
        ),
        int,
    ),
    "limit_pairs": lambda text: text != "false",
    "allowed_recipients": lambda text: frozenset(filter(None, text.replace("+", "").split(","))),
}
