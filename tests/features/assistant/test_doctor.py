"""What `watch.py doctor` says of the model."""

import pytest
from tests.fakes.clinic import NOWHERE, Clinic, Run, only

from domain.checks import Result
from emulator.openai.testing import OpenAIDouble
from features.assistant import doctor as assistant


async def test_without_a_key_there_is_no_model(told: Run) -> None:
    code, found = await told("--live")
    assert (code, only(found, "assistant")[0]) == (0, "SKIP")


async def test_the_assistant_s_model(told: Run, clinic: Clinic, openai: OpenAIDouble) -> None:
    clinic.set("OPENAI_API_KEY", openai.state.key)
    clinic.set("OPENAI_BASE_URL", openai.url)
    clinic.set("OPENAI_MODEL", "emulated")
    code, found = await told("--live")
    assert (code, only(found, "assistant")[:2]) == (0, ("OK", "127.0.0.1 has emulated"))
    clinic.set("OPENAI_MODEL", "emulator")
    code, found = await told("--live")
    result, _, fix = only(found, "assistant")
    assert (code, result) == (0, "WARN")
    assert "emulated" in fix


@pytest.mark.parametrize(("status", "result"), [(401, "FAIL"), (429, "WARN"), (500, "FAIL")])
async def test_an_assistant_that_refuses(
    told: Run, clinic: Clinic, openai: OpenAIDouble, status: int, result: str
) -> None:
    clinic.set("OPENAI_API_KEY", openai.state.key)
    clinic.set("OPENAI_BASE_URL", openai.url)
    openai.trouble.refusal = status
    code, found = await told("--live")
    assert (code, only(found, "assistant")[0]) == (int(result == "FAIL"), result)


async def test_an_assistant_out_of_reach_or_of_another_kind(told: Run, clinic: Clinic) -> None:
    clinic.set("OPENAI_API_KEY", "sk-some-secret-key")
    clinic.set("OPENAI_BASE_URL", NOWHERE)
    code, found = await told("--live")
    assert (code, only(found, "assistant")[:2]) == (1, ("FAIL", "127.0.0.1 does not answer"))
    clinic.set("OPENAI_BASE_URL", f"{clinic.bot.url}/v1")
    code, found = await told("--live")
    assert (code, only(found, "assistant")[0]) == (0, "WARN")


def test_a_model_that_openai_does_not_have_fails() -> None:
    listed = ["gpt-5.6-luna", "gpt-transcribe"]
    found = assistant.judge_models(listed, "gpt-5.6-lunar", assistant.OPENAI)
    assert (found.result, "gpt-5.6-luna" in found.fix) == (Result.FAIL, True)
