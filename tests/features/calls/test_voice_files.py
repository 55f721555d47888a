"""The files of spoken lines say what the texts say today, and are found."""

from pathlib import Path

import pytest

pytest.importorskip("av", reason="needs the extra calls: aiortc")

from features.calls.end_words import load_texts
from features.calls.engine.opus import OpusEncoder, is_whole_frame, read_recording, write_recording
from features.calls.engine.speech import VOICE, Espeak, Files, Speaker
from features.calls.protocol import Line
from features.calls.voice_files import home_menus, lines_of

LANGUAGES = ("en", "es", "pt")


@pytest.mark.own_flows
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_line_has_a_file_that_says_it(language: str) -> None:
    lines = lines_of(load_texts(), language, home_menus())
    named = {one.stem for one in (VOICE / language).glob("*.opus")}
    assert named == {*lines.values()}, "the lines have changed: run `python3 watch.py calls voice`"
    speaker = Speaker(Files(), None)
    for text in lines:
        packets = await speaker.speak(Line(text=text, language=language))
        assert len(packets) > 50, text
        assert all(map(is_whole_frame, packets))


async def test_a_recording_of_a_person_goes_before_files_and_old_files_are_not_played(
    tmp_path: Path,
) -> None:
    def file(name: str, seconds: int) -> None:
        encoder = OpusEncoder()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_recording(path, [*encoder.encode(bytes(48_000 * seconds)), *encoder.finish()])

    async def length(text: str, key: str | None = None) -> int:
        """A new speaker each time: nothing is kept."""
        line = Line(text=text, language="es-MX", key=key)
        return round(len(await Speaker(Files(tmp_path), None).speak(line)) / 50)

    (tmp_path / "es").mkdir()
    (tmp_path / "es/lines.toml").write_text('"¡Hola!" = "greeting.opus"\n')
    file("es/greeting.opus", 1)
    assert await length("¡Hola!", "calls.greeting") == 1
    assert await length("¡Buenas!", "calls.greeting") == 0
    file("recorded/es/calls.greeting.ogg", 2)
    assert await length("¡Hola!", "calls.greeting") == 2
    assert await length("¡Hola!", "../../es/greeting") == 1
    assert await length("Otra", "../../es/greeting") == 0


async def test_a_program_that_is_gone_or_silent_is_no_voice(tmp_path: Path) -> None:
    line = Line(text="Good morning", language="en")
    for program in (tmp_path / "gone", Path("/bin/true"), Path("/bin/false")):
        assert await Speaker(Files(tmp_path), Espeak(str(program))).speak(line) == ()


def test_other_recordings_become_packets_of_20_ms(tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(44_100 * 4))
    packets = read_recording(tmp_path / "one.wav")
    assert 50 <= len(packets) <= 52
    assert all(map(is_whole_frame, packets))
    with pytest.raises(ValueError, match="no recording"):
        read_recording(b"nothing to hear")
