"""Register a person: who they are, and that they agree to our keeping it."""

from typing import Literal

from pydantic import BaseModel

from flow_engine import (
    Ask,
    BirthDate,
    DocumentNumber,
    Effect,
    Flow,
    ForgetAnswers,
    FullName,
    LongText,
    Review,
    SaveProfile,
    Say,
)

#: Changes whenever the privacy text does, so that we know what each person agreed to.
CONSENT_VERSION = "2026-11"


class Registration(BaseModel):
    full_name: FullName
    id_type: Literal["CC", "CE", "PASSPORT"]
    id_number: DocumentNumber
    birth_date: BirthDate
    about: LongText | None = None
    consent: Literal["yes", "no"]


def finish(registration: Registration) -> list[Effect]:
    if registration.consent == "no":
        return [ForgetAnswers(), Say("registration.refused")]
    profile = registration.model_dump(mode="json", exclude={"consent"})
    return [
        SaveProfile({**profile, "consent_version": CONSENT_VERSION}),
        Say("registration.done", profile),
    ]


registration = Flow(
    name="registration",
    version=1,
    form=Registration,
    triggers=(
        *("register", "register me", "registration", "sign up", "sign me up", "join", "join you"),
        *("registrarme", "registrar", "registro", "me quiero registrar", "inscribirme"),
    ),
    steps=(
        Ask("full_name"),
        Ask("id_type", as_list=True, told_by={"PASSPORT": r"(?=.*[A-Z])(?=.*\d{4}).*"}),
        Ask("id_number"),
        Ask("birth_date"),
        Ask("about", optional=True),
        Review("consent"),
    ),
    finish=finish,
)
