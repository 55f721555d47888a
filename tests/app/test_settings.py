"""Settings: every name, every alias, and one clear error that lists all that is wrong."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.cli.env_example import example_text
from config.env import Settings, SettingsError, load_settings
from config.names import OTHER_NAMES

ROOT = Path(__file__).parents[2]
NO_FILE = Path("there-is-no-such-file")
TODAY = date(2026, 11, 21)
COMPLETE = {
    "WP_ACCESS_TOKEN": "EAAtoken",
    "WP_PHONE_ID": "100000000000001",
    "WEBHOOK_VERIFY_TOKEN": "words",
    "WHATSAPP_APP_SECRET": "signing",
}


def load(**given: str) -> Settings:
    return load_settings({**COMPLETE, **given}, NO_FILE)


def problems(given: dict[str, str], env_file: Path = NO_FILE) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(given, env_file)
    return str(caught.value)


def env_file(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text)
    return path


def test_the_required_settings_are_enough() -> None:
    settings = load()
    assert settings.wp_access_token.get_secret_value() == "EAAtoken"
    assert (settings.port, settings.host, settings.role) == (5000, "0.0.0.0", "all")
    assert settings.api_version == "v25.0"
    assert settings.database_url == "sqlite:///bot.db"


def test_durations_are_given_in_seconds_and_days() -> None:
    settings = load(REMINDER_SECONDS="5", FLOW_TIMEOUT_SECONDS="9", RETENTION_DAYS="30")
    assert settings.reminder_after == timedelta(seconds=5)
    assert settings.cancel_after == timedelta(seconds=9)
    assert settings.retention == timedelta(days=30)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load().port = 1  # type: ignore[misc]


def test_all_that_is_missing_is_told_at_once() -> None:
    assert problems({}).splitlines()[1:] == [
        line for line in problems({}).splitlines() if "Missing required" in line
    ]
    for name in COMPLETE:
        assert f"Missing required environment variable: {name}" in problems({})
    assert "(WHATSAPP_ACCESS_TOKEN is required)" in problems({})
    assert "(WHATSAPP_PHONE_NUMBER_ID is required)" in problems({})


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = problems({"PORT": "five", "ROLE": "web", "RETENTION_DAYS": "1", "API_VERSION": "25"})
    for name in ("PORT:", "ROLE:", "RETENTION_DAYS:", "API_VERSION:", "WP_ACCESS_TOKEN"):
        assert name in told


def test_an_empty_value_counts_as_missing() -> None:
    assert "WP_PHONE_ID" in problems({**COMPLETE, "WP_PHONE_ID": "  "})


def test_voice_notes_can_be_left_unheard() -> None:
    assert load().openai_transcription_model == "gpt-transcribe"
    assert load(OPENAI_TRANSCRIPTION_MODEL="none").openai_transcription_model == ""


def test_space_around_a_value_is_not_part_of_it() -> None:
    assert load(WP_ACCESS_TOKEN=" EAAtoken\n").wp_access_token.get_secret_value() == "EAAtoken"


@pytest.mark.parametrize(
    ("name", "alias"), [(name, alias) for name in OTHER_NAMES for alias in OTHER_NAMES[name]]
)
def test_an_alias_stands_for_the_name(name: str, alias: str) -> None:
    value = {"API_VERSION": "v24.0", "PORT": "8000"}.get(name, "12345")
    given = {key: text for key, text in COMPLETE.items() if key != name}
    settings = load_settings({**given, alias: value}, NO_FILE)
    found = getattr(settings, name.lower())
    assert str(getattr(found, "get_secret_value", lambda: found)()) == value


def test_two_names_with_one_value_are_fine() -> None:
    assert load(WHATSAPP_PHONE_NUMBER_ID=COMPLETE["WP_PHONE_ID"])


def test_two_names_with_different_values_are_both_told_and_their_values_are_not() -> None:
    told = problems({**COMPLETE, "WHATSAPP_TOKEN": "EAAother"})
    assert "WP_ACCESS_TOKEN and WHATSAPP_TOKEN" in told
    assert "EAA" not in told


def test_two_names_may_not_disagree_between_the_environment_and_the_file(tmp_path: Path) -> None:
    file = env_file(tmp_path, "VERIFICATION_TOKEN=others")
    assert "WEBHOOK_VERIFY_TOKEN and VERIFICATION_TOKEN" in problems(COMPLETE, file)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = env_file(tmp_path, "PORT=1111\nLOG_LEVEL=DEBUG")
    settings = load_settings({**COMPLETE, "PORT": "2222"}, file)
    assert (settings.port, settings.log_level) == (2222, "DEBUG")


def test_a_dollar_in_the_file_is_only_a_dollar(tmp_path: Path) -> None:
    file = env_file(tmp_path, "OPENAI_API_KEY=a${HOME}b")
    key = load_settings(COMPLETE, file).openai_api_key
    assert key is not None
    assert key.get_secret_value() == "a${HOME}b"


def test_a_misspelt_name_in_the_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    told = problems(COMPLETE, env_file(tmp_path, "WP_ACESS_TOKEN=EAAsecret"))
    assert "WP_ACESS_TOKEN: did you mean WP_ACCESS_TOKEN?" in told
    assert "EAAsecret" not in told


def test_other_programs_names_in_the_environment_are_no_concern_of_ours() -> None:
    assert load(PATH="/bin", WP_ACESS_TOKEN="x")


@pytest.mark.parametrize("value", ["your_access_token", "changeme", "CHANGE-ME", "<token>", "xxx"])
def test_a_placeholder_is_refused(value: str) -> None:
    told = problems({**COMPLETE, "WP_ACCESS_TOKEN": value})
    assert "WP_ACCESS_TOKEN still has the value of an example" in told


def test_in_development_a_placeholder_counts_as_not_set() -> None:
    settings = load(ENVIRONMENT="development", OPENAI_API_KEY="your_openai_key")
    assert settings.openai_api_key is None


def test_without_an_app_secret_the_bot_starts_only_when_told_so() -> None:
    given = {name: value for name, value in COMPLETE.items() if name != "WHATSAPP_APP_SECRET"}
    assert "WHATSAPP_APP_SECRET" in problems(given)
    settings = load_settings({**given, "ALLOW_UNSIGNED_WEBHOOKS": "true"}, NO_FILE)
    assert any("WHATSAPP_APP_SECRET" in warning for warning in settings.warnings(today=TODAY))


@pytest.mark.parametrize("role", ["web", "worker"])
def test_sqlite_is_for_one_process(role: str) -> None:
    assert "ROLE: " in problems({**COMPLETE, "ROLE": role})
    assert load(ROLE=role, DATABASE_URL="postgresql://host/bot").role == role


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_gets_its_driver(scheme: str) -> None:
    url = load(DATABASE_URL=f"{scheme}://user:pass@host/bot").database_url
    assert url == "postgresql+psycopg://user:pass@host/bot"


@pytest.mark.parametrize("url", ["mysql://host/bot", "sqlite+aiosqlite:///bot.db", "bot.db"])
def test_other_databases_are_refused(url: str) -> None:
    assert "DATABASE_URL: expected sqlite:///" in problems({**COMPLETE, "DATABASE_URL": url})


def test_the_form_is_not_cancelled_before_the_reminder() -> None:
    told = problems({**COMPLETE, "REMINDER_SECONDS": "60", "FLOW_TIMEOUT_SECONDS": "60"})
    assert "FLOW_TIMEOUT_SECONDS: must be more than REMINDER_SECONDS" in told


def test_the_allowlist_is_digits_however_it_is_written() -> None:
    allowed = load(PHONE_ALLOWLIST="+57 300 123-4567, (1) 555.0100,").phone_allowlist
    assert allowed == {"573001234567", "15550100"}


def test_an_allowlist_of_something_else_is_refused() -> None:
    assert "PHONE_ALLOWLIST:" in problems({**COMPLETE, "PHONE_ALLOWLIST": "Ana"})


@pytest.mark.parametrize("url", ["graph.facebook.com", "ftp://host", "https:// x"])
def test_an_address_without_a_scheme_is_refused(url: str) -> None:
    assert "GRAPH_API_URL:" in problems({**COMPLETE, "GRAPH_API_URL": url})


def test_an_address_has_no_slash_at_its_end() -> None:
    assert load(GRAPH_API_URL="http://127.0.0.1:5001/").graph_api_url == "http://127.0.0.1:5001"


def test_the_log_level_may_be_in_lower_case() -> None:
    assert load(LOG_LEVEL="debug").log_level == "DEBUG"


def test_secrets_do_not_show_in_the_settings_printed() -> None:
    given = {
        **COMPLETE,
        "DATABASE_URL": "postgresql://bot:db-password@host/bot",
        "OPENAI_API_KEY": "sk-secret",
        "AIRTABLE_API_KEY": "pat-secret",
        "AIRTABLE_BASE_ID": "appExample",
    }
    printed = repr(load_settings(given, NO_FILE)) + str(load_settings(given, NO_FILE))
    for secret in ("EAAtoken", "words", "signing", "db-password", "sk-secret", "pat-secret"):
        assert secret not in printed


def warnings_about(version: str, today: date) -> list[str]:
    return [text for text in load(API_VERSION=version).warnings(today=today) if version in text]


@pytest.mark.parametrize(
    ("version", "today", "warned"),
    [
        ("v25.0", TODAY, False),
        ("v26.0", TODAY, False),
        ("v21.0", TODAY, True),
        ("v23.0", date(2027, 7, 9), False),
        ("v23.0", date(2027, 7, 10), True),
        ("v20.0", TODAY, True),
        ("v9.0", TODAY, True),
    ],
)
def test_a_version_is_warned_about_when_it_ends_within_90_days(
    version: str, today: date, warned: bool
) -> None:
    assert bool(warnings_about(version, today)) is warned


def test_a_version_ends_after_its_last_day() -> None:
    assert "ends on 2027-10-08" in warnings_about("v23.0", date(2027, 10, 8))[0]
    assert "ended on 2027-10-08" in warnings_about("v23.0", date(2027, 10, 9))[0]


def test_a_deprecated_name_is_warned_about() -> None:
    given = {name: value for name, value in COMPLETE.items() if name != "WP_ACCESS_TOKEN"}
    settings = load_settings({**given, "WHATSAPP_API_KEY": "EAAtoken"}, NO_FILE)
    assert list(settings.warnings(today=TODAY)) == [
        "WHATSAPP_API_KEY is deprecated: rename it to WP_ACCESS_TOKEN."
    ]


def test_good_settings_give_no_warning() -> None:
    assert list(load().warnings(today=TODAY)) == []


def test_the_example_file_lists_exactly_the_settings() -> None:
    assert (ROOT / ".env-example").read_text() == example_text()


def test_the_example_file_may_be_uncommented() -> None:
    lines = [line.removeprefix("# ") for line in example_text().splitlines()]
    given = dict(line.split("=", 1) for line in lines if line.partition("=")[0].isupper())
    told = load_settings({**given, **COMPLETE}, NO_FILE)
    assert told.model_dump(exclude_unset=False) == load().model_dump(exclude_unset=False)


def test_the_example_file_as_it_is_does_not_pass_for_settings() -> None:
    told = problems({}, ROOT / ".env-example")
    for name in COMPLETE:
        assert f"{name} still has the value of an example" in told


def test_a_token_of_airtable_needs_a_base() -> None:
    told = problems({**COMPLETE, "AIRTABLE_API_KEY": "pat-secret"})
    assert "AIRTABLE_BASE_ID: AIRTABLE_API_KEY is set, so this is needed too" in told


def test_people_can_be_asked_for_only_where_operators_are() -> None:
    assert load().human_idle is None
    airtable = {"AIRTABLE_API_KEY": "pat-secret", "AIRTABLE_BASE_ID": "appExample"}
    assert load(**airtable, HUMAN_IDLE_HOURS="2").human_idle == timedelta(hours=2)
