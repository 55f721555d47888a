"""Puts together what all conversations share."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import flows
from app.mind import Mind
from app.option_sources import OPTION_SOURCES
from app.parts import TEXTS, load_texts
from config.env import Settings
from flow_engine import load_flows
from services.console.faq_table import FaqReader
from services.console.hours_table import opening_hours
from services.knowledge import Knowledge
from services.script import Script
from storage.group_commit import GroupCommit
from texts.faq import load_faq


def make_script(settings: Settings, mind: Mind, database: GroupCommit) -> Script:
    async def is_open(moment: datetime) -> bool:
        return (await opening_hours(database)).is_open(moment.astimezone(settings.zone))

    return Script(
        flows=load_flows(flows, OPTION_SOURCES),
        option_sources=OPTION_SOURCES,
        texts=load_texts(),
        is_open=is_open,
        knowledge=_knowledge(settings, database),
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        has_assistant=mind.agent is not None,
        sees=mind.sees(settings),
        hearing=mind.hearing(settings),
        remembers_for=timedelta(hours=settings.openai_history_hours),
        zone=settings.zone,
        human_idle=settings.human_idle,
        tells_operators=settings.has_airtable and settings.operators_chat_url is not None,
    )


def _knowledge(settings: Settings, database: GroupCommit) -> Callable[[], Awaitable[Knowledge]]:
    """What our files have, and what operators write."""
    files = load_faq(TEXTS / "faq")
    if settings.has_airtable:
        return FaqReader(database, files)
    knowledge = Knowledge(files)

    async def unchanging() -> Knowledge:
        return knowledge

    return unchanging
