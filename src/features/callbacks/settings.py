"""Settings of callbacks."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class CallbackSettings(SettingsModel):
    """Where callbacks may go."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Callbacks: other systems are told what happens"
    )

    callbacks_to_private_addresses: bool = Field(
        False,
        description="true lets callbacks go to http:// and to addresses of a private network.",
    )


SETTINGS = CallbackSettings
