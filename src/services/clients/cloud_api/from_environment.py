"""An API client for plain scripts, from the environment and .env; the bot uses its settings."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
from dotenv import dotenv_values

from services.clients.cloud_api.client import API_VERSION, GRAPH_URL, CloudApi

Answer = TypeVar("Answer")
TOKEN_NAMES = (
    "WP_ACCESS_TOKEN",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_TOKEN",
    "WHATSAPP_API_KEY",
)
PHONE_ID_NAMES = ("WP_PHONE_ID", "WHATSAPP_PHONE_NUMBER_ID")
VERSION_NAMES = ("API_VERSION", "WHATSAPP_API_VERSION")
#: File of settings in the folder that a script is started from.
ENV_FILE = Path(".env")


def script_environment(
    env_file: Path = ENV_FILE, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the variables of `env_file`, if it exists, with those of `environ` over them."""
    in_file = dotenv_values(env_file, interpolate=False, encoding="utf-8-sig")
    return {**{name: value or "" for name, value in in_file.items()}, **environ}


def run_in_script(call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run a coroutine in an event loop of its own; raise RuntimeError if one runs already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(call())
    raise RuntimeError("this function blocks: in a coroutine, await WhatsAppService instead")


def cloud_api_from_environment(environ: Mapping[str, str], http: httpx.AsyncClient) -> CloudApi:
    """Build a client from variables; raise EnvironmentError if the token or the id is missing."""
    return CloudApi(
        http,
        token=_required(environ, TOKEN_NAMES),
        phone_number_id=_required(environ, PHONE_ID_NAMES),
        base_url=_first(environ, ("GRAPH_API_URL",)) or GRAPH_URL,
        api_version=_first(environ, VERSION_NAMES) or API_VERSION,
    )


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _required(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    value = _first(environ, names)
    if value is None:
        raise OSError(
            f"Missing required environment variable: {names[0]}. Set it, or write it into .env."
        )
    return value
