"""Plays a story against the running emulator and the bot, in real time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from emulator.cli.telephone import telephone
from emulator.cloud_api.state.stories import SeenOptions, Story
from emulator.cloud_api.state.story_acts import StoryError, StoryFile

#: Seconds to wait for the first reply, and for further ones: longer than the pause in which the bot
#: joins messages to one thought.
FIRST_REPLY_SECONDS, FURTHER_REPLY_SECONDS = 10.0, 1.3
#: Seconds in which a bot whose clock has moved does what is due.
DUE_SECONDS = 3.0
#: Seconds until a record or a conversation has to be where operators see it, and between attempts.
SHOWN_SECONDS, ATTEMPT_SECONDS = 30.0, 0.5
NOT_FOUND = 404
MARKS = ("read", "typing", "refused")


class LiveDriver:
    """Plays the people, operators and systems of a story."""

    def __init__(self, session: aiohttp.ClientSession, url: str, story: Story, name: str) -> None:
        self._session = session
        self._url = f"{url}/emulator"
        self._person = f"{self._url}/contacts/{story.wa_id}"
        self._conversation = f"{self._person}/messages"
        self._story = story
        self._name = name
        self._seen = 0
        self._seen_options = SeenOptions()

    async def enter(self) -> None:
        """List the person of the story on the phone page, by default under the name of its file."""
        story = self._story
        name = story.profile_name or f"{self._name}.yaml"
        person = {"wa_id": story.wa_id, "name": name, "hides_phone": story.hides_phone}
        await self._post(f"{self._url}/contacts", {**person, "is_in_story": True})

    async def say(self, content: Mapping[str, Any]) -> Sequence[str]:
        await self._post(self._conversation, content)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def tap(self, title: str) -> Sequence[str]:
        return await self.say(self._seen_options.tap(title))

    async def wait(self, seconds: float) -> Sequence[str]:
        """Move the clock of bot and emulator: nobody has to wait."""
        await self._post(f"{self._url}/clock", {"seconds": seconds})
        return await self._listen(DUE_SECONDS)

    async def attach(self, file: StoryFile) -> Sequence[str]:
        content, mime_type = self._story.content(file)
        query = {"name": file.name, "caption": file.caption} | (
            {"voice": ""} if file.is_voice else {}
        )
        asked = self._session.post(
            f"{self._person}/files",
            params=query,
            data=content,
            headers={"Content-Type": mime_type},
        )
        async with asked as answer:
            await _require(answer)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def call(self, keys: str) -> Sequence[str]:
        await telephone(self._session, self._url, self._story.wa_id, keys)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def operate(self, act: Mapping[str, Any]) -> Sequence[str]:
        """Have an operator act, as soon as there is what they act upon."""
        attempts = int(SHOWN_SECONDS / ATTEMPT_SECONDS)
        for left in reversed(range(attempts)):
            async with self._session.post(f"{self._person}/operator", json=act) as answer:
                if answer.status != NOT_FOUND or not left:
                    await _require(answer)
                    break
            await asyncio.sleep(ATTEMPT_SECONDS)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def notify(self, item: Mapping[str, Any]) -> Sequence[str]:
        await self._post(f"{self._url}/notifications", item, person=self._story.wa_id)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def tell(self, event: Mapping[str, Any]) -> Sequence[str]:
        await self._post(f"{self._url}/told-events", event, person=self._story.wa_id)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def _listen(self, patience: float) -> list[str]:
        heard: list[dict[str, Any]] = []
        while entries := await self._fetch(patience):
            said = [one for one in entries if one["from"] == "bot" and one["type"] not in MARKS]
            heard += said
            patience = FURTHER_REPLY_SECONDS if heard else patience
        return self._seen_options.note(heard)

    async def _post(self, url: str, body: Mapping[str, Any], **query: str) -> None:
        async with self._session.post(url, json=body, params=query) as answer:
            await _require(answer)

    async def _fetch(self, wait: float) -> list[dict[str, Any]]:
        asked = {"after": str(self._seen), "wait": str(wait)}
        async with self._session.get(self._conversation, params=asked) as answer:
            entries: list[dict[str, Any]] = await answer.json()
        self._seen = entries[-1]["number"] if entries else self._seen
        return entries


async def _require(answer: aiohttp.ClientResponse) -> None:
    if answer.status >= 400:
        raise StoryError((await answer.json())["error"])
