"""What `watch.py doctor` says of voice notes."""

from tests.fakes.clinic import Clinic, Run, only

from domain.checks import Result
from features.voice_notes.doctor import voice_extra


async def test_voice_notes_of_older_phones() -> None:
    assert (await voice_extra(is_there=True, hears=True)).result is Result.OK
    assert (await voice_extra(is_there=False, hears=True)).result is Result.WARN
    assert (await voice_extra(is_there=False, hears=False)).result is Result.SKIP


async def test_without_a_model_nothing_is_needed(told: Run) -> None:
    assert only((await told())[1], "extras")[0] == "SKIP"


async def test_a_model_that_transcribes_needs_a_package(told: Run, clinic: Clinic) -> None:
    clinic.set("OPENAI_API_KEY", "sk-some-secret-key")
    assert only((await told())[1], "extras")[0] == "OK"
