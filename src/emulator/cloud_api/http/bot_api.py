"""Calls of the bot by other systems and by operators, whom the emulator plays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from emulator.cloud_api.config import Config

ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=20)
NO_KEY = "The bot has no key for this: set NOTIFICATIONS_API_KEY, and start again."
NO_TOKEN = "The bot has no inbox for this: set INBOX_SIGN_IN_TOKEN, and start again."
#: What only the pages of the inbox send.
INBOX_HEADERS = {"X-Inbox": "1"}
#: What an operator may do in the inbox, and the last part of its address.
INBOX_ACTS: Mapping[str, str] = {"reply": "reply", "hand_back": "hand-back", "close": "close"}


class NotThereYet(ValueError):
    """The inbox does not have the conversation, or not yet."""


@dataclass(frozen=True, slots=True)
class BotApi:
    """The bot behind a callback URL."""

    config: Config

    async def tell(self, event: Mapping[str, Any]) -> Any:
        """Tell an event; return the bot's answer. Raise ValueError with what it refuses."""
        path = f"events/{quote(str(event['type']), safe='')}"
        return await self._call(path, event, feature="events")

    async def notify(self, item: Mapping[str, Any]) -> Any:
        """Send a notification; the same as `tell`."""
        return await self._call("notifications", {"items": [item]}, feature="notifications")

    async def act(self, phone: str, act: str, text: str = "") -> None:
        """Do something in the inbox, in the conversation with a phone number.

        Raises:
            NotThereYet: if the inbox does not have the conversation.
            ValueError: for what the bot refuses.
        """
        if not self.config.inbox_token:
            raise ValueError(NO_TOKEN)
        jar = aiohttp.CookieJar(unsafe=True)  # the bot may have an address instead of a name
        try:
            async with aiohttp.ClientSession(
                f"{self._root}/inbox/api/",
                timeout=ANSWER_TIMEOUT,
                headers=INBOX_HEADERS,
                cookie_jar=jar,
            ) as session:
                async with session.post("session", json={"token": self.config.inbox_token}) as one:
                    await _require(one, "inbox")
                async with session.get("threads", params={"search": phone}) as found:
                    await _require(found, "inbox")
                    threads = (await found.json())["threads"]
                if not threads:
                    raise NotThereYet("The inbox has no such conversation.")
                body = {"text": text} if act == "reply" else None
                params = {"key": threads[0]["key"]}
                async with session.post(INBOX_ACTS[act], params=params, json=body) as done:
                    await _require(done, "inbox")
        except aiohttp.ClientError as error:
            raise ValueError("the bot does not answer") from error

    @property
    def _root(self) -> str:
        bot = urlsplit(self.config.callback_url)
        return f"{bot.scheme}://{bot.netloc}"

    async def _call(self, path: str, body: Mapping[str, Any], *, feature: str) -> Any:
        if not self.config.api_key:
            raise ValueError(NO_KEY)
        headers = {"Authorization": f"Bearer {self.config.api_key}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=ANSWER_TIMEOUT, headers=headers) as session,
                session.post(f"{self._root}/api/v1/{path}", json=body) as answer,
            ):
                await _require(answer, feature)
                return await answer.json()
        except aiohttp.ClientError as error:
            raise ValueError("the bot does not answer") from error


async def _require(answer: aiohttp.ClientResponse, feature: str) -> None:
    """Raise ValueError with the reason of a refusal."""
    if answer.ok:
        return
    unknown = f"the bot answered {answer.status}: is its feature `{feature}` there?"
    if answer.content_type != "application/json":
        raise ValueError(unknown)
    body = json.loads(await answer.text())
    told = [f"{one['message']} {one['fix']}".strip() for one in body.get("errors") or ()]
    raise ValueError(" ".join(told) or body.get("error") or body.get("detail") or unknown)
