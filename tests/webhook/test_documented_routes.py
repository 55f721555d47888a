"""What OpenAPI says of our routes holds, whatever fits their description or does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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
from tests.fakes.bot import make_settings
from tests.fakes.web import Web, running_web, sign

from app import main
from app.main import create_app
from schemas.webhook_schema import WebhookMessage

EXAMPLES = 30
#: each takes schemathesis half a second
ODD_EXAMPLES = 8

Case = schemathesis.Case[Any]
OK, ERROR = (
    {"type": "object", "properties": {"status": {"const": status}}, "required": ["status"]}
    for status in ("ok", "error")
)


def in_json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def description() -> dict[str, Any]:
    """Of all routes, and of a webhook all that Meta sends, though whatever is JSON is taken."""
    document: dict[str, Any] = create_app(make_settings()).openapi()
    model = WebhookMessage.model_json_schema(ref_template="#/components/schemas/{model}")
    document.setdefault("components", {}).setdefault("schemas", {}).update(model.pop("$defs"))
    webhook = document["paths"]["/webhook"]["post"]
    webhook["requestBody"]["content"] = in_json(model)
    for status, response in webhook["responses"].items():
        response["content"] = in_json(OK if status == "200" else ERROR)
    return document


#: what does not fit a model is kept all the same
LENIENT = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"enabled": False}}})
DOCUMENT = description()
API = schemathesis.openapi.from_dict(DOCUMENT, config=LENIENT)
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator["Bot"]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running_web(tmp_path)) as web,
    ):
        yield Bot(portal, web)


@dataclass(frozen=True, slots=True)
class Bot:
    """Runs in a thread of its own: schemathesis may think about a case for seconds."""

    portal: BlockingPortal
    web: Web

    def answer(self, case: Case) -> httpx.Response:
        return self.portal.call(self.web.client.send, request_of(case))


@pytest.mark.parametrize(("method", "path"), ROUTES)
@seed(20261121)
@settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_answer_is_as_described(
    bot: Bot, method: str, path: str, data: st.DataObject
) -> None:
    case = data.draw(API[path][method].as_strategy())
    case.validate_response(bot.answer(case))


@seed(20261121)
@settings(max_examples=ODD_EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
@given(case=API["/webhook"]["post"].as_strategy(GenerationMode.NEGATIVE))
def test_what_does_not_fit_its_description_is_answered_as_described(bot: Bot, case: Case) -> None:
    case.validate_response(bot.answer(case))


def request_of(case: Case) -> httpx.Request:
    """The request that a case stands for, signed as Meta signs."""
    given = case.as_transport_kwargs(base_url="http://bot")
    raw = json.dumps(given["json"]).encode() if "json" in given else given.get("data") or b""
    raw = raw.encode() if isinstance(raw, str) else raw
    headers = {**given["headers"], "X-Hub-Signature-256": sign(raw)}
    return httpx.Request(
        given["method"], given["url"], params=given["params"], headers=headers, content=raw
    )


def test_the_application_has_the_name_of_tutorials(monkeypatch: pytest.MonkeyPatch) -> None:
    made = FastAPI()
    monkeypatch.setattr(main, "create_app", lambda: made)
    monkeypatch.delattr(main, "app", raising=False)
    assert main.app is made
    assert main.app is made
    monkeypatch.delitem(vars(main), "app")
    with pytest.raises(AttributeError):
        main.application  # noqa: B018
