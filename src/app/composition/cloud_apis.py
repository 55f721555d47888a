"""Makes the clients of Meta's Cloud API from the settings."""

from typing import TypeVar

import httpx

from config.env import Settings
from services.clients.cloud_api.client import CloudApi
from services.numbers import Number, Numbers
from services.sending.acting_api import ActingApi

Api = TypeVar("Api", bound=CloudApi)


def make_acting_api(settings: Settings, http: httpx.AsyncClient) -> ActingApi:
    """Return the API of all numbers of the bot; it begins with that of the settings."""
    return ActingApi(
        http,
        Numbers(Number(settings.wp_phone_id)),
        token=settings.wp_access_token.get_secret_value(),
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
    )


def make_cloud_api(kind: type[Api], settings: Settings, http: httpx.AsyncClient) -> Api:
    """Return the API of the number that the settings name."""
    return kind(
        http,
        token=settings.wp_access_token.get_secret_value(),
        phone_number_id=settings.wp_phone_id,
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
    )
