"""Where a caller speaks."""

from array import array
from collections.abc import Iterable

import pytest

pytest.importorskip("av", reason="needs the extra calls: aiortc")

from features.calls.engine.vad import END_FRAMES, Change, SpeechDetector

FRAME_SAMPLES = 480


def frames(volume: int, count: int) -> Iterable[bytes]:
    """Return frames whose samples are as loud as this."""
    return [array("h", [volume, -volume, -volume, volume] * (FRAME_SAMPLES // 4)).tobytes()] * count


def changes(detector: SpeechDetector, *sounds: tuple[int, int]) -> list[Change]:
    found = [detector.look(one) for volume, count in sounds for one in frames(volume, count)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    ("sounds", "found"),
    [
        ([(20, 100)], []),
        ([(2000, 2), (20, 50)], []),
        ([(20, 20), (2000, 20), (20, END_FRAMES - 1)], [Change.STARTED]),
        ([(20, 20), (2000, 20), (20, END_FRAMES)], [Change.STARTED, Change.STOPPED]),
        ([(2000, 20), (20, 10), (2000, 20), (20, 60)], [Change.STARTED, Change.STOPPED]),
        ([(250, 200), (2000, 20), (250, 60)], [Change.STARTED, Change.STOPPED]),
        ([(2000, 3100)], [Change.STARTED, Change.STOPPED]),
    ],
)
def test_speech_is_found(sounds: list[tuple[int, int]], found: list[Change]) -> None:
    assert changes(SpeechDetector(), *sounds)[:2] == found


def test_a_turn_has_what_was_said_from_its_very_start() -> None:
    detector = SpeechDetector()
    changes(detector, (20, 30), (2000, 10), (20, 40))
    assert len(detector.take_turn()) == (12 + 3 + 7 + END_FRAMES) * FRAME_SAMPLES * 2


def test_a_click_is_no_turn() -> None:
    detector = SpeechDetector()
    assert changes(detector, (20, 30), (2000, 4), (20, 40)) == [Change.STARTED, Change.STOPPED]
    assert detector.take_turn() == b""


def test_a_noise_that_stays_becomes_the_background() -> None:
    detector = SpeechDetector()
    changes(detector, (700, 6000))
    assert changes(detector, (700, 500)) == []
    assert changes(detector, (6000, 20))[:1] == [Change.STARTED]
