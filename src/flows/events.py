"""Tell about an event: what, the programme as a document, and where."""

from typing import Literal

from pydantic import BaseModel

from flow_engine import Ask, Effect, Flow, Say, SendDocument, SendLocation, TakingPart

#: The flow that people fill in before they come; the open day needs none.
STARTS = {"open_day": "", "workshop": "registration"}
#: When they take place: texts name {open_day:when}.
DATES = {"open_day": "first saturday 10:00-14:00", "workshop": "last saturday 14:00-18:00"}


class Interest(BaseModel):
    event: Literal["open_day", "workshop"]


def finish(interest: Interest) -> list[Effect]:
    return [
        SendDocument("events.programme"),
        SendLocation("events.venue"),
        TakingPart(f"events.take_part.{interest.event}", STARTS[interest.event]),
        Say(f"events.about.{interest.event}"),
    ]


events = Flow(
    name="events",
    version=1,
    form=Interest,
    triggers=("events", "eventos"),
    steps=(Ask("event", dates=DATES),),
    finish=finish,
)
