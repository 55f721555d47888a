"""The model that transcribes."""

from tests.fakes.written_settings import load

from features.voice_notes.settings import VoiceNotesSettings


def test_voice_notes_can_be_left_unheard() -> None:
    default, none = load(), load(OPENAI_TRANSCRIPTION_MODEL="none")
    assert default.of(VoiceNotesSettings).openai_transcription_model == "gpt-transcribe"
    assert none.of(VoiceNotesSettings).openai_transcription_model == ""
