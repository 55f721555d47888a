"""Whether Meta's webhooks find this bot: the handshake that Meta makes, made by us."""

import secrets
from urllib.parse import urlsplit

import aiohttp
import httpx

from app.doctor.account import told
from app.doctor.finding import Finding, fail, ok, skip
from services.clients.cloud_api.account_queries import AccountQueries
from utils.masking import mask

ANSWER_SECONDS = 10.0
#: HTTP 200, with something else than the challenge
NO_ECHO = 0
CONFIGURATION = "developers.facebook.com > your app > WhatsApp > Configuration"
MEND_URL = f"{CONFIGURATION} > Callback URL: https://<your address>/webhook."
MEND_TOKEN = (
    "Put the verify token of Meta into .env as WEBHOOK_VERIFY_TOKEN, or ours into "
    f"{CONFIGURATION} > Verify token; start the bot again."
)
START = f"Start the bot, and its tunnel or proxy. Has the address changed: {MEND_URL}"


@told
async def callback(meta: AccountQueries, http: httpx.AsyncClient, *, verify_token: str) -> Finding:
    """Asks the URL that Meta calls, with our verify token and with a wrong one."""
    url = (await meta.number()).callback_url
    if not url:
        return skip("Meta tells no callback URL of this number", MEND_URL)
    shown = _shown(url)
    try:
        right = await _shake_hands(http, url, verify_token)
        wrong = await _shake_hands(http, url, secrets.token_hex(16))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
        return fail(f"{shown} cannot be reached: {mask(str(error))}", START)
    if right == 403:
        return fail(f"{shown} refuses WEBHOOK_VERIFY_TOKEN", MEND_TOKEN)
    if right == NO_ECHO:
        return fail(f"{shown} does not echo the challenge: it is not this bot", MEND_URL)
    if right != 200:
        return fail(f"{shown} is no webhook of this bot (HTTP {right})", START)
    if wrong != 403:
        return fail(f"{shown} takes any verify token (HTTP {wrong}): it is not this bot", MEND_URL)
    return ok(f"{shown} answers, and knows the verify token")


async def _shake_hands(http: httpx.AsyncClient, url: str, token: str) -> int:
    """The HTTP status, or NO_ECHO."""
    challenge = secrets.token_hex(16)
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
    target = httpx.URL(url).copy_merge_params(asked)
    answer = await http.get(target, timeout=ANSWER_SECONDS)
    is_other = answer.status_code == 200 and answer.text != challenge
    return NO_ECHO if is_other else answer.status_code


def _shown(url: str) -> str:
    """Without what may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
