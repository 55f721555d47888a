"""Orders and pins: what Meta refuses of them, though payments and groups are not emulated."""

from typing import Any

import pytest

from emulator.cloud_api.testing import CloudApiDouble as Meta


def money(value: int) -> dict[str, int]:
    return {"value": value, "offset": 100}


CAKE = {"retailer_id": "1", "name": "Cake", "amount": money(500), "quantity": 2}


def order(**changes: Any) -> dict[str, Any]:
    parameters = {
        "reference_id": "order-1.a",
        "type": "physical-goods",
        "currency": "INR",
        "total_amount": money(1100),
        "payment_settings": [{"type": "payment_gateway"}],
        "order": {
            "status": "pending",
            "items": [CAKE],
            "subtotal": money(1000),
            "tax": money(50),
            "shipping": money(100),
            "discount": money(50),
        },
        **changes,
    }
    action = {"name": "review_and_pay", "parameters": parameters}
    return {"type": "order_details", "body": {"text": "Your order"}, "action": action}


def status(**parameters: Any) -> dict[str, Any]:
    action = {"name": "review_order", "parameters": parameters}
    return {"type": "order_status", "body": {"text": "On its way"}, "action": action}


@pytest.mark.parametrize(
    "given", [order(), order(order=None), status(reference_id="a", order={"status": "shipped"})]
)
async def test_orders_are_taken(cloud_api: Meta, given: dict[str, Any]) -> None:
    assert (await cloud_api.send("interactive", given)).status_code == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (order(reference_id="a b"), 131009),
        (order(reference_id="a" * 36), 131009),
        (order(type="goods"), 131009),
        (order(currency=""), 131008),
        (order(total_amount=None), 131008),
        (order(total_amount={"value": 1.5, "offset": 100}), 131009),
        (order(total_amount={"value": 1100, "offset": 10}), 131009),
        (order(total_amount=money(1101)), 131009),
        (order(order={"status": "shipped", "items": [CAKE], "subtotal": money(1000)}), 131009),
        (order(order={"status": "pending", "items": [], "subtotal": money(0)}), 131008),
        (order(order={"status": "pending", "items": [CAKE], "subtotal": money(999)}), 131009),
        (order(order={"status": "pending", "items": ["x"], "subtotal": money(1)}), 131008),
        (status(reference_id="a", order={"status": "eaten"}), 131009),
        (status(reference_id="a"), 131008),
        ({**order(), "body": None}, 131008),
    ],
)
async def test_wrong_orders_are_refused(cloud_api: Meta, given: dict[str, Any], code: int) -> None:
    answer = await cloud_api.send("interactive", given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


async def test_only_groups_have_pins(cloud_api: Meta) -> None:
    pin = {"type": "pin", "message_id": "wamid.x", "expiration_days": 7}
    answer = await cloud_api.send("pin", pin)
    assert answer.json()["error"]["error_data"]["details"].startswith("pin is for groups")
