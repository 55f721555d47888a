"""A disk that fails while Airtable calls."""

import base64
import hashlib
import hmac
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.captured_log import captured_log
from tests.fakes.disk_faults import Disk, any_disk
from tests.fakes.web import running_web

from features.airtable.feature import Airtable


@pytest.fixture
def disk() -> Iterator[Disk]:
    with any_disk() as disk:
        yield disk


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_log() as log:
        yield log


SECRET = b"what Airtable signs with"
OPERATORS = {
    "airtable_api_key": "pat",
    "airtable_base_id": "app12345678901234",
    "airtable_api_url": "http://127.0.0.1:1",
}


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    digest = hmac.digest(secret, body, hashlib.sha256).hex()
    return {"X-Airtable-Content-MAC": f"hmac-sha256={digest}"}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the database was asked for the secret."""
    looked: list[str] = []

    async def state(self: Airtable) -> Mapping[str, Any]:
        looked.append(self.lane)
        return {"webhook": {"secret": base64.b64encode(SECRET).decode()}}

    monkeypatch.setattr(Airtable, "_lane_state", state)
    return looked


async def test_airtable_is_told_to_come_again(
    tmp_path: Path, disk: Disk, log: io.StringIO, looks: list[str]
) -> None:
    async with running_web(tmp_path, **OPERATORS) as web:
        disk.become(Disk(is_read_only=True))
        call = web.client.build_request(
            "POST", "/airtable/webhook", content=b"{}", headers=signed(b"{}")
        )
        assert (await web.client.send(call)).status_code == 503
        disk.become(Disk())
        assert (await web.client.send(call)).status_code == 204


async def test_calls_that_airtable_did_not_sign_cost_the_database_nothing(
    tmp_path: Path, looks: list[str]
) -> None:
    async with running_web(tmp_path, **OPERATORS) as web:
        for headers in (*[{}, {"X-Airtable-Content-MAC": "hmac-sha256=0"}] * 20,):
            answer = await web.client.post("/airtable/webhook", content=b"{}", headers=headers)
            assert answer.status_code == 403
        assert looks == []
        for _ in range(20):
            forged = signed(b"{}", b"a guess")
            answer = await web.client.post("/airtable/webhook", content=b"{}", headers=forged)
            assert answer.status_code == 403
        assert len(looks) < 10
        answer = await web.client.post("/airtable/webhook", content=b"x" * 20_000)
        assert answer.status_code == 413
