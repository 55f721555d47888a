"""An API client from the environment, for plain scripts; the bot itself uses its settings."""

import os
from collections.abc import Mapping

from services.clients.cloud_api.client import API_VERSION, GRAPH_URL, CloudApi
from services.clients.http import make_http_client

TOKEN_NAMES = (
    "WP_ACCESS_TOKEN",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_TOKEN",
    "WHATSAPP_API_KEY",
)
PHONE_ID_NAMES = ("WP_PHONE_ID", "WHATSAPP_PHONE_NUMBER_ID")
VERSION_NAMES = ("API_VERSION", "WHATSAPP_API_VERSION")


def cloud_api_from_environment(environ: Mapping[str, str] = os.environ) -> CloudApi:
    """Raises EnvironmentError if a name is missing."""
    return CloudApi(
        make_http_client(),
        token=_required(environ, TOKEN_NAMES),
        phone_number_id=_required(environ, PHONE_ID_NAMES),
        base_url=environ.get("GRAPH_API_URL", GRAPH_URL),
        api_version=_first(environ, VERSION_NAMES) or API_VERSION,
    )


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _required(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    value = _first(environ, names)
    if value is None:
        raise OSError(f"Missing required environment variable: {names[0]}")
    return value
