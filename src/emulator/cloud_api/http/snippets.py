"""Code that repeats an exchange: what the inspector copies as curl and as pytest."""

import json
import shlex
from collections.abc import Iterator
from pprint import pformat
from typing import Any

from emulator.cloud_api.config import Config
from emulator.cloud_api.http.guard import HIDDEN
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.traffic_log import Exchange

#: Codes of refusals that the body alone causes: the same body is refused again.
CAUSED_BY_BODY = frozenset(
    {33, 100, 131008, 131009, 131051, 131055, 132000, 132001, 132005, 132012, 132018}
)
WINDOW_CLOSED = 131047
MEDIA = ("image", "video", "audio", "document", "sticker")
#: Types of messages that a bot answers whatever was said before.
ANSWERED = frozenset({"text", "interactive"})
JSON_HEADER = "-H 'Content-Type: application/json'"

WEBHOOK_TEST = """\
from tests.fakes.bot import BotHarness

WEBHOOK = {body}
PEOPLE = {people}


async def test_the_bot_takes_the_webhook(town: BotHarness) -> None:
    for wa_id in PEOPLE:
        town.person(wa_id).wrote_at = town.clock.now
    status = await town.account.webhooks.repeat(WEBHOOK, PEOPLE)
    await town.settle()
    assert status == 200
"""
MESSAGE_TEST = """\
{imports}

async def test_meta_{outcome}_the_message(cloud_api: CloudApiDouble) -> None:
    message = {body}
{preparation}    answer = await cloud_api.http.post({path!r}, json=message)
{check}
"""


def as_curl(exchange: Exchange, account: Account) -> str:
    """Return a command for a POSIX shell that sends the request again."""
    body = shlex.quote(json.dumps(exchange.request))
    if exchange.kind == "webhook":
        secret = shlex.quote(account.config.app_secret)
        return "\n".join(
            (
                f"BODY={body}",
                f'SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac {secret}'
                " | sed 's/.*= //')",
                f"curl -X POST {shlex.quote(exchange.url)} {JSON_HEADER} "
                '-H "X-Hub-Signature-256: sha256=$SIGNATURE" -d "$BODY"',
            )
        )
    path = exchange.url.replace(f"_token={HIDDEN}", f"_token={account.config.access_token}")
    url = shlex.quote(account.config.base_url + path)
    token = shlex.quote(f"Authorization: Bearer {account.config.access_token}")
    command = f"curl -X {exchange.method} {url} -H {token}"
    if exchange.request is not None:
        return f"{command} {JSON_HEADER} -d {body}"
    if exchange.method == "POST":  # an upload: its file was not kept
        file = "file=hello;filename=hello.txt;type=text/plain"
        return f"{command} -F messaging_product=whatsapp -F {shlex.quote(file)}"
    return command


def can_be_test(exchange: Exchange) -> bool:
    """Tests are made of webhooks, and of messages to people."""
    is_message = exchange.url.endswith("/messages") and isinstance(exchange.request, dict)
    return exchange.kind == "webhook" or (exchange.kind == "graph" and is_message)


def as_pytest(exchange: Exchange, account: Account) -> str:
    """Return a file of tests that uses the fixtures of tests/conftest.py."""
    if exchange.kind == "webhook":
        return _webhook_test(exchange)
    code = _refusal_code(exchange)
    lines = [*_refusal_lines(exchange, account, code), *_success_lines(exchange, account, code)]
    imports = ["from emulator.cloud_api.testing import CloudApiDouble"]
    if any("Chaos(" in line for line in lines):
        imports.insert(0, "from emulator.cloud_api.state.chaos import Chaos")
    check = 'assert answer.json()["error"]["code"] == ' + str(code)
    return MESSAGE_TEST.format(
        imports="\n".join(imports) + "\n",
        outcome="takes" if code is None else "refuses",
        body=_literal(exchange.request, indent=4),
        preparation="".join(f"    {line}\n" for line in lines),
        path=exchange.url.replace(account.config.phone_number_id, Config().phone_number_id),
        check=f"    {'assert answer.status_code == 200, answer.text' if code is None else check}",
    )


def _webhook_test(exchange: Exchange) -> str:
    people = [one for one in exchange.wa_ids if one.isdecimal()]
    test = WEBHOOK_TEST.format(body=_literal(exchange.request), people=people)
    messages = [
        message
        for entry in exchange.request.get("entry", [])
        for change in entry["changes"]
        for message in change["value"].get("messages", [])
    ]
    writers = sorted({message["from"] for message in messages if "from" in message})
    if writers and ANSWERED.issuperset(message["type"] for message in messages):
        test += f"    assert all(town.replies(wa_id) for wa_id in {writers})\n"
    return test


def _refusal_code(exchange: Exchange) -> int | None:
    refusal = exchange.response if isinstance(exchange.response, dict) else {}
    return refusal["error"]["code"] if "error" in refusal else None


def _refusal_lines(exchange: Exchange, account: Account, code: int | None) -> Iterator[str]:
    """Statements after which the same body is refused with the same code."""
    person = account.people.known(exchange.request.get("to"), exchange.request.get("recipient"))
    if code == WINDOW_CLOSED and person is not None:
        yield f'cloud_api.account.people.get("{person.wa_id}").wrote_at = None'
    elif code is not None and code not in CAUSED_BY_BODY:
        yield f"cloud_api.account.fault_injector.set(Chaos(refuse=1, refuse_code={code}))"


def _success_lines(exchange: Exchange, account: Account, code: int | None) -> Iterator[str]:
    """Statements after which the body, whose ids are of another emulator, is taken."""
    if code is not None or not exchange.wa_ids:
        return
    message, [wa_id, *_] = exchange.request, exchange.wa_ids
    kind = message.get("type", "text")
    if kind == "template":
        name, language = message["template"]["name"], message["template"]["language"]["code"]
        found = account.templates.find(name, language)
        if found is not None and name != "hello_world":
            template = found.shown(account.clock())
            del template["id"], template["status"]
            yield f"cloud_api.add_template({_literal(template, indent=4)})"
    yield f'person = cloud_api.open_window("{wa_id}")'
    if "message_id" in message:
        yield 'heard = {"type": "text", "text": {"body": "hello"}}'
        yield 'message["message_id"] = cloud_api.account.say(person, heard)["id"]'
    if kind in MEDIA and "id" in message[kind]:
        file = account.files.get(message[kind]["id"])
        mime_type = file.mime_type if file else "image/png"
        yield f'message["{kind}"]["id"] = cloud_api.account.files.keep(b"", "{mime_type}")'


def _literal(value: Any, indent: int = 0) -> str:
    """Return Python source of a JSON value, whose further lines are indented."""
    return pformat(value, width=96 - indent, sort_dicts=False).replace("\n", "\n" + " " * indent)
