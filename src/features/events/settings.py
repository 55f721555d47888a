"""Settings of events."""

import sys
from importlib.util import find_spec
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel, invalid

#: The library of RabbitMQ: the extra `rabbit` of pyproject.toml.
LIBRARY = "aio-pika>=10.2,<11"


class EventSettings(SettingsModel):
    """How events come from RabbitMQ. HTTP needs none of these, but a key of the notifications."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Events: other systems tell what happened, by HTTP or RabbitMQ"
    )

    amqp_url: SecretStr | None = Field(
        None,
        description="RabbitMQ that events come from, such as amqps://bot:password@host/vhost; "
        "needs the extra `rabbit`.",
    )
    events_tenant_id: str = Field(
        "",
        description="How other systems name this business in `tenant_id`: events of others are "
        "refused; empty: it is not looked at.",
    )
    events_exchange: str = Field(
        "events", description="Topic exchange to which other systems publish their events."
    )
    events_queue: str = Field(
        "whatsapp.events", description="Queue of the bot: `watch.py events declare` makes it."
    )
    events_dead_queue: str = Field(
        "whatsapp.dead", description="Queue of the events that the bot could not understand."
    )

    @field_validator("amqp_url")
    @classmethod
    def _can_be_used(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        if not url.get_secret_value().startswith(("amqp://", "amqps://")):
            raise invalid("expected a URL that starts with amqp:// or amqps://")
        if find_spec("aio_pika") is None:
            raise invalid(f"RabbitMQ needs a library that is not installed. Run: {install()}")
        return url


def install() -> str:
    """Return the command that installs the library into this environment."""
    if find_spec("pip") is not None:
        return f"{sys.executable} -m pip install '{LIBRARY}'"
    return f"uv pip install --python {sys.executable} '{LIBRARY}'"


SETTINGS = EventSettings
