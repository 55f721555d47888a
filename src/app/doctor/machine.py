"""Checks of this machine: Python, SQLite, packages, the port."""

import aiohttp
import httpx

from app.development.ports import ALIVE, is_free
from domain.checks import Finding, fail, ok

Version = tuple[int, int, int]

OLDEST_PYTHON = (3, 11)
ANSWER_SECONDS = 3.0


async def python_version(found: Version) -> Finding:
    """Check that Python is new enough."""
    if found[:2] >= OLDEST_PYTHON:
        return ok(_dotted(found))
    needed = _dotted(OLDEST_PYTHON)
    return fail(f"{_dotted(found)} is too old", f"Install Python {needed} or newer, delete .venv.")


async def sqlite_version(found: Version, *, oldest: Version) -> Finding:
    """Check that SQLite is new enough."""
    if found >= oldest:
        return ok(_dotted(found))
    return fail(
        f"{_dotted(found)} is too old: {_dotted(oldest)} or newer is needed",
        "Use a newer Python, or a postgresql:// DATABASE_URL.",
    )


async def port(
    http: httpx.AsyncClient,
    host: str,
    number: int,
    *,
    local: str,
    is_fixed: bool = True,
    patience: float = ANSWER_SECONDS,
) -> Finding:
    """Check that the port is free, or served by a running bot.

    `local` is the address that reaches it from here. A port that is not fixed may be in use:
    `watch.py` takes the next free one.
    """
    try:
        if is_free(host, number):
            return ok(f"{number} is free")
    except OSError as error:
        return fail(
            f"{host}:{number} cannot be listened on: {error.strerror}", "Fix HOST or PORT in .env."
        )
    address = f"[{local}]" if ":" in local else local
    if await _is_alive(http, f"http://{address}:{number}/health/live", patience):
        return ok(f"{number} is served by a bot that is running")
    if not is_fixed:
        return ok(f"{number} is in use: `python3 watch.py` takes the next free port")
    return fail(
        f"{number} is in use by another program",
        f"Stop that program (`lsof -i :{number}` names it), or set PORT in .env to another number.",
    )


async def _is_alive(http: httpx.AsyncClient, url: str, patience: float) -> bool:
    try:
        answer = await http.get(url, timeout=patience)
        return answer.status_code == 200 and answer.json() == ALIVE
    except (httpx.HTTPError, aiohttp.ClientError, ValueError):
        return False


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
