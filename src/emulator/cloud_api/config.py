"""Settings of the emulator: environment variables, with defaults for one machine."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Config:
    """The emulated account, and the limits that it applies."""

    port: int = 5001
    #: URL that webhooks are posted to
    callback_url: str = "http://127.0.0.1:5000/webhook"
    app_secret: str = "dev-app-secret"
    access_token: str = "dev-access-token"
    verify_token: str = "dev-verify-token"
    phone_number_id: str = "100000000000001"
    business_account_id: str = "200000000000001"
    display_phone_number: str = "15550000001"
    #: more numbers of the account: phone number id -> the number as people see it
    more_numbers: Mapping[str, str] = field(default_factory=dict)
    #: business accounts of numbers that are of another one: phone number id -> account
    number_accounts: Mapping[str, str] = field(default_factory=dict)
    #: tokens of numbers that have one of their own, by phone number id
    number_tokens: Mapping[str, str] = field(default_factory=dict)
    #: messages that the number may send in a second; 0 is no limit
    messages_per_second: int = 80
    #: whether to limit messages to one person: one in 6 seconds, after a burst of 45
    limit_pairs: bool = True
    #: seconds after a message of a person in which the bot may send any message; 0 is no limit
    window_seconds: int = 24 * 3600
    #: seconds until the access token expires; 0 is never
    token_life_seconds: int = 0
    #: the only numbers that may receive messages, as for a test number; empty is all
    allowed_recipients: frozenset[str] = frozenset()
    #: more names under which the emulator is reached; addresses and names without a dot always are
    allowed_hosts: frozenset[str] = frozenset()
    #: key with which the phone page tells the bot events of other systems; empty: it tells none
    api_key: str = ""
    #: token with which stories and the phone page's link sign in to the bot's inbox; empty: neither
    inbox_token: str = ""
    #: HTTP status of rate limits: Meta's pages say 400, its servers have answered 429
    rate_limit_status: int = 429
    #: folder of the state, which outlives the emulator; None keeps nothing
    state_folder: Path | None = None
    #: folder of the documentation, as `watch.py docs` builds it; None shows none
    docs_folder: Path | None = None
    #: folder in which the phone page saves conversations as tests; None offers them as downloads
    stories_folder: Path | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inbox_url(self) -> str | None:
        """Where the operators' inbox of the bot signs in; None without a token."""
        if not self.inbox_token:
            return None
        return f"{urljoin(self.callback_url, '/inbox/sign-in')}#{self.inbox_token}"

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


#: Readers of values that are not texts.
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
    **dict.fromkeys(
        ("more_numbers", "number_accounts", "number_tokens"),
        lambda text: dict(one.strip().split(":", 1) for one in text.split(",")),
    ),
    "allowed_hosts": lambda text: frozenset(filter(None, text.lower().replace(" ", "").split(","))),
    "state_folder": Path,
    "docs_folder": Path,
    "stories_folder": Path,
    "limit_pairs": lambda text: text != "false",
    "allowed_recipients": lambda text: frozenset(filter(None, text.replace("+", "").split(","))),
}
