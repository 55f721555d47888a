"""When a direct call tries again: only where Meta certainly took nothing."""

import httpx
import pytest
from tests.fakes.recording_meta import TO, RecordingMeta, accepted, refused, service_at

from schemas.cloud_api_schema import TextMessage
from services.clients.cloud_api.errors import Rejected, Throttled, Unavailable


class Naps:
    """A sleep that takes no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


async def test_a_throttled_message_is_sent_after_the_wait_that_meta_names(naps: Naps) -> None:
    meta = RecordingMeta(refused(130429, 429, retry_after="3"), accepted())

    sent = await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert sent.message_id == "wamid.sent"
    assert naps.seconds == [3]


async def test_it_gives_up_after_three_attempts(naps: Naps) -> None:
    meta = RecordingMeta(refused(130429))

    with pytest.raises(Throttled):
        await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert len(meta.bodies) == 3


async def test_it_waits_for_ten_seconds(naps: Naps) -> None:
    meta = RecordingMeta(refused(130429, retry_after="10"), accepted())

    await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert naps.seconds == [10]


async def test_it_does_not_wait_for_longer(naps: Naps) -> None:
    meta = RecordingMeta(refused(130429, retry_after="11"), accepted())

    with pytest.raises(Throttled):
        await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert naps.seconds == []


@pytest.mark.parametrize("code", [131047, 131026, 100, 190])
async def test_a_rejected_message_is_sent_once(code: int, naps: Naps) -> None:
    meta = RecordingMeta(refused(code))

    with pytest.raises(Rejected):
        await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert len(meta.bodies) == 1


@pytest.mark.parametrize("answer", [httpx.Response(502), refused(131000, 500), refused(2, 503)])
async def test_a_message_that_may_have_gone_is_sent_once(
    answer: httpx.Response, naps: Naps
) -> None:
    meta = RecordingMeta(answer)

    with pytest.raises(Unavailable):
        await service_at(meta, sleep=naps).send_message(TO, "hi")

    assert len(meta.bodies) == 1


async def test_deliver_tries_once_for_callers_that_retry_themselves(naps: Naps) -> None:
    meta = RecordingMeta(refused(130429), accepted())

    with pytest.raises(Throttled):
        await service_at(meta, sleep=naps).deliver(TextMessage(body="hi"), to=TO)

    assert len(meta.bodies) == 1
