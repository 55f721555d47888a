"""What the features of a process are built from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from domain.allowlist import Allowlist
from jobs.job_queue import JobQueue
from jobs.spec import Pool
from services.agent import Agent
from services.conversations.context import ConversationContext
from services.conversations.event_jobs import EventJobs
from services.conversations.jobs import ConversationJobs
from services.sending.numbers import ActingApi
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics

if TYPE_CHECKING:
    from services.feature import Feature

AnyFeature = TypeVar("AnyFeature", bound="Feature")
Shared = TypeVar("Shared")


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
    #: It acts as the number that a job is about.
    cloud_api: ActingApi
    whatsapp: WhatsAppService
    #: Lets handlers enqueue jobs; most return them in their Outcome instead.
    queue: JobQueue
    allowlist: Allowlist
    metrics: Metrics
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    zone: tzinfo
    default_language: str
    #: The number of the settings; `cloud_api.numbers` has all.
    phone_number_id: str
    business_account_id: str | None
    #: Messages a second that Meta lets the number send.
    messages_per_second: float
    #: Folder of the texts, with the files that messages show.
    texts_folder: Path
    #: Names the process in rows: bots that follow each other in one process have the same.
    process: str
    #: Takes the place of the assistant's model, in tests.
    agent: Agent | None = None
    features: list["Feature"] = field(default_factory=list)
    _shared: dict[type[Any], Any] = field(default_factory=dict)
    #: Pools of the core and of all features.
    pools: tuple[Pool, ...] = ()
    #: Names of the pools that the settings have served, in whichever process; there once all
    #: features are built.
    served_pools: tuple[str, ...] = ()
    #: Runs turns of conversations; there once all features are built.
    conversations: ConversationJobs = field(init=False)
    #: Makes jobs for the people of a webhook's event; there once all features are built.
    events: EventJobs = field(init=False)

    @property
    def quoting_pools(self) -> tuple[str, ...]:
        """Names of the pools whose jobs may quote a person: those are erased with the person."""
        return tuple(pool.name for pool in self.pools if pool.quotes_people)

    @property
    def kept_pools(self) -> tuple[str, ...]:
        """Names of the pools whose lanes keep their state for good."""
        return tuple(pool.name for pool in self.pools if pool.keeps_state)

    def shared(self, kind: type[Shared]) -> Shared:
        """Return the object of a type that features share, made when the first one asks for it."""
        found: Shared = self._shared.setdefault(kind, kind())
        return found

    def feature(self, kind: type[AnyFeature]) -> AnyFeature:
        """Return a feature that is built already. Raise FeatureMissing."""
        for one in self.features:
            if isinstance(one, kind):
                return one
        raise FeatureMissing(kind.name)
