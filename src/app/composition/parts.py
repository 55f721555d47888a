"""Makes the parts that the features of a process share, from its settings."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx

from app.composition.conversations import build_conversation_context
from config.env import Settings
from domain.allowlist import Allowlist
from jobs.job_queue import JobQueue
from services.agent import Agent
from services.feature import Parts
from services.sending.direct_sends import DirectSends
from services.sending.numbers import ActingApi
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics


def make_parts(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    wake: Callable[[], None],
    *,
    agent: Agent | None = None,
    clock: Callable[[], datetime] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    process: str = "",
) -> Parts:
    """Return the parts, still without features; `wake` has workers look for jobs."""
    api = ActingApi(
        http,
        token=settings.wp_access_token.get_secret_value(),
        phone_number_id=settings.wp_phone_id,
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
    )
    whatsapp = WhatsAppService(api)
    context = build_conversation_context(settings)
    parts = Parts(
        settings_of=settings.of,
        context=context,
        database=database,
        http=http,
        cloud_api=api,
        whatsapp=whatsapp,
        queue=JobQueue(database, wake),
        allowlist=Allowlist.of(settings.phone_allowlist, settings.users),
        metrics=metrics,
        clock=clock or database.clock,
        sleep=sleep,
        zone=settings.zone,
        default_language=settings.default_language,
        phone_number_id=settings.wp_phone_id,
        business_account_id=settings.wp_bid,
        messages_per_second=settings.messages_per_second,
        texts_folder=context.texts.folders[0],
        process=process or secrets.token_hex(8),
        agent=agent,
    )
    whatsapp.keep_books(
        DirectSends(
            database,
            parts.context.outside_window_template,
            parts.context.extensions.observers,
            parts.clock,
        )
    )
    return parts
