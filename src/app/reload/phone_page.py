"""Tells the phone page of the emulator that a config file is refused, while a bot is developed."""

from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urljoin

import aiohttp
import httpx

from app.development.errors import STATUS_PATH, DevError
from config.env import Settings

HINT = "The bot goes on with the file before. Correct it and save: it is read again by itself."


async def show_refusal(
    http: httpx.AsyncClient, settings: Settings, problems: Sequence[str]
) -> None:
    """Show what is wrong; without problems, show nothing any more."""
    if settings.steps_url is None:
        return
    error = None
    if problems:
        text = f"The config file is refused: {' '.join(problems)}"
        error = asdict(DevError(text, problems[0].partition(": ")[0], HINT))
    try:
        await http.post(urljoin(settings.steps_url, STATUS_PATH), json={"error": error})
    except (httpx.HTTPError, aiohttp.ClientError):
        return  # the program that listened has gone
