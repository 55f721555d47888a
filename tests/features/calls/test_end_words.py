"""Why a call ended, as operators read it: words that say what helps, and never a code."""

from pathlib import Path

import pytest
from tests.features.calls.phone import CallTown

from features.calls.call_notes import note_of
from features.calls.end_words import EARLY
from features.calls.job_specs import EndedJob
from features.calls.states import End
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn


async def note(town: CallTown, ended: EndedJob, language: str = "en") -> str:
    number, now = town.settings.wp_phone_id, town.bot.parts.clock()
    user = await town.user()
    turn = ConversationTurn(user, number, ConversationState(), language, now)
    return note_of(town.bot.parts.context, turn, ended)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
async def test_every_end_has_words_in_every_note(tmp_path: Path, language: str) -> None:
    town = CallTown(tmp_path)
    await town.start()
    await town.say("hi")
    for end in End:
        for seconds in (0, 12):
            for is_outgoing in (False, True):
                body = EndedJob(
                    call="wacid.A", end=end, at=0, seconds=seconds, is_outgoing=is_outgoing
                )
                shown = await note(town, body, language)
                assert "_" not in shown
                assert shown.startswith("📞 ")
                assert shown.endswith(".")
                has_reason = (seconds == 0 and not is_outgoing) or end in EARLY
                assert (": " in shown) >= has_reason, shown
    await town.stop()


async def test_a_code_of_meta_is_told_by_what_it_means(tmp_path: Path) -> None:
    town = CallTown(tmp_path)
    await town.start()
    await town.say("hi")
    failed = EndedJob(call="wacid.A", end=End.FAILED, at=0, error=138013, is_outgoing=True)
    assert "may not call this country: send a button" in await note(town, failed)
    unknown = failed.model_copy(update={"error": 138999})
    assert "something went wrong" in await note(town, unknown)
    assert "(Meta's code 138999)" in await note(town, unknown)
    broken = EndedJob(call="wacid.A", end=End.LOST, at=0, seconds=12)
    early = "It ended early: the phone lost its connection; write, or call again."
    assert await note(town, broken) == f"📞 Voice call of 12 s. {early}"
    await town.stop()
