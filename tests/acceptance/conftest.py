"""A development server for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.dev_server import DevServer


@pytest.fixture
def dev_server(tmp_path: Path) -> Iterator[DevServer]:
    dev_server = DevServer(tmp_path)
    yield dev_server
    dev_server.close()
