"""The client that a plain script gets from its environment."""

import asyncio
import inspect
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from emulator.cloud_api.testing import ANA, CloudApiDouble
from emulator.loopback import LoopbackServer
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.from_environment import (
    cloud_api_from_environment,
    script_environment,
)
from services.whatsapp_service import WhatsAppService

SOURCE = Path(__file__).parents[2] / "src"
ONE_MESSAGE = f"""
import asyncio
from services.whatsapp_service import WhatsAppService

asyncio.run(WhatsAppService.send_message(to="+{ANA}", body="one"))
"""
TWO_LOOPS = f"""
import asyncio
from services.whatsapp_service import WhatsAppService

async def main():
    await WhatsAppService.send_message("+{ANA}", "two")
    await WhatsAppService.close()
    await WhatsAppService.send_message("+{ANA}", "three")

asyncio.run(WhatsAppService.send_message("+{ANA}", "one"))
asyncio.run(main())
"""
TOKEN_NAMES = ["WP_ACCESS_TOKEN", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TOKEN", "WHATSAPP_API_KEY"]


def read(environment: dict[str, str]) -> CloudApi:
    return cloud_api_from_environment(environment, httpx.AsyncClient())


@pytest.fixture
async def meta_url(cloud_api: CloudApiDouble) -> AsyncIterator[str]:
    """The address of the emulated Cloud API, on a port of this machine."""
    server = LoopbackServer(cloud_api.app)
    await server.start()
    yield server.url
    await server.stop()


async def run_script(folder: Path, script: str, **environ: str) -> tuple[int | None, str]:
    """Run a script from `folder`; return its exit code and what it wrote to standard error."""
    inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "default", "-c", script),
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(SOURCE), **environ},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


@pytest.mark.parametrize("token_name", TOKEN_NAMES)
@pytest.mark.parametrize("phone_name", ["WP_PHONE_ID", "WHATSAPP_PHONE_NUMBER_ID"])
def test_every_name_of_a_setting_is_read(token_name: str, phone_name: str) -> None:
    api = read({token_name: "secret", phone_name: "106"})

    assert api.phone_number_id == "106"


def test_the_first_name_wins() -> None:
    environment = {"WP_ACCESS_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "2", "WP_PHONE_ID": "1"}

    assert read(environment).phone_number_id == "1"


@pytest.mark.parametrize(
    ("environment", "missing"),
    [({"WP_PHONE_ID": "1"}, "WP_ACCESS_TOKEN"), ({"WP_ACCESS_TOKEN": "secret"}, "WP_PHONE_ID")],
)
def test_what_is_missing_is_named_and_what_is_there_is_not_shown(
    environment: dict[str, str], missing: str
) -> None:
    with pytest.raises(EnvironmentError, match=missing) as failed:
        read(environment)

    assert "secret" not in str(failed.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WP_PHONE_ID=1\nWP_ACCESS_TOKEN=of-the-file\n")

    assert script_environment(file, {"WP_PHONE_ID": "2"}) == {
        "WP_PHONE_ID": "2",
        "WP_ACCESS_TOKEN": "of-the-file",
    }


async def test_one_line_sends_a_message_with_the_settings_of_a_file(
    cloud_api: CloudApiDouble, meta_url: str, tmp_path: Path
) -> None:
    config = cloud_api.config
    (tmp_path / ".env").write_text(
        f"WP_ACCESS_TOKEN={config.access_token}\nWP_PHONE_ID={config.phone_number_id}\n"
        f"GRAPH_API_URL={meta_url}\n"
    )

    assert await run_script(tmp_path, ONE_MESSAGE) == (0, "")
    assert [one["text"]["body"] for one in cloud_api.sent_to(ANA)] == ["one"]


async def test_each_event_loop_of_a_script_closes_what_it_opened(
    cloud_api: CloudApiDouble, meta_url: str, tmp_path: Path
) -> None:
    config = cloud_api.config
    environ = {
        "WP_ACCESS_TOKEN": config.access_token,
        "WP_PHONE_ID": config.phone_number_id,
        "GRAPH_API_URL": meta_url,
    }

    assert await run_script(tmp_path, TWO_LOOPS, **environ) == (0, "")
    assert [one["text"]["body"] for one in cloud_api.sent_to(ANA)] == ["one", "two", "three"]


async def test_a_script_without_a_token_learns_its_name(tmp_path: Path) -> None:
    code, errors = await run_script(tmp_path, ONE_MESSAGE)

    assert code == 1
    assert "Missing required environment variable: WP_ACCESS_TOKEN" in errors


def test_methods_of_the_class_are_coroutine_functions() -> None:
    assert inspect.iscoroutinefunction(WhatsAppService.send_message)
    assert list(inspect.signature(WhatsAppService.send_message).parameters) == [
        "to",
        "body",
        "message_id",
    ]
