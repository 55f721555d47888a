"""What this machine has to offer: Python, SQLite, packages, a port."""

import aiohttp
import httpx

from app.development.ports import is_free
from app.doctor.finding import Finding, fail, ok, skip, warn

Version = tuple[int, int, int]

OLDEST_PYTHON = (3, 11)
ANSWER_SECONDS = 3.0
ALIVE = {"status": "ok"}


async def python_version(found: Version) -> Finding:
    if found[:2] >= OLDEST_PYTHON:
        return ok(_dotted(found))
    needed = _dotted(OLDEST_PYTHON)
    return fail(f"{_dotted(found)} is too old", f"Install Python {needed} or newer, delete .venv.")


async def sqlite_version(found: Version, *, oldest: Version) -> Finding:
    if found >= oldest:
        return ok(_dotted(found))
    return fail(
        f"{_dotted(found)} is too old: {_dotted(oldest)} or newer is needed",
        "Use a newer Python, or a postgresql:// DATABASE_URL.",
    )


async def voice_extra(*, is_there: bool, hears: bool) -> Finding:
    """PyAV, without which recordings of older phones are not understood."""
    if not hears:
        return skip("no setting needs one")
    if is_there:
        return ok("voice (PyAV)")
    return warn(
        "voice notes in AMR and AAC, of older phones, will not be understood",
        "uv pip install --python .venv/bin/python 'av>=18,<19'",
    )


async def port(
    http: httpx.AsyncClient,
    host: str,
    number: int,
    *,
    local: str,
    patience: float = ANSWER_SECONDS,
) -> Finding:
    """Free, or served by a bot already; `local` is the address that reaches it from here."""
    try:
        if is_free(host, number):
            return ok(f"{number} is free")
    except OSError as error:
        return fail(
            f"{host}:{number} cannot be listened on: {error.strerror}", "Mend HOST or PORT in .env."
        )
    address = f"[{local}]" if ":" in local else local
    if await _is_alive(http, f"http://{address}:{number}/health/live", patience):
        return ok(f"{number} is served by a bot that is running")
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
