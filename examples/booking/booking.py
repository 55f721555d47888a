"""Book a table: the days come from the calendar, the times from your own code."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from flow_engine import Ask, Effect, Flow, NextDays, Review, SaveRecord, Say, Schedule


class Booking(BaseModel):
    guests: Annotated[int, Field(ge=1, le=12)]
    day: date
    time: time


async def free_times() -> tuple[str, ...]:
    """Return the times that are free. Ask your calendar here, or an Airtable view."""
    return ("19:00", "20:00", "21:00")


def finish(booking: Booking) -> list[Effect]:
    answers = booking.model_dump(mode="json")
    reminder = datetime.combine(booking.day, booking.time) - timedelta(hours=3)
    return [
        SaveRecord("bookings", answers),
        Say("booking.done", answers),
        Schedule("booking", reminder, Say("booking.reminder", answers)),
    ]


booking = Flow(
    name="booking",
    version=1,
    form=Booking,
    triggers=("book a table", "reservar mesa", "reservar uma mesa"),
    steps=(
        Ask("guests"),
        Ask("day", options_from=NextDays(9)),
        Ask("time", options_from=free_times, shown_as="time"),
        Review(),
    ),
    finish=finish,
)
