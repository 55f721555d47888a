"""In these tests the emulator itself is what is tested."""

import pytest

from emulator.cloud_api.testing import CloudApiDouble


@pytest.fixture
def meta(cloud_api: CloudApiDouble) -> CloudApiDouble:
    return cloud_api
