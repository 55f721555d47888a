"""A conversation with the bot in a terminal: `python -m emulator.cli.chat`."""

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import aiohttp

from emulator.cloud_api.state.people import wa_id_of
from utils.broken_pipe import exit_quietly

#: Seconds to wait for the first reply and for further ones, when lines are piped in.
FIRST_REPLY_SECONDS = 10.0
FURTHER_REPLY_SECONDS = 0.7
#: Seconds after which a message that nobody takes is known not to be delivered.
DELIVERY_SECONDS = 0.3
NOT_RUNNING = "(the bot is not running: start it in another terminal with `python3 watch.py`)"
#: Entries that are not replies.
MARKS = ("read", "typing")


class Chat:
    """One person's side of a conversation."""

    def __init__(self, session: aiohttp.ClientSession, url: str, wa_id: str, name: str) -> None:
        self._session = session
        self._url = f"{url}/emulator/contacts/{wa_id}/messages"
        self._bot_url = f"{url}/emulator/bot"
        self._name = name
        self._seen = 0
        #: Options of the last message, by the number that taps them; a number is text without any.
        self._taps: list[dict[str, Any]] = []

    async def say(self, typed: str) -> None:
        content: dict[str, Any] = {"text": typed}
        if typed.isdecimal() and 1 <= int(typed) <= len(self._taps):
            content = self._taps[int(typed) - 1]
        async with self._session.post(self._url, json={**content, "name": self._name}) as answer:
            answer.raise_for_status()

    async def catch_up(self) -> None:
        """Skip what was said before."""
        await self._fetch(wait=0)

    async def replies(
        self, first: float, further: float, *, silence: str = ""
    ) -> AsyncIterator[str]:
        """What the bot says until it has been silent for so many seconds.

        When it says nothing at all: that it does not run, else `silence`.
        """
        wait, is_silent = first, True
        while entries := await self._fetch(wait):
            for entry in (one for one in entries if one["from"] == "bot"):
                if entry["type"] not in MARKS:
                    wait, is_silent = further, False
                if lines := list(self._show(entry)):
                    yield "\n".join(lines)
        if is_silent and silence:
            yield await self.trouble() or silence

    async def trouble(self) -> str:
        """Return why the bot cannot answer, and what to do; empty when it runs."""
        async with self._session.get(self._bot_url) as answer:
            bot = await answer.json()
        if bot["is_answering"] and bot["state"] != "stopped":
            return ""
        if (error := bot["error"]) is None:
            return NOT_RUNNING
        place = f"{error['place']}: " if error["place"] else ""
        return f"(the bot is not running: {place}{error['text']} {error['hint']}".rstrip() + ")"

    async def _fetch(self, wait: float) -> list[dict[str, Any]]:
        asked = {"after": str(self._seen), "wait": str(wait)}
        async with self._session.get(self._url, params=asked) as answer:
            entries: list[dict[str, Any]] = await answer.json()
        if entries:
            self._seen = entries[-1]["number"]
        return entries

    def _show(self, entry: dict[str, Any]) -> Iterator[str]:
        kind = entry["type"]
        if kind in MARKS:
            yield from ["  (typing…)"] if kind == "typing" else []
            return
        self._taps = []
        if kind == "text":
            yield _plain(entry["text"]["body"])
        elif kind == "refused":
            yield _refusal(entry["refused"])
        elif kind == "interactive":
            yield from self._show_interactive(entry["interactive"])
        elif kind == "template":
            parts = (entry["shown"].get(part) for part in ("header", "body", "footer"))
            yield from (_plain(part) for part in parts if part)
        else:
            yield f"[{kind}] {_summary(entry[kind])}"

    def _show_interactive(self, interactive: dict[str, Any]) -> Iterator[str]:
        yield _plain(interactive.get("body", {}).get("text", ""))
        self._taps = list(_taps(interactive["action"]))
        for number, tap in enumerate(self._taps, start=1):
            choice = tap.get("button") or tap["row"]
            about = f": {choice['description']}" if choice.get("description") else ""
            yield f"  {number}. {choice['title']}{about}"
        if footer := interactive.get("footer"):
            yield f"  {footer['text']}"


def _refusal(refused: dict[str, str]) -> str:
    why = " ".join(filter(None, (refused["details"], refused["remedy"])))
    return f"  ✗ {refused['message']}: {why}"


def _taps(action: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for button in action.get("buttons", []):
        yield {"button": button["reply"]}
    for section in action.get("sections", []):
        for row in section["rows"]:
            yield {"row": row}


def _plain(text: str) -> str:
    """Without WhatsApp's marks for bold, italic and strike-through."""
    return re.sub(r"(?<!\w)([*_~])(\S(?:.*?\S)?)\1(?!\w)", r"\2", text)


def _summary(content: Any) -> str:
    if isinstance(content, list):
        return ", ".join(contact["name"]["formatted_name"] for contact in content)
    shown = ("caption", "filename", "name", "address", "latitude", "longitude", "emoji", "link")
    return ", ".join(str(content[key]) for key in shown if content.get(key) is not None)


async def converse(url: str, wa_id: str, name: str) -> None:
    async with aiohttp.ClientSession() as session:
        chat = Chat(session, url, wa_id, name)
        await chat.catch_up()
        if sys.stdin.isatty():
            await _interactive(chat)
        else:
            await _piped(chat)


async def _interactive(chat: Chat) -> None:
    async def listen() -> None:
        with suppress(aiohttp.ClientConnectionError):
            while True:
                async for reply in chat.replies(first=30, further=30):
                    print(f"\n{reply}\n> ", end="", flush=True)
        print("\nThe emulator has stopped, and so has this conversation: Ctrl-D ends.", flush=True)

    listening = asyncio.create_task(listen())
    print("Write something, such as “hello”. A number taps a button. Ctrl-D ends.")
    while (typed := await asyncio.to_thread(_read_line)) and not listening.done():
        await chat.say(typed)
        await asyncio.sleep(DELIVERY_SECONDS)
        if trouble := await chat.trouble():
            print(trouble, flush=True)
    listening.cancel()


async def _piped(chat: Chat) -> None:
    silence = f"(no reply within {FIRST_REPLY_SECONDS:.0f} s)"
    while typed := await asyncio.to_thread(sys.stdin.readline):
        print(f"> {typed.strip()}")
        await chat.say(typed.strip())
        async for reply in chat.replies(
            FIRST_REPLY_SECONDS, FURTHER_REPLY_SECONDS, silence=silence
        ):
            print(reply, flush=True)


def _read_line() -> str:
    """A line that is not blank; empty at the end of input."""
    try:
        while not (typed := input("> ").strip()):
            pass
    except EOFError:
        return ""
    return typed


def main() -> None:
    parser = argparse.ArgumentParser(prog="watch.py chat", description="Talk to the running bot.")
    parser.add_argument("--url", default="http://127.0.0.1:5001", help="where the emulator is")
    parser.add_argument("--from", dest="wa_id", default="15551234567", help="your phone number")
    parser.add_argument("--name", default="Ana", help="your name on WhatsApp")
    options = parser.parse_args()
    try:
        wa_id = wa_id_of(options.wa_id)
    except ValueError as error:
        sys.exit(f"--from {options.wa_id}: {error}.")
    try:
        asyncio.run(converse(options.url.rstrip("/"), wa_id, options.name))
    except aiohttp.ClientConnectionError:
        sys.exit(f"Nothing answers at {options.url}: start the bot first with `python3 watch.py`.")
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    with exit_quietly():
        main()
