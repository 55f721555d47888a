"""Book a table: operators offer the times in Airtable, and confirm what was booked."""

from typing import Annotated

from pydantic import BaseModel, Field

from flow_engine import Ask, Effect, Flow, Review, SaveRecord, Say


class Booking(BaseModel):
    guests: Annotated[int, Field(ge=1, le=12)]
    slot: str


def finish(booking: Booking) -> list[Effect]:
    answers = booking.model_dump(mode="json")
    return [SaveRecord("bookings", answers), Say("booking.done", answers)]


booking = Flow(
    name="booking",
    version=1,
    form=Booking,
    triggers=("book a table", "reservar mesa", "reservar uma mesa"),
    steps=(Ask("guests"), Ask("slot", options_from="airtable:Slots"), Review()),
    finish=finish,
    on_status={
        "Confirmed": Say("booking.confirmed"),
        "Cancelled": Say("booking.cancelled"),
    },
)
