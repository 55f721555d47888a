"""Who works on what is stored: conversations, and the sending of what they decide."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import httpx

import flows
import texts
from app.mind import Mind
from config.env import Settings
from domain.directory import Directory
from domain.step import Watcher
from domain.user import User
from flow_engine import load_flows
from lanes.attempt import Kind
from lanes.model import Handler, Job, Json, Outcome
from lanes.policy import ENDLESS, INTERACTIVE, PATIENT
from lanes.worker import Worker
from services.agent import Agent
from services.airtable_service import AirtableService
from services.broadcasts.runner import BroadcastRunner
from services.cloud_api.client import CloudApi, ReadTemplates
from services.console.faq_table import FaqReader
from services.console.hours_table import opening_hours
from services.console.runner import ConsoleRunner
from services.console.turn import ConsoleSettings
from services.conversation_runner import ConversationRunner, language_of
from services.effect_runner import EffectRunner
from services.knowledge import Knowledge
from services.operator_notices import OperatorNotices
from services.pacing import NumberPace
from services.script import Script
from services.whatsapp_service import WhatsAppService
from storage.deliveries import Deliveries
from storage.group_commit import GroupCommit
from storage.media import Media
from storage.users import Users
from texts.catalogue import Texts
from texts.faq import load_faq
from utils.metrics import Metrics

TEXTS = Path(texts.__path__[0])


@cache
def load_texts() -> Texts:
    return Texts.load(TEXTS)


def now() -> datetime:
    return datetime.now(UTC)


def make_workers(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    agent: Agent | None = None,
    clock: Callable[[], datetime] = now,
    watcher: Watcher | None = None,
    console: ConsoleRunner | None = None,
) -> list[Worker]:
    """One each for conversations, for sending and for Airtable: none waits for another's slots."""
    api = make_cloud_api(settings, http)
    whatsapp = WhatsAppService(api)
    WhatsAppService.use(whatsapp)
    mind = Mind.of(settings, database, http, api, whatsapp, agent)
    script = make_script(settings, mind, database)
    directory = Directory.of(settings.phone_allowlist, settings.users)
    conversations = ConversationRunner(
        script,
        users=Users(database),
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
    }
    sending = {"send": Kind(timed("send", effects.send), PATIENT, on_dead=effects.give_up)}
    sender = Worker(database, sending, pools=("out",))
    handler = Worker(database, handling, pools=("in", "other"), followers=[sender])
    thinker = mind.worker(settings, database, script, directory, clock, answers_to=handler)
    if thinker is not None:
        handler.followers.append(thinker)
    thinkers = [thinker] if thinker else []
    if console is None:
        return [handler, *thinkers, sender]
    keeping = {kind: Kind(console.sync, ENDLESS) for kind in ("console", "timer")}
    keeper = Worker(database, keeping, pools=("airtable",), slots=1, followers=[sender])
    announcer = Worker(
        database,
        _announcing(settings, database, http, clock),
        pools=("broadcast", "notice"),
        slots=8,
        followers=[sender],
    )
    return [handler, *thinkers, keeper, announcer, sender]


def _announcing(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime],
) -> dict[str, Kind]:
    """What operators want many people to know, and what operators are to know."""
    broadcasts = BroadcastRunner(
        database,
        read=_templates(settings, http),
        per_second=settings.messages_per_second,
        clock=clock,
        shown=settings.shows_messages,
    )
    kinds = {
        "broadcast": Kind(broadcasts.obey, ENDLESS),
        "timer": Kind(broadcasts.go_on, ENDLESS),
    }
    if settings.operators_chat_url is not None:
        notices = OperatorNotices(http, settings.operators_chat_url)
        kinds["notice"] = Kind(notices.post, PATIENT)
    return kinds


def _timed(metrics: Metrics, kind: str, handle: Handler) -> Handler:
    """The same handler; how long it takes is counted."""
    seconds = metrics.job_seconds.labels(kind)

    async def handle_timed(job: Job, state: Mapping[str, Json]) -> Outcome:
        with seconds.time():
            return await handle(job, state)

    return handle_timed


def make_console(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    *,
    clock: Callable[[], datetime] = now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ConsoleRunner | None:
    """None without Airtable."""
    if settings.airtable_api_key is None or settings.airtable_base_id is None:
        return None
    airtable = AirtableService(
        settings.airtable_api_key.get_secret_value(),
        settings.airtable_base_id,
        base_url=settings.airtable_api_url,
        database=database,
        sleep=sleep,
    )
    how = ConsoleSettings(
        webhook_url=settings.airtable_webhook_url,
        poll=timedelta(seconds=settings.airtable_poll_seconds),
        calls_per_month=settings.airtable_monthly_calls or None,
        create_tables=settings.airtable_create_tables,
        idle=timedelta(hours=settings.human_idle_hours),
        messages=timedelta(days=settings.airtable_messages_days) or None,
    )
    texts = load_texts()

    def farewell(person: User) -> str:
        return texts.say(language_of(person, texts, settings.default_language), "common.erased")

    return ConsoleRunner(
        airtable,
        database,
        how,
        clock=clock,
        farewell=farewell,
        templates=_templates(settings, http),
    )


def _templates(settings: Settings, http: httpx.AsyncClient) -> ReadTemplates | None:
    """None if it is not known whose templates."""
    if settings.wp_bid is None:
        return None
    return partial(make_cloud_api(settings, http).templates, settings.wp_bid)


def make_cloud_api(settings: Settings, http: httpx.AsyncClient) -> CloudApi:
    return CloudApi(
        http,
        token=settings.wp_access_token.get_secret_value(),
        phone_number_id=settings.wp_phone_id,
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
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


def make_script(settings: Settings, mind: Mind, database: GroupCommit) -> Script:
    async def is_open(moment: datetime) -> bool:
        return (await opening_hours(database)).is_open(moment.astimezone(settings.zone))

    return Script(
        flows=load_flows(flows),
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
