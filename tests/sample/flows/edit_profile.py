"""Change one thing that the person told us."""

from typing import Literal

from pydantic import BaseModel

from flow_engine import (
    END,
    Ask,
    BirthDate,
    DocumentNumber,
    Effect,
    Flow,
    FullName,
    LongText,
    SaveProfile,
    Say,
)


class Edit(BaseModel):
    field: Literal["full_name", "id_number", "birth_date", "about"]
    full_name: FullName | None = None
    id_number: DocumentNumber | None = None
    birth_date: BirthDate | None = None
    about: LongText | None = None


def finish(edit: Edit) -> list[Effect]:
    changed = edit.model_dump(mode="json", include={str(edit.field)})
    return [SaveProfile(changed), Say("edit_profile.done")]


edit_profile = Flow(
    name="edit_profile",
    version=1,
    form=Edit,
    triggers=("edit my data", "editar mis datos"),
    steps=(
        Ask(
            "field",
            then={"id_number": "id_number", "birth_date": "birth_date", "about": "about"},
            otherwise="full_name",
        ),
        Ask("full_name", otherwise=END),
        Ask("id_number", otherwise=END),
        Ask("birth_date", otherwise=END),
        Ask("about", otherwise=END),
    ),
    finish=finish,
    needs_profile=True,
)
