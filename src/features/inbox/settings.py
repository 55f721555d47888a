"""Settings of the inbox."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class InboxSettings(SettingsModel):
    """How somebody signs in without an invitation, and how long people may wait."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Inbox: operators read conversations and answer, at /inbox"
    )

    inbox_sign_in_token: SecretStr | None = Field(
        None,
        min_length=8,
        description="Lets whoever knows it sign in as an admin: for a bot on your own machine. "
        "Invite others by `watch.py operators add NAME`.",
    )
    inbox_answer_minutes: int = Field(
        15,
        ge=0,
        le=10_080,
        description="Minutes in which people who wait for an operator should be answered; "
        "the inbox warns before. 0: no target.",
    )
    inbox_push_contact: str | None = Field(
        None,
        pattern=r"^(mailto:|https://)\S+$",
        description="Address for push services, such as mailto:it@example.com. With it, browsers "
        "of operators are told while the inbox is closed.",
    )
    inbox_round_robin: bool = Field(
        False,
        description="Gives people who ask for an operator to those whose inbox is open, in turn.",
    )


SETTINGS = InboxSettings
