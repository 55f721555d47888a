"""Changes a config file at random while people write to the bot that follows it."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from loguru import logger
from tests.fakes.following_bot import FollowingBot

from app.reload.contents import version_of
from app.reload.file_watch import FileWatch

#: Time without one more answer after which the rest counts as lost, in seconds.
PATIENCE_SECONDS = 30.0
#: Most messages that wait for an answer: a busy machine gets fewer a second.
MAX_WAITING = 200
#: People who write, one after the other: an even number, so that each has one kind of message.
PEOPLE = 9_000
#: Time in which an edit has its effect, in seconds: one that no other follows sooner is waited for.
LIMIT_SECONDS = 2.0
#: Pause between two looks at what an edit has led to, in seconds.
LOOK_SECONDS = 0.02
_VERSION = re.compile(r"\bversion(\d+)\b")


def config(version: int) -> str:
    """Return a file whose version shows in five places of the answers. Its end closes a text."""
    return (
        f"bot: {{human_idle_hours: {version + 1}}}\n"
        "flows: [registration]\n"
        "texts:\n"
        "  en:\n"
        f'    main_menu.ask: "Hello! version{version}"\n'
        f'    main_menu.footer: "version{version}"\n'
        f'    main_menu.options.register.title: "version{version}"\n'
        "checks:\n"
        "  first: {type: log, group: chat, message: "
        f'"version{version} of {{{{ webhook.event.text }}}}"}}\n'
        "  last:\n"
        "    type: log\n"
        "    group: chat\n"
        f'    message: "version{version} again"\n'
    )


@dataclass(slots=True)
class Outcome:
    """What became of the messages and of the edits."""

    edits: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    #: Time in which they were written, in seconds.
    seconds: float = 0.0
    lost: int = 0
    answered_twice: int = 0
    mixed: int = 0
    #: Versions that people saw.
    versions: set[int] = field(default_factory=set)
    #: Seconds until a right file was in force, and until a wrong one was told everywhere.
    in_force: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    #: Edits that were waited for: those that took longer than they may, and those without effect.
    late: int = 0
    unnoticed: int = 0
    applied: int = 0
    refused: int = 0


class EditRun:
    """Edits and messages, side by side, by the same random numbers for the same seed."""

    def __init__(
        self,
        bot: FollowingBot,
        seed: int,
        watch: FileWatch,
        *,
        waits: bool = False,
    ) -> None:
        """Prepare a run; `waits`: each edit waits until it has had its effect."""
        self.bot = bot
        self._waits = waits
        self.outcome = Outcome()
        self._random = Random(seed)
        self._watch = watch
        self._kinds: dict[str, Callable[[str], Awaitable[None]]] = {
            "written": self._write,
            "renamed": self._rename,
            "moved a link": self._move_link,
            "half written": self._write_in_halves,
        }
        self._version = 0
        self._longest_half = 0.0
        #: Messages that are not answered yet.
        self._waiting: set[int] = set()
        self._lines: list[str] = []
        #: Messages of each person, and how many entries their conversation had before.
        self._begins: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)

    async def run(self, edits: int, per_second: float, longest_pause: float) -> Outcome:
        """Change the file so many times. Return what became of it all."""
        self._longest_half = longest_pause / 3
        with self._log():
            following = asyncio.create_task(self._follow())
            writing = asyncio.create_task(self._people(per_second))
            for _ in range(edits):
                await self._edit(longest_pause)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._answered()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        self.outcome.applied = int(self.bot.reloads("applied"))
        self.outcome.refused = int(self.bot.reloads("refused"))
        return self.outcome

    async def _follow(self) -> None:
        while True:
            await self._watch.changed()
            await self.bot.follower.look()

    async def _edit(self, longest_pause: float) -> None:
        """Make one edit, and wait for a while: often too short for it to be noticed."""
        self._version += 1
        is_wrong = self._random.random() < 0.3
        text = config(self._version)
        if is_wrong:
            text = self._random.choice([text[:-2], f"{text}chekcs: {{}}\n", f"{text}{text}"])
        kind = self._random.choice([*self._kinds])
        name = f"{'wrong' if is_wrong else 'right'}, {kind}"
        self.outcome.edits[name] = self.outcome.edits.get(name, 0) + 1
        self._lines.clear()
        await self._kinds[kind](text)
        began, pause = time.monotonic(), self._random.uniform(0, longest_pause)
        is_done = self._is_told if is_wrong else self._is_in_force
        waits = self._waits or pause >= LIMIT_SECONDS
        deadline = began + (PATIENCE_SECONDS if waits else max(pause, LOOK_SECONDS))
        while time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            if await is_done():
                took = time.monotonic() - began
                (self.outcome.told if is_wrong else self.outcome.in_force).append(took)
                self.outcome.late += took > LIMIT_SECONDS
                await asyncio.sleep(max(0.0, began + pause - time.monotonic()))
                return
        self.outcome.unnoticed += waits

    async def _is_in_force(self) -> bool:
        hours = self.bot.follower.running.bot.settings.human_idle_hours
        return hours == self._version + 1

    async def _is_told(self) -> bool:
        """Whether log, health, metrics and the phone page tell that this file is refused."""
        state, follower = self.bot.state, self.bot.follower
        assert state is not None
        if follower.status.version != version_of(follower.files()):
            return False  # those before are refused
        is_on_page = self.bot.account.bot.shown()["error"] is not None
        if not any("refused" in line for line in self._lines) or not is_on_page:
            return False
        is_counted = b"bot_config_refused 1.0" in state.metrics.exposition()
        _, health = await state.health.readiness()  # under this load it may be late, and not ready
        return is_counted and str(health.get("config")).startswith("refused since")

    async def _people(self, per_second: float) -> None:
        """Have people write, one after the other; fewer while many are not answered yet."""
        began = time.monotonic()
        while True:
            while len(self._waiting) >= MAX_WAITING:
                await asyncio.sleep(LOOK_SECONDS)
                self._forget_answered()
            number = self.outcome.messages
            self._waiting.add(number)
            self.outcome.messages += 1
            self._write_as(number)
            self.outcome.seconds = time.monotonic() - began
            due = began + self.outcome.messages / per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _write_as(self, number: int) -> None:
        person = self.bot.account.people.get(_who(number))
        self._begins[person.wa_id].append((number, person.count))
        words = "menu" if number % 2 else f"pelican number {number}"
        self.bot.account.say(person, {"type": "text", "text": {"body": words}})

    async def _answered(self) -> None:
        """Wait for the last answers, and count them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._waiting and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            before = len(self._waiting)
            self._forget_answered()
            if len(self._waiting) < before:
                deadline = time.monotonic() + PATIENCE_SECONDS
        self.outcome.lost = len(self._waiting)
        for number in range(self.outcome.messages):
            replies = self._replies(number)
            self.outcome.answered_twice += len(replies) > _wanted(number)
            found = {int(one) for reply in replies for one in _VERSION.findall(str(reply))}
            self.outcome.mixed += len(found) != 1 and bool(replies)
            self.outcome.versions |= found

    def _forget_answered(self) -> None:
        self._waiting = {one for one in self._waiting if len(self._replies(one)) < _wanted(one)}

    def _replies(self, number: int) -> list[dict[str, object]]:
        """Return what somebody got after a message, and before their next one."""
        person = self.bot.account.people.get(_who(number))
        begins = self._begins[person.wa_id]
        place = next(place for place, (one, _) in enumerate(begins) if one == number)
        ends = [count for _, count in begins[place + 1 :]] or [person.count]
        entries = person.since(begins[place][1])
        ours = (one for one in entries if one["number"] <= ends[0])
        return [one for one in ours if one["from"] == "bot" and "id" in one]

    @contextmanager
    def _log(self) -> Iterator[None]:
        sink = logger.add(lambda line: self._lines.append(str(line)), level="ERROR")
        try:
            yield
        finally:
            logger.remove(sink)

    async def _write(self, text: str) -> None:
        self._unlinked().write_text(text)

    async def _rename(self, text: str) -> None:
        """As editors save."""
        other = self.bot.file.with_name("bot.new")
        other.write_text(text)
        other.replace(self.bot.file)

    async def _move_link(self, text: str) -> None:
        """As Kubernetes changes a file of a ConfigMap."""
        target = self.bot.file.with_name(f"bot.{self._version}")
        target.write_text(text)
        link = self.bot.file.with_name("bot.link")
        link.symlink_to(target)
        link.replace(self.bot.file)

    async def _write_in_halves(self, text: str) -> None:
        """As a slow program writes: the first part ends within a text, which is no YAML."""
        file = self._unlinked()
        file.write_text(text[: text.index("again")])
        await asyncio.sleep(self._random.uniform(0, self._longest_half))
        file.write_text(text)

    def _unlinked(self) -> Path:
        if self.bot.file.is_symlink():
            self.bot.file.unlink()
        return self.bot.file


def _who(number: int) -> str:
    return f"1555{number % PEOPLE + 1_000:07}"  # the business itself has a number below


def _wanted(number: int) -> int:
    """Number of messages that answer: the menu is one, the checks are two."""
    return 1 if number % 2 else 2
