"""What holds for every test."""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.testing import CloudApiDouble
from emulator.openai.testing import OpenAIDouble
from utils.started_from import NAME

# Of `watch.py test`: in a test, files are meant from where the test stands.
os.environ.pop(NAME, None)

# How fast a machine draws examples says nothing about the code: busy ones are slow.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
async def cloud_api() -> AsyncIterator[CloudApiDouble]:
    """Meta's Cloud API, inside the test."""
    double = CloudApiDouble()
    yield double
    await double.close()


@pytest.fixture
async def airtable() -> AsyncIterator[AirtableDouble]:
    """Airtable's Web API, on a port of this machine."""
    double = AirtableDouble()
    await double.start()
    yield double
    await double.stop()


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIDouble]:
    """OpenAI's API, on a port of this machine."""
    double = OpenAIDouble()
    await double.start()
    yield double
    await double.stop()
