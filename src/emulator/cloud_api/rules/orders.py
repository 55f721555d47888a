"""Orders to be paid in WhatsApp: their parts, and their sums. Payments themselves are not emulated.

Source: developers.facebook.com/docs/whatsapp/cloud-api/payments-api (India, Brazil)
"""

import re

from emulator.cloud_api.rules.errors import GraphError
from emulator.json import JsonObject

REFERENCE = re.compile(r"[A-Za-z0-9_.\-]{1,35}")
GOODS = ("digital-goods", "physical-goods")
#: How many parts an amount has: all amounts are in hundredths.
OFFSET = 100
STATUSES = frozenset(
    {"pending", "processing", "partially-shipped", "shipped", "completed", "canceled"}
)


def check_order(order: JsonObject) -> None:
    """Raise the GraphError of the parameters of `order_details`, if any."""
    _check_reference(order)
    if order.get("type") not in GOODS:
        raise GraphError(131009, f"type must be one of {', '.join(GOODS)}.")
    if not order.get("currency"):
        raise GraphError(131008, "currency is required.")
    total = _value(order.get("total_amount"), "total_amount")
    if (given := order.get("order")) is not None:
        _check_sums(_object(given, "order"), total)


def check_order_status(parameters: JsonObject) -> None:
    """Raise the GraphError of the parameters of `order_status`, if any."""
    _check_reference(parameters)
    status = _object(parameters.get("order"), "order").get("status")
    if status not in STATUSES:
        raise GraphError(131009, f"order.status must be one of {', '.join(sorted(STATUSES))}.")


def _check_reference(parameters: JsonObject) -> None:
    if not REFERENCE.fullmatch(str(parameters.get("reference_id") or "")):
        raise GraphError(131009, "reference_id has 1 to 35 letters, digits, _, - and dots.")


def _check_sums(order: JsonObject, total: int) -> None:
    if order.get("status") != "pending":
        raise GraphError(131009, "order.status of order_details must be pending.")
    items = order.get("items")
    if not isinstance(items, list) or not items:
        raise GraphError(131008, "order.items is required.")
    subtotal = sum(_price(_object(one, "order.items")) for one in items)
    if _value(order.get("subtotal"), "order.subtotal") != subtotal:
        raise GraphError(131009, "order.subtotal is not the sum of the items.")
    added = sum(_value(order.get(one), one) for one in ("tax", "shipping") if order.get(one))
    discount = _value(order["discount"], "discount") if order.get("discount") else 0
    if total != subtotal + added - discount:
        raise GraphError(131009, "total_amount is not subtotal + tax + shipping - discount.")


def _price(item: JsonObject) -> int:
    """Return what an item costs, as many as there are of it."""
    for name in ("name", "amount", "quantity"):
        if not item.get(name):
            raise GraphError(131008, f"{name} of an item is required.")
    if not isinstance(item["quantity"], int):
        raise GraphError(131009, "quantity of an item is a whole number.")
    name = "sale_amount" if item.get("sale_amount") else "amount"
    return _value(item[name], name) * item["quantity"]


def _value(amount: object, name: str) -> int:
    given = _object(amount, name)
    value = given.get("value")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise GraphError(131009, f"{name}.value is a whole number.")
    if given.get("offset") != OFFSET:
        raise GraphError(131009, f"{name}.offset must be {OFFSET}.")
    return value


def _object(value: object, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise GraphError(131008, f"{name} is required.")
    return value
