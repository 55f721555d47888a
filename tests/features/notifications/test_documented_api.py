"""With a key, every answer of the API is as OpenAPI describes it, whatever is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from tests.fakes.web import running_web
from tests.features.notifications.town import KEY

from features.notifications.routes import router

APP = FastAPI()
APP.include_router(router)
DOCUMENT = APP.openapi()
#: The key of the test takes the place of each one that schemathesis makes up; and what fits the
#: schema may be refused, since a template or a person may not allow it.
OFF = {check: {"enabled": False} for check in ("ignored_auth", "positive_data_acceptance")}
CONFIG = schemathesis.Config.from_dict({"checks": OFF})
API = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
POST = API["/api/v1/notifications"]["post"]
quiet = settings(max_examples=12, database=None, suppress_health_check=list(HealthCheck))


class Bot:
    """Runs in a thread of its own: schemathesis may think about a case for seconds."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def answers_as_described(self, case: Any) -> None:
        case.validate_response(self._portal.call(self._client.send, request_of(case)))


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    running = running_web(tmp_path, notifications_api_key=KEY)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running) as web:
        yield Bot(portal, web.client)


def request_of(case: Any) -> httpx.Request:
    """The request that a case stands for, with a key."""
    sent = case.as_transport_kwargs(base_url="http://bot")
    names = ("params", "headers", "json", "data", "content", "cookies")
    given = {name: sent[name] for name in names if sent.get(name) is not None}
    if "data" in given:
        given["content"] = given.pop("data")
    given["headers"] = {**given.get("headers", {}), "Authorization": f"Bearer {KEY}"}
    return httpx.Request(sent["method"], sent["url"], **given)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@seed(20261127)
@quiet
@given(data=st.data())
def test_what_fits_is_answered_as_described(
    bot: Bot, method: str, path: str, data: st.DataObject
) -> None:
    bot.answers_as_described(data.draw(API[path][method].as_strategy()))


@seed(20261127)
@quiet
@given(case=POST.as_strategy(GenerationMode.NEGATIVE))
def test_what_does_not_fit_is_answered_as_described(bot: Bot, case: Any) -> None:
    bot.answers_as_described(case)


def test_openapi_shows_the_models_and_that_a_key_is_needed() -> None:
    send = DOCUMENT["paths"]["/api/v1/notifications"]["post"]
    assert {"200", "202", "400", "401", "409", "413", "422", "429", "503"} <= send[
        "responses"
    ].keys()
    models = DOCUMENT["components"]["schemas"]
    assert {"NotificationRequest", "BatchResult", "DryRunResult", "ErrorResponse"} <= models.keys()
    assert send["security"] == [{"HTTPBearer": []}]
    assert send["tags"] == ["notifications"]
    assert "HTTPValidationError" not in models
