"""Who works on what is stored: conversations, and the sending of what they decide."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import httpx

from app.mind import Mind, has_agent
from app.operators import ANNOUNCING, KEEPING, operator_workers
from app.parts import TEXTS, make_cloud_api
from app.script import make_script
from config.env import Settings
from domain.directory import Directory
from domain.step import Watcher
from lanes.attempt import Kind
from lanes.model import Handler, Job, Json, Outcome
from lanes.policy import INTERACTIVE, PATIENT
from lanes.worker import Worker
from services.agent import Agent
from services.broadcasts.withdrawal import Withdrawals
from services.cloud_api.client import CloudApi
from services.console.runner import ConsoleRunner
from services.conversation_runner import ConversationRunner
from services.effect_runner import DOUBT, EffectRunner
from services.pacing import NumberPace
from services.talk import POOL
from services.whatsapp_service import WhatsAppService
from storage.deliveries import Deliveries
from storage.group_commit import GroupCommit
from storage.identities import Identities
from storage.media import Media
from storage.users import Users
from utils.metrics import Metrics

HANDLING, SENDING = ("in", "other"), ("out",)


def served_pools(settings: Settings) -> tuple[str, ...]:
    """What the workers of these settings look for work in, in whichever process they are."""
    thinking = (POOL,) if has_agent(settings) else ()
    operators = (*KEEPING, *ANNOUNCING) if settings.has_airtable else ()
    return (*HANDLING, *SENDING, *thinking, *operators)


def make_workers(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    agent: Agent | None = None,
    clock: Callable[[], datetime] | None = None,
    watcher: Watcher | None = None,
    console: ConsoleRunner | None = None,
) -> list[Worker]:
    """One each for conversations, for sending and for Airtable: none waits for another's slots."""
    clock = clock or database.clock
    api = make_cloud_api(CloudApi, settings, http)
    whatsapp = WhatsAppService(api)
    WhatsAppService.use(whatsapp)
    mind = Mind.of(settings, database, http, api, whatsapp, agent)
    script = make_script(settings, mind, database)
    directory = Directory.of(settings.phone_allowlist, settings.users)
    conversations = ConversationRunner(
        script,
        users=Users(database),
        identities=Identities(database),
        directory=directory,
        default_language=settings.default_language,
        clock=clock,
        metrics=metrics,
        watcher=watcher,
        has_desk=settings.has_airtable,
        shows_messages=settings.shows_messages,
    )
    effects = EffectRunner(
        whatsapp,
        sent=Deliveries(database),
        withdrawals=Withdrawals(database),
        media=Media(database),
        files=TEXTS / "files",
        pace=NumberPace(database, settings.wp_phone_id, settings.messages_per_second),
        clock=clock,
        metrics=metrics,
    )
    timed = partial(_timed, metrics)
    handling = {
        "message": Kind(
            timed("message", conversations.handle_message),
            INTERACTIVE,
            on_dead=conversations.apologise,
        ),
        "timer": Kind(timed("timer", conversations.handle_timer), INTERACTIVE),
        "answer": Kind(
            timed("answer", conversations.handle_answer),
            INTERACTIVE,
            on_dead=conversations.apologise,
        ),
        "other": Kind(conversations.keep, INTERACTIVE),
        "no_offers": Kind(conversations.stop_offers, INTERACTIVE),
    }
    sending = {"send": Kind(timed("send", effects.send), PATIENT, on_dead=effects.give_up)}
    lease = settings.lease
    sender = Worker(database, sending, pools=SENDING, lease=lease, doubt=DOUBT)
    handler = Worker(database, handling, pools=HANDLING, lease=lease, followers=[sender])
    thinker = mind.worker(settings, database, script, directory, clock, answers_to=handler)
    if thinker is not None:
        handler.followers.append(thinker)
    thinkers = [thinker] if thinker else []
    if console is None:
        return [handler, *thinkers, sender]
    operators = operator_workers(settings, database, http, console, clock, sender)
    return [handler, *thinkers, *operators, sender]


def _timed(metrics: Metrics, kind: str, handle: Handler) -> Handler:
    """The same handler; how long it takes is counted."""
    seconds = metrics.job_seconds.labels(kind)

    async def handle_timed(job: Job, state: Mapping[str, Json]) -> Outcome:
        with seconds.time():
            return await handle(job, state)

    return handle_timed
