"""What a feature can add to the bot: the base class of all features.

A feature is a folder `features/<name>/` whose `feature.py` has a subclass of `Feature`, named by
`FEATURE`. The composition finds the folders that are there, so deleting one takes it out. What it
can add to conversations is in `services/conversations/participant.py`.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from domain.delivery import StatusReport
from flow_engine import Fault, FeatureEffect, SavedData
from jobs.model import NewJob
from jobs.spec import HandledJob, Pool
from services.agent import AssistantRequest, Tool
from services.conversations.participant import Participant
from services.conversations.webhook_events import EventHandler, FieldReader
from services.operator_tables import OperatorTable, TableSchema
from services.parts import Parts
from services.sending.outbox import SendGuard
from texts.required import RequiredTexts

if TYPE_CHECKING:
    from fastapi import APIRouter

    from services.host import Host

__all__ = ["Feature", "Parts", "SettingsOf"]

#: Returns the settings of a feature, by its model.
SettingsOf = Callable[[type[Any]], Any]


class Feature(Participant):
    """One capability. Subclasses override what they add; the defaults add nothing."""

    #: Name of the folder.
    name: ClassVar[str]
    #: One line for `docs/map.md` and the command line.
    summary: ClassVar[str]
    #: Features that this one imports, by name: they are built before it.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Tables that operators see wherever this feature is there; `operator_tables` may add more.
    schemas: ClassVar[tuple[TableSchema, ...]] = ()
    #: Texts, words and prompts that its code uses; they are in its folder `texts/`.
    required_texts: ClassVar[RequiredTexts] = RequiredTexts()
    #: What sources of options begin with that it loads: "airtable" of "airtable:Slots".
    option_prefix: ClassVar[str | None] = None
    #: Pools of its jobs, served or not: their lanes are erased and emptied like all others.
    pools: ClassVar[tuple[Pool, ...]] = ()
    #: Page that describes it, from the project's folder; several features may share one.
    page: ClassVar[str | None] = None
    #: Folders of the project that only this feature reads: they go with it, such as `src/events`.
    folders: ClassVar[tuple[str, ...]] = ()
    #: Settings that `watch.py --NAME` sets on a laptop, to try the feature with its packages
    #: (requirements-NAME.txt); empty: there is no such option.
    trial_settings: ClassVar[Mapping[str, str]] = {}
    #: Paths of the emulator's pages that show this feature, by what they are called.
    emulator_pages: ClassVar[Mapping[str, str]] = {}

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @classmethod
    def banner(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        """Return lines, by their names, that a developer reads once everything runs."""
        return {}

    @classmethod
    def needs_model(cls, settings_of: SettingsOf) -> bool:
        """Return whether a laptop should have an emulated model, unless a real one is set."""
        return False

    @classmethod
    def faults(cls) -> Iterable[Fault]:
        """Return what stops the start: mistakes in files that people write for this feature."""
        return ()

    @classmethod
    def bot_pages(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        """Return paths of the bot's own pages, by what they are called, as developers open them."""
        return {}

    @classmethod
    def schemas_for(cls, saved: SavedData) -> Sequence[TableSchema]:
        """Return the tables that operators see, given what the flows save."""
        return cls.schemas

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        """Return HTTP routes; their handlers find `request_state` in `request.state`."""
        return ()

    def request_state(self) -> Mapping[str, object]:
        """Return what the HTTP routes use, by name."""
        return {}

    def requests(self) -> Mapping[str, FeatureEffect]:
        """Return what people may ask for at any moment, whoever holds the conversation.

        By the key of the words that ask for it; the effects interrupt.
        """
        return {}

    def events(self) -> Mapping[str, EventHandler]:
        """Return the handlers of webhook fields, by Meta's name of the field.

        `parts.events.jobs_for_people` makes jobs for the people of an event.
        """
        return {}

    def readers(self) -> Mapping[str, FieldReader]:
        """Return what reads webhook fields before they are stored, by Meta's name of the field.

        It makes jobs about people at once, where an event of `events` would take a job more.
        """
        return {}

    def alert(self, text: str, key: str) -> Iterable[NewJob]:
        """Return jobs that tell operators something at once; the same key tells it once."""
        return ()

    def jobs(self) -> Iterable[HandledJob]:
        """Return the jobs that this feature handles; they decide which workers a process runs."""
        return ()

    def first_jobs(self) -> Iterable[NewJob]:
        """Return jobs to enqueue whenever a worker starts."""
        return ()

    def guards(self) -> Iterable[SendGuard]:
        """Return what may stop a message right before it is sent."""
        return ()

    def refused(self, code: int | None) -> Iterable[NewJob]:
        """Return jobs that follow when Meta refuses a message with this error code."""
        return ()

    def reported(self, statuses: Sequence[StatusReport]) -> Iterable[NewJob]:
        """Return jobs that follow new statuses of messages: Meta's, and what the bot knows first.

        Meta repeats them and mixes their order, so the jobs have keys.
        """
        return ()

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
        """Whether operators see conversations through this feature, and can answer: now."""
        return False

    @property
    def shows_tables(self) -> bool:
        """Whether operators see and edit the tables of features through this feature."""
        return False

    @property
    def sets_record_status(self) -> bool:
        """Whether operators give records a status through this feature: see `Flow.on_status`."""
        return False

    async def health(self) -> Mapping[str, str]:
        """Return lines for `GET /health/ready`; trouble here does not make the bot unready."""
        return {}

    async def open_erasures(self) -> int:
        """Return the number of people whose erasure was requested and is not done yet."""
        return 0

    @asynccontextmanager
    async def hosting(self, host: "Host") -> AsyncIterator[None]:
        """Run other bots beside that of the settings."""
        yield

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Hold what the feature needs in each process, also in one without workers."""
        yield

    async def settled(self) -> None:
        """Wait until nothing goes on but jobs, such as a call: another bot takes over."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold what the feature needs while a worker runs: connections, background tasks."""
        yield
