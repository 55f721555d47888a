"""Makes clients of Meta's Cloud API for commands, from the settings."""

from typing import TypeVar

import httpx

from config.env import Settings
from services.clients.cloud_api.client import CloudApi

Api = TypeVar("Api", bound=CloudApi)


def make_cloud_api(kind: type[Api], settings: Settings, http: httpx.AsyncClient) -> Api:
    """Return the API of the number that the settings name."""
    return kind(
        http,
        token=settings.wp_access_token.get_secret_value(),
        phone_number_id=settings.wp_phone_id,
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
    )
