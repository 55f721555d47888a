"""Send a link to pay: a button that opens the page of your payment provider."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel

from flow_engine import Ask, Effect, Flow, Say, Schedule, SendLink

#: Prices of what you sell, in the currency of CURRENCY.
PRICES = {"single": 15, "monthly": 49}


class Payment(BaseModel):
    ticket: Literal["single", "monthly"]


def finish(payment: Payment) -> list[Effect]:
    bought = {"ticket": payment.ticket, "price": PRICES[payment.ticket]}
    return [
        SendLink("payment.link", bought),
        Schedule("payment", timedelta(hours=2), Say("payment.reminder", bought)),
    ]


payment = Flow(
    name="payment",
    version=1,
    form=Payment,
    triggers=("buy a ticket", "comprar boleto", "comprar ingresso"),
    steps=(Ask("ticket"),),
    finish=finish,
)
