"""Forget what the person told us, once they are sure."""

from typing import Literal

from pydantic import BaseModel

from flow_engine import Ask, DeleteProfile, Effect, Flow, Say


class Deletion(BaseModel):
    sure: Literal["yes", "no"]


def finish(deletion: Deletion) -> list[Effect]:
    if deletion.sure == "no":
        return [Say("delete_profile.kept")]
    return [DeleteProfile(), Say("delete_profile.done")]


delete_profile = Flow(
    name="delete_profile",
    version=1,
    form=Deletion,
    triggers=("delete my data", "borrar mis datos", "eliminar mis datos", "apagar meus dados"),
    steps=(Ask("sure"),),
    finish=finish,
    assistant_may_start=False,
    interrupts=True,
)
