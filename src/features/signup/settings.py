"""Settings of Embedded Signup."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class SignupSettings(SettingsModel):
    """How customers connect their own numbers."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Embedded Signup: businesses connect their own numbers"
    )

    signup_app_id: str = Field(
        "", pattern="^[0-9]*$", description="ID of your app at Meta; empty: no such page."
    )
    signup_app_secret: SecretStr = Field(
        SecretStr(""), description="Secret of that app; WHATSAPP_APP_SECRET, if it is the same app."
    )
    signup_config_id: str = Field(
        "",
        pattern="^[0-9]*$",
        description="ID of its configuration of Facebook Login for Business.",
    )


SETTINGS = SignupSettings
