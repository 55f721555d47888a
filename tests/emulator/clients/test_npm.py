"""Clients of the Cloud API for Node.js against the emulator: whatsapp-api-js, and that of kapso.

`.ci/run` installs them in `.local/npm`; without them, these tests are skipped.
"""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from asyncio import to_thread
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta
from emulator.loopback import LoopbackServer

ROOT = Path(__file__).parents[3]
INSTALLED = ROOT / ".local/npm"
CALLS = Path(__file__).parent / "npm"
NODE = shutil.which("node")


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        NODE is None or not (INSTALLED / "node_modules" / package).is_dir(),
        reason=f"needs Node.js, and {package} in .local/npm: see .ci/run",
    )


async def told(meta: Meta) -> list[dict[str, str]]:
    """Return the webhooks so far, each with its signature."""
    await meta.account.webhooks.idle()
    found = [one["request"] for one in meta.account.traffic_log.all() if one["kind"] == "webhook"]
    bodies = [json.dumps(one) for one in found]
    secret = meta.config.app_secret.encode()
    return [
        {
            "body": one,
            "signature": f"sha256={hmac.digest(secret, one.encode(), hashlib.sha256).hex()}",
        }
        for one in bodies
    ]


async def calls(meta: Meta, script: str) -> dict[str, Any]:
    """Run the calls; return what they answered, and what the client heard."""
    server = LoopbackServer(meta.app)
    await server.start()
    environment = {
        **os.environ,
        "EMULATOR": server.url,
        "TOKEN": meta.config.access_token,
        "SECRET": meta.config.app_secret,
        "NUMBER": meta.config.phone_number_id,
        "ACCOUNT": meta.config.business_account_id,
        "TO": ANA,
        "WEBHOOKS": json.dumps(await told(meta)),
    }
    done = await to_thread(
        subprocess.run,
        [str(NODE), "--input-type=module"],
        input=(CALLS / script).read_text("utf-8"),
        cwd=INSTALLED,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    await server.stop()
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@needs("whatsapp-api-js")
async def test_a_client_for_node_sends_reads_and_hears(cloud_api: Meta) -> None:
    path = f"/emulator/contacts/{ANA}/messages"
    await cloud_api.http.post(path, json={"text": "hi"})
    made = await calls(cloud_api, "whatsapp_api_js.js")
    answers = made["answers"]
    for kind in ("text", "buttons", "list", "link", "place", "template", "image"):
        assert answers[kind]["messages"][0]["id"].startswith("wamid."), kind
    assert answers["unknown"]["error"]["code"] == 132001
    assert answers["fetched"]["mime_type"] == "image/png"
    assert [one["code"] for one in answers["codes"]["data"]] == [answers["code"]["code"]]
    assert answers["code"]["qr_image_url"]
    assert answers["blocked"]["block_users"]["added_users"][0]["wa_id"] == ANA
    assert answers["unblocked"]["block_users"]["removed_users"][0]["wa_id"] == ANA
    assert made["heard"] == ["hi"]
    assert len(cloud_api.sent_to(ANA)) == 7


@needs("@kapso/whatsapp-cloud-api")
async def test_the_client_of_kapso_sends_reads_and_hears(cloud_api: Meta) -> None:
    path = f"/emulator/contacts/{ANA}/messages"
    await cloud_api.http.post(path, json={"text": "hi"})
    made = await calls(cloud_api, "kapso.js")
    answers = made["answers"]
    sent = ("text", "image", "buttons", "list", "link", "carousel", "place")
    for kind in (*sent, "contacts", "template"):
        assert answers[kind]["messages"][0]["id"].startswith("wamid."), kind
    assert len(cloud_api.sent_to(ANA)) == 9
    assert answers["unknown"]["code"] == 132001
    assert [one["name"] for one in answers["templates"]["data"]]
    assert answers["made"]["status"] == "PENDING"
    assert answers["gone"]["success"]
    assert answers["profile"]["data"][0]["about"] == "Plants"
    assert answers["flows"]["code"] == 100  # flows are not emulated
    assert answers["read"]["success"]
    assert made["heard"] == ["hi"]
    # This client keeps the token from the URL of a file unless told otherwise; Meta asks for it.
    with_token, without = answers["withToken"], answers["withoutToken"]
    assert with_token == {"status": 200, "bytes": [*b"\x89PNG\r\n\x1a\n\x01\x02\x03"]}
    assert without["status"] == 401
    assert "Authorization" in without["bytes"]["error"]["error_data"]["details"]
