"""Settings of handoff."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from features.handoff.file_hours import read_hours
from features.handoff.hours import OpeningHours, WrongHours
from utils.file_settings import FileProblem, FileSettings
from utils.setting_types import Url, invalid


def _spans(value: object) -> object:
    """Read "9:00-13:00, 15:00-19:00", or a list of such spans."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) for one in found):
        raise invalid("expected times such as 9:00-18:00, a list of such times, or closed")
    return [one.strip() for one in found]


class HandoffSettings(FileSettings):
    """How operators hear of users who ask for a person, and when they can be reached."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Handoff: users can ask for a person"
    )

    file_fields: ClassVar[Mapping[str, str]] = {"hours": "hours"}

    operators_chat_url: Url | None = Field(
        None,
        description="Incoming webhook of your team's chat (such as Slack), for handoff alerts.",
        repr=False,  # everyone who knows it can write there
    )
    handoff_nudge_minutes: int = Field(
        10,
        ge=0,
        le=720,
        description="Minutes without an answer until the team is reminded of a user who waits; "
        "0: never.",
    )
    handoff_apology_minutes: int = Field(
        20,
        ge=0,
        le=720,
        description="Minutes without an answer until the bot apologizes to the user, once; 0: "
        "never.",
    )

    hours: dict[str, Annotated[tuple[str, ...], BeforeValidator(_spans)]] = Field(
        {},
        description="Opening hours of the team, by days and dates: monday-friday: 9:00-18:00.",
        json_schema_extra={"additionalProperties": {"type": ["string", "array"]}},
    )

    @property
    def opening_hours(self) -> OpeningHours:
        """The opening hours of the config file; always open without any."""
        return read_hours(self.hours)

    def file_problems(self) -> Iterable[FileProblem]:
        """Return days that cannot be read, and those that are said twice."""
        said: dict[object, str] = {}
        for key, spans in self.hours.items():
            try:
                found = read_hours({key: spans})
            except WrongHours as error:
                yield FileProblem(("hours", key), str(error).removeprefix(f"{key}: "))
                continue
            yield from _twice(key, found, said)

    @property
    def nudge_after(self) -> timedelta:
        """Time until the team is reminded; zero: never."""
        return timedelta(minutes=self.handoff_nudge_minutes)

    @property
    def apology_after(self) -> timedelta:
        """Time until the bot apologizes; zero: never."""
        return timedelta(minutes=self.handoff_apology_minutes)


def _twice(key: str, found: OpeningHours, said: dict[object, str]) -> Iterator[FileProblem]:
    for day in (*found.days, *found.dates):
        before = said.setdefault(day, key)
        if before != key:
            yield FileProblem(("hours", key), f"{before} has hours of the same day: keep one")
            return


SETTINGS = HandoffSettings
