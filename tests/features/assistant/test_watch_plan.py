"""watch.py emulates the assistant's model."""

from pathlib import Path

import pytest

from app.development.banner import welcome
from app.development.plan import Plan, make_plan
from config.env import SettingsError
from features.assistant.settings import AssistantSettings

NO_FILE = Path("there-is-no-such-file")
REAL = {
    "WP_PHONE_ID": "1",
    "WEBHOOK_VERIFY_TOKEN": "words",
    "WHATSAPP_APP_SECRET": "signing",
}


def plan(env_file: Path = NO_FILE, /, **environ: str) -> Plan:
    return make_plan({"HOST": "127.0.0.1", **environ}, env_file)


def test_a_model_is_emulated_where_it_is_wanted_and_no_other_is_given() -> None:
    assert plan().settings.of(AssistantSettings).openai_api_key is None
    made = make_plan({"HOST": "127.0.0.1"}, NO_FILE, with_assistant=True)
    assert made.emulator is not None
    assert made.bot.environment["OPENAI_BASE_URL"] == f"{made.emulator.url}/openai/v1"
    assert "embedded emulator" in welcome(made).splitlines()[2]
    given = {"HOST": "127.0.0.1", "OPENAI_API_KEY": "sk-real"}
    real = make_plan(given, NO_FILE, with_assistant=True)
    assert "OPENAI_BASE_URL" not in real.bot.environment
    with pytest.raises(SettingsError, match="real people need a real model"):
        make_plan({**REAL, "WP_ACCESS_TOKEN": "EAAtoken"}, NO_FILE, with_assistant=True)
