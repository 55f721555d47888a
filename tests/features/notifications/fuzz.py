"""Random requests to the API: `python -m tests.features.notifications.fuzz 10000 [SEED]`.

No answer may be a fault, or anything else than OpenAPI says; and what the API accepts, Meta, as the
emulator has it, takes. `test_documented_api.py` does the same with a few requests.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from loguru import logger
from schemathesis import GenerationMode
from sqlalchemy import func, select
from tests.features.notifications.town import KEY, Town, order

from app.composition.features import find_features
from domain.delivery import DeliveryStatus
from emulator.cloud_api.testing import completed
from features.templates.ready import definitions
from storage.engine.group_commit import Transaction
from storage.tables.delivery_table import delivery

APP = FastAPI()
for feature in find_features():
    for router in feature.routers():
        if router.prefix.startswith("/api/v1/"):
            APP.include_router(router)
DOCUMENT = APP.openapi()
#: What fits the schema may be refused, since a template or a person may not allow it.
OFF = {"positive_data_acceptance": {"enabled": False}}
CONFIG = schemathesis.Config.from_dict({"checks": OFF})


def without_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which nothing needs a key: the test sends one with each request."""
    copy = deepcopy(document)
    for methods in copy["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return copy


API = schemathesis.openapi.from_dict(without_keys(DOCUMENT), config=CONFIG)
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
POST = API["/api/v1/notifications"]["post"]
#: Where events are told, if that feature is there.
EVENTS = "/api/v1/events/{type}"
#: Meta's errors that tell of people, pace or the window: no request could know them.
TOLD_LATER = (131026, 131047, 131049, 131050)


class FuzzedTown(Town):
    """A bot with its templates, whose requests come from another thread."""

    async def begin(self) -> None:
        for one in definitions("po_notification"):
            self.account.templates.create(completed(one))
        await super().begin()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await APP({**scope, "state": dict(self.state.by_name())}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.send(request)

    async def refused_by_meta(self) -> dict[int | None, int]:
        """Send all that was accepted; how many messages Meta refused, by the error."""
        await self.wait(timedelta(days=31).total_seconds())
        of = delivery.c
        query = select(of.error_code, func.count()).where(of.status == DeliveryStatus.FAILED.value)
        query = query.where(of.error_code.is_not(None), of.error_code.not_in(TOLD_LATER))
        rows = await self.database.submit(
            Transaction(lambda c, _: c.execute(query.group_by(of.error_code)).all())
        )
        return {row[0]: row[1] for row in rows}


class Caller:
    """Sends requests; the bot runs in a thread, since schemathesis may think for seconds."""

    def __init__(self, portal: BlockingPortal, town: FuzzedTown) -> None:
        self._portal = portal
        self._town = town
        self.statuses: Counter[int] = Counter()

    def answers_as_described(self, case: Any) -> None:
        """Send a case. Raise if the answer is a fault, or is not described."""
        answer = self._portal.call(self._town.answer, request_of(case))
        self.statuses[answer.status_code] += 1
        case.validate_response(answer)

    def refused_by_meta(self) -> dict[int | None, int]:
        """Send all that was accepted; how many messages Meta refused, by the error."""
        return self._portal.call(self._town.refused_by_meta)


@contextmanager
def calling(folder: Path) -> Iterator[Caller]:
    """Run a bot, with a key."""
    with start_blocking_portal() as portal:
        town = FuzzedTown(folder, notifications_requests_per_minute=0)
        portal.call(town.begin)
        try:
            yield Caller(portal, town)
        finally:
            portal.call(town.stop)


def request_of(case: Any) -> httpx.Request:
    """Return the request that a case stands for, with a key."""
    sent = case.as_transport_kwargs(base_url="http://bot")
    names = ("params", "headers", "json", "data", "content", "cookies")
    given = {name: sent[name] for name in names if sent.get(name) is not None}
    if "data" in given:
        given["content"] = given.pop("data")
    given["headers"] = {**given.get("headers", {}), "Authorization": f"Bearer {KEY}"}
    return httpx.Request(sent["method"], sent["url"], **given)


_parameters = st.lists(st.text(max_size=12), max_size=3) | st.dictionaries(
    st.sampled_from(["1", "2", "name"]), st.text(max_size=12), max_size=3
)
_people = st.integers(0, 999).map(lambda number: f"+57 300 200 {number:04}")
_likely_item = st.fixed_dictionaries(
    {
        "to": _people | st.sampled_from(["612 345 678", "+1", "0034612345678", "+57300"]),
        "template": st.fixed_dictionaries(
            {"name": st.sampled_from(["order_update", "order_update", "offer", "login", "order"])},
            optional={
                "language": st.sampled_from(["en", "es", "en_US"]),
                "parameters": _parameters | st.just(["Ana", "A-17"]),
                "buttons": st.dictionaries(st.sampled_from("019"), st.text(max_size=8), max_size=2),
                "header": st.fixed_dictionaries({"text": st.text(max_size=8)}),
            },
        ),
    },
    optional={
        "reference": st.text(min_size=1, max_size=8),
        "metadata": st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4)),
        "send_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
        "expires_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
        "category_expected": st.sampled_from(["UTILITY", "MARKETING"]),
        "text": st.text(max_size=8),
    },
)
#: Items that are good, or nearly so: what schemathesis makes seldom comes far.
_item = _likely_item | _people.map(order)
_body = st.fixed_dictionaries(
    {"items": st.lists(_item, min_size=1, max_size=3)},
    optional={
        "on_error": st.sampled_from(["partial", "all_or_nothing"]),
        "dry_run": st.booleans(),
        "defaults": st.fixed_dictionaries({"country": st.sampled_from(["ES", "CO"])}),
    },
)
_event_data = st.fixed_dictionaries(
    {
        "supplier_phone": _people | st.text(max_size=8),
        "supplier_name": st.text(max_size=8),
        "po_number": st.text(max_size=8) | st.integers(),
        "total_amount": st.floats(-1e9, 1e9) | st.decimals().map(str) | st.text(max_size=4),
    }
)


