"""Puts together what serves operators: Airtable, broadcasts, and the word in their chat."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import httpx

from app.composition.factories import load_texts, make_cloud_api
from config.env import Settings
from domain.user import User
from features.airtable.settings import AirtableSettings
from features.airtable.sync import AirtableSync
from features.airtable.sync_cycle import SyncSettings
from features.broadcasts.jobs import BroadcastRunner
from features.handoff.alerts import HandoffAlerts
from features.handoff.settings import HandoffSettings
from jobs.attempt import JobSpec
from jobs.retry import ENDLESS, PATIENT
from jobs.worker import Worker
from services.airtable_service import AirtableService
from services.clients.cloud_api.client import CloudApi, ReadTemplates
from services.conversations.jobs import language_of
from storage.engine.group_commit import GroupCommit

KEEPING, ANNOUNCING = ("airtable",), ("broadcast", "notice")


def make_airtable_sync(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    *,
    clock: Callable[[], datetime] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AirtableSync | None:
    """None without Airtable."""
    base = settings.of(AirtableSettings)
    if base.airtable_api_key is None or base.airtable_base_id is None:
        return None
    airtable = AirtableService(
        base.airtable_api_key.get_secret_value(),
        base.airtable_base_id,
        base_url=base.airtable_api_url,
        database=database,
        sleep=sleep,
    )
    how = SyncSettings(
        webhook_url=base.airtable_webhook_url,
        poll=base.poll,
        calls_per_month=base.airtable_monthly_calls or None,
        create_tables=base.airtable_create_tables,
        idle=settings.of(HandoffSettings).human_idle,
        messages=base.message_age,
    )
    texts = load_texts()

    def erasure_notice(person: User) -> str:
        return texts.say(language_of(person, texts, settings.default_language), "common.erased")

    return AirtableSync(
        airtable,
        database,
        how,
        clock=clock or database.clock,
        erasure_notice=erasure_notice,
        templates=_templates(settings, http),
    )


def human_idle(settings: Settings) -> timedelta | None:
    """Return the time until the bot answers again; None: no operator can be asked for."""
    is_enabled = settings.of(AirtableSettings).is_enabled
    return settings.of(HandoffSettings).human_idle if is_enabled else None


def operator_workers(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    airtable_sync: AirtableSync,
    clock: Callable[[], datetime],
    sender: Worker,
) -> list[Worker]:
    """One that keeps Airtable in step, and one for what goes to many people, or to operators."""
    keeping = {kind: JobSpec(airtable_sync.sync, ENDLESS) for kind in ("console", "timer")}
    announcing = _announcing(settings, database, http, clock)
    make = partial(Worker, database, lease=settings.lease, downstream=[sender])
    return [
        make(keeping, pools=KEEPING, slots=1),
        make(announcing, pools=ANNOUNCING, slots=8),
    ]


def _announcing(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime],
) -> dict[str, JobSpec]:
    """What operators want many people to know, and what operators are to know."""
    broadcasts = BroadcastRunner(
        database,
        read=_templates(settings, http),
        per_second=settings.messages_per_second,
        clock=clock,
        shown=settings.of(AirtableSettings).shows_messages,
    )
    kinds = {
        "broadcast": JobSpec(broadcasts.obey, ENDLESS),
        "timer": JobSpec(broadcasts.go_on, ENDLESS),
    }
    chat_url = settings.of(HandoffSettings).operators_chat_url
    if chat_url is not None:
        notices = HandoffAlerts(http, chat_url)
        kinds["notice"] = JobSpec(notices.post, PATIENT)
    return kinds


def _templates(settings: Settings, http: httpx.AsyncClient) -> ReadTemplates | None:
    """None if it is not known whose templates."""
    if settings.wp_bid is None:
        return None
    return partial(make_cloud_api(CloudApi, settings, http).templates, settings.wp_bid)
