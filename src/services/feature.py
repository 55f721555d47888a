"""What a feature can add to the bot: the base class, and the parts that it is built from.

A feature is a folder `features/<name>/` whose `feature.py` has a subclass of `Feature`, named by
`FEATURE`. The composition finds the folders that are there, so deleting one takes it out.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import httpx

from domain.allowlist import Allowlist
from domain.user import User
from jobs.job_queue import JobQueue
from jobs.model import NewJob
from jobs.spec import HandledJob, Pool
from services.agent import Agent, Tool
from services.clients.cloud_api.client import CloudApi
from services.conversations.context import (
    ConversationContext,
    ConversationObserver,
    EffectHandler,
    Reset,
)
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.job_specs import CONVERSATIONS, EVENTS
from services.conversations.jobs import ConversationJobs
from services.conversations.stage import Stage
from services.conversations.turn import ConversationTurn
from services.conversations.webhook_events import EventHandler
from services.operator_tables import OperatorTable, TableSchema
from services.sending.outbox import OUTBOX
from services.sending.outbox_sender import SendGuard
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics

if TYPE_CHECKING:
    from fastapi import APIRouter

SettingsModel = TypeVar("SettingsModel")
AnyFeature = TypeVar("AnyFeature", bound="Feature")


@dataclass(frozen=True, slots=True)
class AssistantRequest:
    """For whom, and in which language, the assistant is about to answer."""

    user: User
    role: str
    language: str
    #: What the person wrote.
    text: str


class FeatureMissing(LookupError):
    """A feature asks for another one that it does not name in `needs`, or that is not there."""


@dataclass(kw_only=True)
class Parts:
    """What the features of a process are built from."""

    #: Returns the settings of a feature, by its model.
    settings_of: Callable[[type[Any]], Any]
    context: ConversationContext
    database: GroupCommit
    http: httpx.AsyncClient
    cloud_api: CloudApi
    whatsapp: WhatsAppService
    #: Lets handlers enqueue jobs; most return them in their Outcome instead.
    queue: JobQueue
    allowlist: Allowlist
    metrics: Metrics
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    zone: tzinfo
    default_language: str
    phone_number_id: str
    business_account_id: str | None
    #: Messages a second that Meta lets the number send.
    messages_per_second: float
    #: Folder of the texts, with the files that messages show.
    texts_folder: Path
    #: Takes the place of the assistant's model, in tests.
    agent: Agent | None = None
    features: list["Feature"] = field(default_factory=list)
    #: Runs turns of conversations; there once all features are built.
    conversations: ConversationJobs = field(init=False)

    @property
    def person_pools(self) -> tuple[Pool, ...]:
        """Pools whose lanes are named after a person: they are erased with the person."""
        return tuple(pool for pool in self._pools if pool.is_about_person)

    @property
    def kept_pools(self) -> tuple[str, ...]:
        """Names of the pools whose lanes keep their state for good."""
        return tuple(pool.name for pool in self._pools if pool.keeps_state)

    @property
    def _pools(self) -> tuple[Pool, ...]:
        added = (pool for feature in self.features for pool in feature.pools)
        return (CONVERSATIONS, EVENTS, OUTBOX, *added)

    def feature(self, kind: type[AnyFeature]) -> AnyFeature:
        """Return a feature that is built already. Raise FeatureMissing."""
        for one in self.features:
            if isinstance(one, kind):
                return one
        raise FeatureMissing(kind.name)


class Feature:
    """One capability. Subclasses override what they add; the defaults add nothing."""

    #: Name of the folder.
    name: ClassVar[str]
    #: One line for `docs/map.md` and the command line.
    summary: ClassVar[str]
    #: Features that this one imports, by name: they are built before it.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Tables that operators see wherever this feature is there; `operator_tables` may add more.
    schemas: ClassVar[tuple[TableSchema, ...]] = ()
    #: Pools of its jobs, served or not: their lanes are erased and emptied like all others.
    pools: ClassVar[tuple[Pool, ...]] = ()

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        """Return HTTP routes; their handlers find `request_state` in `request.state`."""
        return ()

    def request_state(self) -> Mapping[str, object]:
        """Return what the HTTP routes use, by name."""
        return {}

    def stages(self) -> Iterable[Stage]:
        """Return stages of the inbound routing table."""
        return ()

    def effects(self) -> Mapping[type, EffectHandler]:
        """Return the handler of each effect of this feature, by the effect's type."""
        return {}

    def events(self) -> Mapping[str, EventHandler]:
        """Return the handlers of webhook fields, by Meta's name of the field.

        `parts.conversations.events.jobs_for_people` makes jobs for the people of an event.
        """
        return {}

    def jobs(self) -> Iterable[HandledJob]:
        """Return the jobs that this feature handles; they decide which workers a process runs."""
        return ()

    def first_jobs(self) -> Iterable[NewJob]:
        """Return jobs to enqueue whenever a worker starts."""
        return ()

    def observers(self) -> Iterable[ConversationObserver]:
        """Return what keeps rows about conversations and messages."""
        return ()

    def guards(self) -> Iterable[SendGuard]:
        """Return what may stop a message right before it is sent."""
        return ()

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        """Decide what this feature forgets when a conversation starts over."""
        return NOTHING

    def is_in_chat(self, turn: ConversationTurn) -> bool:
        """Whether free text of this person belongs to an open chat of this feature."""
        return False

    async def answer(self, turn: ConversationTurn) -> Decisions | None:
        """Answer free text from what this feature knows, without a model; None if it cannot."""
        return None

    async def tools(self, request: AssistantRequest) -> Sequence[Tool]:
        """Return tools that the assistant may use for this person."""
        return ()

    async def grounding(self, request: AssistantRequest) -> str:
        """Return facts that the assistant should know for this question; empty if none."""
        return ""

    def operator_tables(self) -> Iterable[OperatorTable]:
        """Return tables that operators see and edit, wherever operators work."""
        return ()

    @property
    def reaches_operators(self) -> bool:
        """Whether operators see conversations through this feature, and can answer."""
        return False

    async def health(self) -> Mapping[str, str]:
        """Return lines for `GET /health/ready`; trouble here does not make the bot unready."""
        return {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold what the feature needs while a worker runs: connections, background tasks."""
        yield