@st.composite
def likely_notifications(draw: st.DrawFn) -> Any:
    """Requests to send that are good, or nearly so."""
    headers = {"Idempotency-Key": draw(st.from_regex(r"[a-z0-9]{1,4}", fullmatch=True))}
    body: Any = draw(_body)
    return POST.Case(method="POST", headers=headers, body=body, media_type="application/json")


@st.composite
def likely_events(draw: st.DrawFn) -> Any:
    """Events that are good, or nearly so."""
    path = {"type": draw(st.sampled_from(["po.approved", "purchase_order.approved", "po"]))}
    query = {"dry_run": draw(st.booleans())}
    body: Any = {"id": draw(st.text(min_size=1, max_size=4)), "data": draw(_event_data)}
    return API[EVENTS]["post"].Case(
        method="POST", path_parameters=path, query=query, body=body, media_type="application/json"
    )


likely = likely_notifications()
if ("post", EVENTS) in ROUTES:
    likely = likely | likely_events()


@st.composite
def any_case(draw: st.DrawFn) -> Any:
    """Draw any request: half of them from what OpenAPI says, of all routes."""
    if draw(st.booleans()):
        return draw(likely)
    method, path = draw(st.sampled_from(ROUTES))
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return draw(API[path][method].as_strategy(draw(modes)))


def main(count: int, start: int) -> int:
    """Send so many requests; print what was answered."""
    logger.remove()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, calling(Path(folder)) as caller:

        @seed(start)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=any_case())
        def send(case: Any) -> None:
            caller.answers_as_described(case)

        send()
        refused = caller.refused_by_meta()
    counted = ", ".join(
        f"{status}: {number:,}" for status, number in sorted(caller.statuses.items())
    )
    print(f"{caller.statuses.total():,} requests in {time.monotonic() - began:.0f} s ({counted})")
    print(f"refused by Meta: {refused or 'none'}")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
