"""When operators can be reached again, and how a person is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from features.handoff.hours import OpeningHours
from texts.catalogue import Texts

#: How far ahead an opening is looked for.
HORIZON = timedelta(days=21)
#: Openings are found to the minute; times between are passed over in steps.
STEP = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
#: Texts of the days of the week, Monday first.
DAY_KEYS = (
    "handoff.day_0",
    "handoff.day_1",
    "handoff.day_2",
    "handoff.day_3",
    "handoff.day_4",
    "handoff.day_5",
    "handoff.day_6",
)
WHEN_KEYS = ("handoff.when_today", "handoff.when_tomorrow", "handoff.when_day", "handoff.when_date")


def next_opening(hours: OpeningHours, moment: datetime) -> datetime | None:
    """Return the next minute at which it is open; None if none is in sight.

    `moment` is in the time zone of the place.
    """
    start = moment.replace(second=0, microsecond=0)
    found = _first(hours.is_open, start, STEP, HORIZON)
    if found is None or found == start:
        return found
    return _first(hours.is_open, found - STEP + MINUTE, MINUTE, STEP)


def _first(
    is_open: Callable[[datetime], bool], start: datetime, step: timedelta, most: timedelta
) -> datetime | None:
    moments = (start + step * number for number in range(int(most / step) + 1))
    return next((moment for moment in moments if is_open(moment)), None)


def describe_opening(texts: Texts, language: str, opening: datetime, moment: datetime) -> str:
    """Return an opening in words: "tomorrow at 9:00", "on Thursday at 9:00"."""
    days = (opening.date() - moment.date()).days
    key = WHEN_KEYS[0 if days < 1 else 1 if days == 1 else 2 if days < 7 else 3]
    date = texts.shown(language, "handoff", opening.date().isoformat(), "date")
    day = texts.say(language, DAY_KEYS[opening.weekday()])
    time = f"{opening.hour}:{opening.minute:02}"
    return texts.say(language, key, {"day": day, "date": date, "time": time})
