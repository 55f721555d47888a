"""Say where an order is: your own code is called between two questions."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from flow_engine import Ask, Call, Effect, Flow, Say, TalkToHuman


class OrderStatus(BaseModel):
    number: Annotated[str, Field(pattern=r"^[0-9]{4,8}$")]
    status: Literal["packed", "sent", "unknown"]
    person: Literal["yes", "no"] = "no"


async def look_up(form: OrderStatus) -> str:
    """Return the status of an order. Ask your shop here; a failure is tried twice more."""
    orders = {"1001": "packed", "1002": "sent"}
    return orders.get(form.number, "unknown")


def finish(form: OrderStatus) -> list[Effect]:
    if form.person == "yes":
        return [TalkToHuman(form.number)]
    return [Say(f"order_status.{form.status}", {"number": form.number})]


order_status = Flow(
    name="order_status",
    version=1,
    form=OrderStatus,
    triggers=("where is my order", "dónde está mi pedido", "onde está meu pedido"),
    steps=(
        Ask("number"),
        Call(
            "status", handler=look_up, says_wait=True, then={"unknown": "person"}, otherwise="end"
        ),
        Ask("person"),
    ),
    finish=finish,
)
