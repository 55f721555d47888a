"""Tells the phone page of the emulator what is wrong with a config file, on a laptop."""

from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urljoin

import aiohttp
import httpx

from app.development.errors import STATUS_PATH, DevError
from config.env import Settings

REFUSED = "The bot goes on with the file before. Correct it and save: it is read again by itself."
WARNED = "The file is in force all the same. The next edit takes this line away."


async def show_refusal(
    http: httpx.AsyncClient, settings: Settings, problems: Sequence[str]
) -> None:
    """Show what is wrong."""
    text = f"The config file is refused: {' '.join(problems)}"
    await _show(http, settings, text, problems, REFUSED)


async def show_warnings(
    http: httpx.AsyncClient, settings: Settings, warnings: Sequence[str]
) -> None:
    """Show what should be changed in a file that is in force; without warnings, show nothing."""
    text = f"The config file is in force. {' '.join(warnings)}"
    await _show(http, settings, text, warnings, WARNED)


async def _show(
    http: httpx.AsyncClient, settings: Settings, text: str, said: Sequence[str], hint: str
) -> None:
    if settings.steps_url is None:
        return
    error = asdict(DevError(text, said[0].partition(": ")[0], hint)) if said else None
    try:
        await http.post(urljoin(settings.steps_url, STATUS_PATH), json={"error": error})
    except (httpx.HTTPError, aiohttp.ClientError):
        return  # the program that listened has gone
