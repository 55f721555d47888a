"""Settings of the inbox."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class InboxSettings(SettingsModel):
    """How somebody signs in without an invitation."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Inbox: operators read conversations and answer, at /inbox"
    )

    inbox_sign_in_token: SecretStr | None = Field(
        None,
        min_length=8,
        description="Lets whoever knows it sign in as an admin: for a bot on your own machine. "
        "Invite others by `watch.py operators add NAME`.",
    )


SETTINGS = InboxSettings
