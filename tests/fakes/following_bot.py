"""A bot that follows a config file, with people who write to it, in one process."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import httpx
from tests.fakes.database_templates import make_file

from app.composition.app_state import AppState
from app.composition.development import Development
from app.composition.features import settings_models
from app.reload.follower import Follower
from app.reload.shared import Shared
from config.env import Settings, load_settings
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from jobs.job_queue import Overloaded
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit

#: Longest wait for a reply, in seconds: a busy machine takes its time.
PATIENCE = 20.0


class FollowingBot:
    """People who write to a bot that follows a file."""

    def __init__(
        self, folder: Path, database_url: str = "", emulated: Config | None = None, **given: str
    ) -> None:
        """Make it; without a `database_url`, it has a file. `given` are more settings."""
        self.file = folder / "bot.yaml"
        self._given = given
        self.state: AppState | None = None
        self.config = emulated or Config()
        self.emulator = create_emulator(self.config, poster=self._post)
        self.account = self.emulator.state.account
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.emulator))
        self.database_url = database_url or f"sqlite:///{folder / 'bot.db'}"
        if not database_url:
            make_file(folder / "bot.db")
        self.shared = Shared(GroupCommit(open_engine(self.database_url)), self.http, Development())
        self.follower = Follower(self.shared, self.use, self.load)

    def write(self, text: str) -> None:
        self.file.write_text(text)

    def load(self) -> Settings:
        given = {
            "BOT_CONFIG": str(self.file),
            "WP_ACCESS_TOKEN": self.config.access_token,
            "WP_PHONE_ID": self.config.phone_number_id,
            "WEBHOOK_VERIFY_TOKEN": self.config.verify_token,
            "WHATSAPP_APP_SECRET": self.config.app_secret,
            "GRAPH_API_URL": self.config.base_url,
            "DATABASE_URL": self.database_url,
            "BURST_PAUSE_SECONDS": "0",
            **self._given,
        }
        return load_settings(given, Path(os.devnull), settings_models())

    def use(self, state: AppState) -> None:
        self.state = state

    async def start(self) -> None:
        await self.follower.start(self.load())

    async def close(self) -> None:
        await self.follower.stop()
        await self.http.aclose()
        await self.shared.database.close()

    async def is_answered(self, who: str, text: str = "menu") -> bool:
        """Somebody writes. True if there is a reply, False if they are not on the list."""
        person = self.account.people.get(who)
        seen = person.count
        self.account.say(person, {"type": "text", "text": {"body": text}})
        await self.account.webhooks.idle()
        if not self.lets_in(who):
            return False
        async with asyncio.timeout(PATIENCE):
            while not any(one["from"] == "bot" and "id" in one for one in person.since(seen)):
                await person.changed.wait()
        return True

    def lets_in(self, who: str) -> bool:
        """Return whether the bot in force answers somebody."""
        allowed = self.follower.running.bot.settings.phone_allowlist
        return not allowed or who in allowed

    async def health(self) -> str:
        assert self.state is not None
        is_ready, checks = await self.state.health.readiness()
        assert is_ready
        return str(checks["config"])

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        assert self.state is not None
        try:
            await self.state.webhooks.receive(body, headers["X-Hub-Signature-256"])
        except Overloaded:  # as the routes answer: it is posted again
            return 503
        return 200

    def reloads(self, result: str) -> float:
        value = self.follower.status.reloads.labels(result)._value.get()
        return float(value)
