"""watch.py emulates Airtable."""

from pathlib import Path

from app.development.plan import Plan, make_plan
from features.airtable.settings import AirtableSettings

NO_FILE = Path("there-is-no-such-file")


def plan(env_file: Path = NO_FILE, /, **environ: str) -> Plan:
    return make_plan({"HOST": "127.0.0.1", **environ}, env_file)


def test_airtable_is_emulated_unless_there_is_a_token_of_it() -> None:
    emulated = plan()
    assert emulated.emulator is not None
    assert emulated.settings.of(AirtableSettings).is_enabled
    url = emulated.bot.environment["AIRTABLE_API_URL"]
    assert url == f"{emulated.emulator.url}/airtable-api"
    assert emulated.bot.environment["AIRTABLE_WEBHOOK_URL"].startswith(emulated.bot.url)
    real = plan(AIRTABLE_API_KEY="pat-real", AIRTABLE_BASE_ID="appReal")
    assert "AIRTABLE_API_URL" not in real.bot.environment
    assert "AIRTABLE_CREATE_TABLES" not in real.bot.environment
    assert real.settings.of(AirtableSettings).airtable_base_id == "appReal"
