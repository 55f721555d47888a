"""The inbound routing table of the features that are there, for commands and documentation."""

from collections.abc import Iterator, Sequence

import httpx

from app.composition.bot import build_bot
from app.composition.features import settings_models
from config.env import build_settings
from services.conversations.stage import Stage
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics

#: Settings that have no default; nothing is sent with them.
_UNUSED = {
    "wp_access_token": "unused",
    "wp_phone_id": "100000000000001",
    "webhook_verify_token": "unused",
    "whatsapp_app_secret": "unused",
}


def routing_table() -> tuple[Stage, ...]:
    """Return the stages in their order, of a bot with default settings that does not run."""
    settings = build_settings(settings_models(), **_UNUSED)
    database = GroupCommit(open_engine("sqlite://"))
    bot = build_bot(settings, database, httpx.AsyncClient(verify=False), Metrics())
    return bot.parts.conversations.handler.stages


def describe_stages(stages: Sequence[Stage]) -> str:
    """Return the stages as a Markdown table."""
    return "\n".join(["| | stage | from | what it does |", "|---|---|---|---|", *_rows(stages)])


def _rows(stages: Sequence[Stage]) -> Iterator[str]:
    for number, stage in enumerate(stages, start=1):
        package, _, rest = stage.handle.__module__.partition(".")
        origin = f"`features/{rest.partition('.')[0]}`" if package == "features" else "core"
        yield f"| {number} | `{stage.name}` | {origin} | {stage.summary} |"
