"""Events besides messages wait only for those of the same kind and person."""

import json
from typing import Any

from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.web import NUMBER
from tests.webhook.test_other_numbers import kept, post

from services.conversations.webhook_events import EventDecisions, WebhookEvent

ECHOES = 300


def event(field: str, *items: Any, **more: Any) -> dict[str, Any]:
    name = "message_echoes" if field == "smb_message_echoes" else field
    value = {"metadata": {"phone_number_id": NUMBER}, name: list(items), **more}
    return {"entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}


def echo(number: int, to: str = ANA) -> dict[str, Any]:
    return {"id": f"wamid.echo.{number}", "from": "15550000001", "to": to, "type": "text"}


def stop(who: str) -> dict[str, Any]:
    return {"wa_id": who, "category": "marketing_messages", "value": "stop"}


async def test_an_opt_out_does_not_wait_for_the_echoes_before_it(town: BotHarness) -> None:
    await town.say("offers")
    await town.tap("news.yes")
    handled: list[str] = []

    async def note(happened: WebhookEvent) -> EventDecisions:
        handled.append(happened.field)
        return EventDecisions()

    for field in ("smb_message_echoes", "user_preferences"):
        town.bot.parts.context.extensions.events[field] = [note]
    for number in range(ECHOES):
        await post(town, event("smb_message_echoes", echo(number)))
    await post(town, event("user_preferences", stop(ANA)))
    await town.settle()
    assert len(handled) == ECHOES + 1
    assert handled.index("user_preferences") < ECHOES / 10
    assert (await town.user()).marketing_at is None


async def test_events_of_a_person_stay_in_order_and_those_of_others_do_not_wait(
    town: BotHarness,
) -> None:
    await post(town, event("user_preferences", stop(ANA), stop(JOHN), {**stop(ANA), "value": "on"}))
    await post(town, event("user_preferences", stop(ANA)))
    jobs = await kept(town)
    lanes: dict[str, list[Any]] = {}
    for lane, body in jobs:
        lanes.setdefault(lane, []).extend(json.loads(body)["value"]["user_preferences"])
    assert sorted(lanes.values(), key=len) == [
        [stop(JOHN)],
        [stop(ANA), {**stop(ANA), "value": "on"}, stop(ANA)],
    ]
    assert not any(ANA in lane or JOHN in lane for lane in lanes)


async def test_an_event_that_names_nobody_or_is_odd_is_kept_as_it_came(town: BotHarness) -> None:
    odd: list[list[Any]] = [[], [[{}]], [7, None], [{"from": {"a": [1]}}]]
    for value in odd:
        await post(town, event("odd", *value, contacts=[{"wa_id": ANA}]))
    assert [json.loads(body)["value"]["odd"] for _, body in await kept(town)] == odd
