"""The code that the inspector copies runs as it is."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes.dev_server import SOURCE

from emulator.cloud_api.state.chaos import Chaos
from emulator.cloud_api.testing import ANA, CloudApiDouble

HERE = "http://127.0.0.1"
TEXT = {"body": "hello"}


class Inspector:
    """The page's requests, as a browser on this machine makes them."""

    def __init__(self, meta: CloudApiDouble) -> None:
        self.meta = meta
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(meta.app), base_url=HERE)

    async def copy(self, kind: str, number: int | None = None) -> str:
        """The code of an exchange, by default of the last."""
        number = number or self.meta.account.traffic_log.all()[-1]["number"]
        answer = await self.http.get(f"/emulator/exchanges/{number}/{kind}")
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def inspector(cloud_api: CloudApiDouble) -> Inspector:
    return Inspector(cloud_api)


async def output_of(*command: str) -> str:
    """What a program prints, run from the root of the project."""
    root = SOURCE.parent
    program = await asyncio.create_subprocess_exec(
        *command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), str(root)])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await program.communicate()
    return output.decode()


async def send_everything(inspector: Inspector) -> dict[str, str]:
    """Tests of messages that Meta takes, and of others that it refuses, by a name."""
    meta, copied = inspector.meta, {}
    account = meta.account
    other = account.people.get("4915112345678")

    async def copy(name: str, kind: str, content: Any, **more: Any) -> None:
        await meta.send(kind, content, **more)
        copied[name] = await inspector.copy("pytest")

    await copy("text", "text", {"body": 'it\'s "quoted"\nand ünïcode'})
    await copy("empty", "text", {"body": ""})
    await copy("closed", "text", TEXT, to=f"+{other.wa_id}")
    other.wrote_at = meta.clock.now
    await copy("by_user_id", "text", TEXT, to=None, recipient=other.user_id)
    await copy("image", "image", {"id": account.files.keep(b"png", "image/png")})
    await copy("unknown_image", "image", {"id": "1"})
    await copy("no_template", "template", {"name": "order", "language": {"code": "en"}})
    body = [{"type": "BODY", "text": "Order {{1}}."}]
    meta.add_template(
        {"name": "order", "language": "en", "category": "UTILITY", "components": body}
    )
    values = [{"type": "body", "parameters": [{"type": "text", "text": "12"}]}]
    order = {"name": "order", "language": {"code": "en"}, "components": values}
    await copy("template", "template", order)
    account.fault_injector.set(Chaos(error_130429=1))
    await copy("too_fast", "text", TEXT)
    account.fault_injector.set(Chaos())
    heard = account.say(meta.open_window(ANA), {"type": "text", "text": TEXT})
    path = f"/v25.0/{meta.config.phone_number_id}/messages"
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": heard["id"]}
    await meta.http.post(path, json=read)
    copied["read"] = await inspector.copy("pytest")
    return copied


async def receive_everything(inspector: Inspector) -> dict[str, str]:
    """Tests of webhooks, by a name."""
    meta, copied = inspector.meta, {}
    person = meta.account.people.get("15551234567")
    reply = {"type": "button_reply", "button_reply": {"id": "home.menu", "title": "Menu"}}
    for name, content in {
        "hello": {"type": "text", "text": TEXT},
        "tap": {"type": "interactive", "interactive": reply},
    }.items():
        meta.account.say(person, content)
        await meta.account.webhooks.idle()
        copied[name] = await inspector.copy("pytest")
    await meta.send("text", TEXT, to=f"+{person.wa_id}")
    await meta.statuses()
    copied["status"] = await inspector.copy("pytest")
    return copied


async def test_copied_tests_pass_with_the_fixtures_of_the_project(
    inspector: Inspector, tmp_path: Path
) -> None:
    copied = await send_everything(inspector) | await receive_everything(inspector)
    for name, code in copied.items():
        (tmp_path / f"test_{name}.py").write_text(code)
    root = SOURCE.parent
    done = await output_of(
        *[sys.executable, "-m", "pytest", "-q", "-c", str(root / "pyproject.toml")],
        *["--rootdir", str(root), "-p", "tests.conftest", "-p", "no:cacheprovider"],
        str(tmp_path),
    )
    assert f"{len(copied)} passed" in done, done


async def test_other_calls_make_no_test(inspector: Inspector) -> None:
    await inspector.meta.http.get(f"/v25.0/{inspector.meta.config.phone_number_id}?fields=id")
    answer = await inspector.http.get("/emulator/exchanges/1/pytest")
    assert (answer.status_code, "Only webhooks" in answer.text) == (404, True)
    assert (await inspector.copy("curl")).startswith(
        "curl -X GET 'http://127.0.0.1:5001/v25.0/100000000000001?fields=id' -H "
    )


async def test_the_secrets_of_a_command_are_for_this_machine_only(inspector: Inspector) -> None:
    await inspector.meta.send("text", TEXT)
    assert "dev-access-token" in await inspector.copy("curl")
    elsewhere = await inspector.meta.http.get("/emulator/exchanges/1/curl")
    assert (elsewhere.status_code, "dev-access-token" in elsewhere.text) == (403, False)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs a POSIX shell")
async def test_quotes_in_a_message_survive_the_shell(inspector: Inspector) -> None:
    text = 'it\'s "quoted" $HOME `date` \\ ünïcode'
    await inspector.meta.send("text", {"body": text})
    command = await inspector.copy("curl")
    show = f'curl() {{ printf "%s\\0" "$@"; }}\n{command}'
    shown = await output_of("bash", "-c", show)
    assert json.loads(shown.split("\0")[-2])["text"]["body"] == text
