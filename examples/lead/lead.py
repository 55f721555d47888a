"""Take a request with a photo and a place, and tell the operators. An ad may start it."""

from typing import Annotated

from pydantic import BaseModel

from flow_engine import (
    Ask,
    Effect,
    Flow,
    FromReferral,
    FullName,
    LongText,
    NotifyOperators,
    Photo,
    Place,
    Review,
    SaveRecord,
    Say,
)


class Lead(BaseModel):
    name: FullName
    need: LongText
    photo: Photo
    place: Place | str
    ad: Annotated[str, FromReferral("headline")] = ""


def finish(lead: Lead) -> list[Effect]:
    answers = lead.model_dump(mode="json")
    return [
        SaveRecord("leads", answers),
        NotifyOperators("lead.told", answers),
        Say("lead.done", answers),
    ]


lead = Flow(
    name="lead",
    version=1,
    form=Lead,
    triggers=("get a quote", "pedir presupuesto", "pedir orçamento"),
    referrals=("120330000000000001",),
    steps=(Ask("name"), Ask("need"), Ask("photo"), Ask("place"), Review()),
    finish=finish,
)
