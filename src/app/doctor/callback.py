"""Checks that Meta's webhooks reach this bot, by the same handshake that Meta makes."""

import secrets
from urllib.parse import urlsplit

import aiohttp
import httpx

from app.doctor.account import as_finding
from app.doctor.account_queries import AccountQueries
from domain.checks import Finding, fail, ok, skip
from utils.masking import mask

ANSWER_SECONDS = 10.0
#: Stands for an HTTP 200 whose body is not the challenge.
NO_ECHO = 0
CONFIGURATION = "developers.facebook.com > your app > WhatsApp > Configuration"
FIX_URL = f"{CONFIGURATION} > Callback URL: https://<your address>/webhook."
FIX_TOKEN = (
    "Put Meta's verify token into .env as WEBHOOK_VERIFY_TOKEN, or the one of .env into "
    f"{CONFIGURATION} > Verify token; start the bot again."
)
START = f"Start the bot, and its tunnel or proxy. If the address has changed: {FIX_URL}"


@as_finding
async def callback(meta: AccountQueries, http: httpx.AsyncClient, *, verify_token: str) -> Finding:
    """Call the URL that Meta calls, with our verify token and with a wrong one."""
    url = (await meta.number()).callback_url
    if not url:
        return skip("Meta has no callback URL for this number", FIX_URL)
    shown = _shown(url)
    try:
        right = await shake_hands(http, url, verify_token)
        wrong = await shake_hands(http, url, secrets.token_hex(16))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
        return fail(f"{shown} cannot be reached: {mask(str(error))}", START)
    if right == 403:
        return fail(f"{shown} refuses WEBHOOK_VERIFY_TOKEN", FIX_TOKEN)
    if right == NO_ECHO:
        return fail(f"{shown} does not echo the challenge: it is not this bot", FIX_URL)
    if right != 200:
        return fail(f"{shown} is not a webhook of this bot (HTTP {right})", START)
    if wrong != 403:
        return fail(f"{shown} takes any verify token (HTTP {wrong}): it is not this bot", FIX_URL)
    return ok(f"{shown} answers and knows the verify token")


async def shake_hands(http: httpx.AsyncClient, url: str, token: str) -> int:
    """Return the HTTP status, or NO_ECHO."""
    challenge = secrets.token_hex(16)
    parameters = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
    target = httpx.URL(url).copy_merge_params(parameters)
    answer = await http.get(target, timeout=ANSWER_SECONDS)
    is_other = answer.status_code == 200 and answer.text != challenge
    return NO_ECHO if is_other else answer.status_code


def _shown(url: str) -> str:
    """Remove the parts of a URL that may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
