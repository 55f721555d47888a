"""A disk that fails while Airtable calls."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.captured_log import captured_log
from tests.fakes.disk_faults import Disk, any_disk
from tests.fakes.web import running_web


@pytest.fixture
def disk() -> Iterator[Disk]:
    with any_disk() as disk:
        yield disk


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_log() as log:
        yield log


async def test_airtable_is_told_to_come_again(tmp_path: Path, disk: Disk, log: io.StringIO) -> None:
    operators = {"airtable_api_key": "pat", "airtable_base_id": "app12345678901234"}
    away = {"airtable_api_url": "http://127.0.0.1:1"}
    async with running_web(tmp_path, **operators, **away) as web:
        disk.become(Disk(is_read_only=True))
        assert (await web.client.post("/airtable/webhook", content=b"{}")).status_code == 503
        disk.become(Disk())
        assert (await web.client.post("/airtable/webhook", content=b"{}")).status_code == 403
