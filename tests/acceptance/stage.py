"""A bot in which nothing happens by itself, and the people, operators and systems of a story."""

from collections.abc import Awaitable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.fakes.bot import BotHarness
from tests.fakes.operators import sync

from emulator.airtable.operating import operate
from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.http.bot_api import INBOX_ACTS
from emulator.cloud_api.state.files import sent_file
from emulator.cloud_api.state.stories import SeenOptions, Story
from emulator.cloud_api.state.story_acts import IN_INBOX, StoryFile

MARKS = ("read", "typing", "refused")
SIGN_IN, KEY = "the-token-of-the-owner", "0123456789abcdef0123456789abcdef"


def needs_airtable(story: Story) -> bool:
    """Return whether an operator acts in Airtable."""
    return any(
        turn.act == "operator" and not set(IN_INBOX) & turn.value.keys() for turn in story.turns
    )


def make_town(
    folder: Path, story: Story, airtable: AirtableDouble | None = None, **settings: Any
) -> BotHarness:
    """Return a bot with what a story needs."""
    settings |= {key.lower(): value for key, value in story.settings.items()}
    if story.does("operator"):
        settings |= {"inbox_sign_in_token": SIGN_IN}
    if story.does("notify", "event"):
        settings |= {"notifications_api_key": KEY}
    if story.does("call"):
        town: BotHarness = part("calls").make_town(folder, airtable=airtable, **settings)
        return town
    made = BotHarness(folder, airtable=airtable, **settings)
    if story.does("event"):
        made.account.templates.add_demo_templates()
    return made


def part(feature: str) -> Any:
    """Return the stage of a feature, which is not there without it."""
    return import_module(f"tests.features.{feature}.stage")


class Stage:
    """Plays a story; what it needs of features is imported when it is needed."""

    def __init__(
        self, town: BotHarness, story: Story, airtable: AirtableDouble | None = None
    ) -> None:
        self._town = town
        self._story = story
        self._airtable = airtable
        self._who = story.wa_id
        self._person = town.person(self._who)
        self._seen_options = SeenOptions()
        self._cookies = httpx.Cookies()
        self._person.introduce(story.profile_name, hides_phone=story.hides_phone)

    async def say(self, content: Mapping[str, Any]) -> Sequence[str]:
        return await self._heard(self._town.send(dict(content), self._who))

    async def tap(self, title: str) -> Sequence[str]:
        return await self.say(self._seen_options.tap(title))

    async def wait(self, seconds: float) -> Sequence[str]:
        return await self._heard(self._town.wait(seconds, self._who))

    async def attach(self, file: StoryFile) -> Sequence[str]:
        content, mime_type = self._story.content(file)
        made = sent_file(
            self._town.account.files,
            content,
            mime_type,
            name=file.name,
            caption=file.caption,
            is_voice=file.is_voice,
        )
        return await self.say(made)

    async def call(self, keys: str) -> Sequence[str]:
        return await self._heard(part("calls").call(self._town, self._who, keys))

    async def operate(self, act: Mapping[str, Any]) -> Sequence[str]:
        if name := next((one for one in IN_INBOX if one in act), None):
            return await self._heard(self._in_inbox(name, str(act[name])))
        return await self._heard(self._in_airtable(act))

    async def notify(self, item: Mapping[str, Any]) -> Sequence[str]:
        return await self._heard(self._from_system("notifications", {"items": [item]}))

    async def tell(self, event: Mapping[str, Any]) -> Sequence[str]:
        return await self._heard(self._from_system("events", event, f"/{event['type']}"))

    async def _heard(self, doing: Awaitable[Any]) -> list[str]:
        """Return what the person hears while something is done."""
        before = self._person.count
        await doing
        entries = [one for one in self._person.since(before) if one["from"] == "bot"]
        return self._seen_options.note([one for one in entries if one["type"] not in MARKS])

    async def _in_airtable(self, act: Mapping[str, Any]) -> None:
        assert self._airtable is not None
        await sync(self._town)
        words = (self._who, self._person.user_id)
        operate(self._airtable.bases, self._airtable.config.base_id, words, act)
        await sync(self._town)

    async def _in_inbox(self, act: str, text: str) -> None:
        token = {"token": SIGN_IN}
        headers = {"X-Inbox": "1"}
        await self._ask("inbox", "/inbox/api/session", headers, json=token)
        key = (await self._town.user(self._who)).key
        more = {"json": {"text": text}} if act == "reply" else {}
        path = f"/inbox/api/{INBOX_ACTS[act]}"
        await self._ask("inbox", path, headers, params={"key": key}, **more)
        await self._town.settle()

    async def _from_system(self, feature: str, body: Mapping[str, Any], end: str = "") -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        await self._ask(feature, f"/api/v1/{feature}{end}", headers, json=body)
        await self._town.settle()

    async def _ask(self, feature: str, path: str, headers: dict[str, str], **more: Any) -> None:
        """Post to a route of the bot."""
        app = FastAPI()
        for router in part(feature).ROUTERS:
            app.include_router(router)

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(self._town.state.by_name())}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://bot", cookies=self._cookies
        ) as client:
            answer = await client.post(path, headers=headers, **more)
            self._cookies = client.cookies
        assert answer.is_success, answer.text
