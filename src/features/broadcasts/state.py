"""What a broadcast is to do, and how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.user import User
from features.templates.choice import version_for
from features.templates.model import MARKETING, POSITIONAL, Template
from jobs.model import UnreadableState


class Command(StrEnum):
    """What operators may order."""

    DRY_RUN = "Dry run"
    #: send it to one person only, to see it on a phone
    TEST = "Test"
    START = "Start"
    PAUSE = "Pause"
    CANCEL = "Cancel"


class Stage(StrEnum):
    """How far a broadcast is; the words that operators read."""

    REFUSED = "Refused"
    #: counted, and nothing sent
    CHECKED = "Checked"
    #: for its hour
    WAITING = "Waiting"
    RUNNING = "Running"
    PAUSED = "Paused"
    DONE = "Done"
    CANCELLED = "Cancelled"


#: Nothing has been sent: what is to be done may still change.
UNSENT = frozenset({None, Stage.REFUSED, Stage.CHECKED})
UNDER_WAY = frozenset({Stage.WAITING, Stage.RUNNING})
ENDED = frozenset({Stage.DONE, Stage.CANCELLED})


class BroadcastPlan(BaseModel):
    """What operators wrote."""

    model_config = ConfigDict(frozen=True)

    #: as "name:language"
    template: str = ""
    #: the same template in other languages, for the people who speak them
    others: tuple[str, ...] = ()
    #: people with any of these tags; everybody without any
    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    #: a JSON object: what goes into which place of the template
    variables: str = ""
    send_at: datetime | None = None
    approved: bool = False
    #: phone number that a test goes to
    test_to: str = ""


class BroadcastState(BaseModel):
    """What the lane of a broadcast stores."""

    model_config = ConfigDict(frozen=True)

    stage: Stage | None = None
    plan: BroadcastPlan = BroadcastPlan()
    #: as Meta described it when the broadcast was started
    template: Mapping[str, Any] = Field(default_factory=dict)
    #: … in other languages
    others: tuple[Mapping[str, Any], ...] = ()
    #: what goes into its places
    values: Mapping[str, str] = Field(default_factory=dict)
    #: people whom the tags fit
    audience: int = 0
    #: of them, who gets nothing, by the reason
    skipped: Mapping[str, int] = Field(default_factory=dict)
    queued: int = 0
    #: the key of the last person who was looked at
    cursor: str = ""
    #: the message as people will read it, with the names of what is filled in
    preview: str = ""
    #: Airtable's ids of the first contacts who would get it
    recipients: tuple[str, ...] = ()
    #: why it was refused or paused, or what it waits for
    trouble: str = ""
    #: in seconds since 1970
    ended_at: float | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "BroadcastState":
        """Read what the lane stores. Raise UnreadableState: nothing of it is to be trusted then."""
        try:
            return cls.model_validate(stored)
        except ValidationError as error:
            raise UnreadableState(stored.keys()) from error

    @property
    def versions(self) -> "Versions":
        """The template as it was when the broadcast was started, in all languages."""
        return Versions(tuple(_described(one) for one in (self.template, *self.others)))

    def changed(self, **values: Any) -> "BroadcastState":
        return self.model_copy(update=values)


def _described(found: Mapping[str, Any]) -> Template:
    return Template(
        "",
        str(found["name"]),
        str(found["language"]),
        category=str(found.get("category")),
        parameter_format=str(found.get("parameter_format") or POSITIONAL),
        components=found.get("components") or (),
    )


@dataclass(frozen=True, slots=True)
class Versions:
    """One template in one or more languages; the first one is for all who speak no other."""

    all: Sequence[Template]

    @property
    def category(self) -> str:
        """Meta's category of the template: MARKETING, if it is so in any language."""
        categories = [one.category for one in self.all]
        return MARKETING if MARKETING in categories else categories[0]

    def of(self, person: User) -> Template:
        """Return the version in a person's language."""
        by_language = {one.language: one for one in self.all}
        first = self.all[0]
        return version_for(person, by_language, first.language.partition("_")[0]) or first


def describe(template: Template) -> dict[str, Any]:
    """Return what a broadcast keeps of its template."""
    names = ("name", "language", "category", "parameter_format", "components")
    return {name: getattr(template, name) for name in names}
