"""Settings: every name, every alias, and one clear error that lists all that is wrong."""

from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict
from tests.fakes.written_settings import COMPLETE, NO_FILE, Models, env_file, load, problems, read

from app.cli.env_example import env_example
from app.composition.features import settings_models
from app.development.given_settings import given_settings, setting_names
from app.development.plan import EMULATED_ACCOUNT, EMULATED_AIRTABLE, EMULATED_OPENAI
from config.env import SettingsError, build_settings, load_database_url, load_part, load_settings
from config.names import KNOWN_ELSEWHERE, OTHER_NAMES
from domain.allowlist import Allowlist
from domain.user import User
from utils.setting_types import SettingsModel, Url, invalid

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)


class Shop(SettingsModel):
    """Settings of a feature."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(title="Shop: what is for sale")

    shop_token: SecretStr | None = Field(None, description="Token of the shop.")
    shop_id: str | None = Field(None, description="ID of the shop.")
    shop_url: Url = Field("https://shop.example", description="Address of the shop.")

    @field_validator("shop_id")
    @classmethod
    def _goes_with_its_token(cls, shop_id: str | None, info: ValidationInfo) -> str | None:
        if shop_id is None and info.data.get("shop_token") is not None:
            raise invalid("SHOP_TOKEN is set, so this is needed too")
        return shop_id


WITH_SHOP: Models = (*settings_models(), Shop)


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


def test_space_around_a_value_is_not_part_of_it() -> None:
    assert load(WP_ACCESS_TOKEN=" EAAtoken\n").wp_access_token.get_secret_value() == "EAAtoken"


@pytest.mark.parametrize(
    ("name", "alias"), [(name, alias) for name in OTHER_NAMES for alias in OTHER_NAMES[name]]
)
def test_an_alias_stands_for_the_name(name: str, alias: str) -> None:
    value = {"API_VERSION": "v24.0", "PORT": "8000"}.get(name, "12345")
    given = {key: text for key, text in COMPLETE.items() if key != name}
    settings = read({**given, alias: value})
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
    settings = read({**COMPLETE, "PORT": "2222"}, file)
    assert (settings.port, settings.log_level) == (2222, "DEBUG")


def test_a_dollar_in_the_file_is_only_a_dollar(tmp_path: Path) -> None:
    file = env_file(tmp_path, "SENTRY_DSN=a${HOME}b")
    dsn = read(COMPLETE, file).sentry_dsn
    assert dsn is not None
    assert dsn.get_secret_value() == "a${HOME}b"


def test_a_misspelt_name_in_the_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    told = problems(COMPLETE, env_file(tmp_path, "WP_ACESS_TOKEN=EAAsecret"))
    assert "WP_ACESS_TOKEN: did you mean WP_ACCESS_TOKEN?" in told
    assert "EAAsecret" not in told


def test_other_programs_names_in_the_environment_are_no_concern_of_ours() -> None:
    assert load(PATH="/bin", WP_ACESS_TOKEN="x")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DEFAULT_LANGAUGE", "DEFAULT_LANGUAGE"),
        ("REMINDER_SECOND", "REMINDER_SECONDS"),
        ("PORTS", None),
        ("OPENAI_PROJECT", None),
        ("WP_ACESS_TOKEN", None),  # the right one is given
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_warned_about(name: str, meant: str | None) -> None:
    told = [f"{name} in the environment is no setting: did you mean {meant}?"] if meant else []
    assert list(load(**{name: "x"}).warnings(today=TODAY)) == told


def test_a_misspelt_name_in_the_environment_is_told_where_the_right_one_is_missing() -> None:
    without = {name: value for name, value in COMPLETE.items() if name != "WP_ACCESS_TOKEN"}
    told = problems({**without, "WP_ACESS_TOKEN": "EAAsecret"})
    assert "WP_ACESS_TOKEN in the environment is no setting: did you mean WP_ACCESS_TOKEN?" in told
    assert "EAAsecret" not in told


@pytest.mark.parametrize("value", ["your_access_token", "changeme", "CHANGE-ME", "<token>", "xxx"])
def test_a_placeholder_is_refused(value: str) -> None:
    told = problems({**COMPLETE, "WP_ACCESS_TOKEN": value})
    assert "WP_ACCESS_TOKEN still has the value of an example" in told


def test_in_development_a_placeholder_counts_as_not_set() -> None:
    assert load(ENVIRONMENT="development", SENTRY_DSN="your_sentry_dsn").sentry_dsn is None


def test_without_an_app_secret_the_bot_starts_only_when_told_so() -> None:
    given = {name: value for name, value in COMPLETE.items() if name != "WHATSAPP_APP_SECRET"}
    assert "WHATSAPP_APP_SECRET" in problems(given)
    settings = read({**given, "ALLOW_UNSIGNED_WEBHOOKS": "true"})
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
    allowed = load(PHONE_ALLOWLIST="+57 300 123-4567, (1) 555.012.3456,").phone_allowlist
    assert allowed == {"573001234567", "15550123456"}


@pytest.mark.parametrize(
    ("written", "wa_id"),
    [
        ("+44 (0)7700 900123", "447700900123"),
        ("0044 7700 900123", "447700900123"),
        ("+54 11 15 1234-5678", "5491112345678"),
        ("+54 9 11 1234-5678", "5491112345678"),
        ("+52 1 55 1234 5678", "5215512345678"),
        ("+229 01 90 12 34 56", "22990123456"),
    ],
)
def test_who_is_on_the_allowlist_is_served_however_it_is_written(written: str, wa_id: str) -> None:
    allowed = load(PHONE_ALLOWLIST=f"{written}, +573001234567").phone_allowlist
    assert Allowlist.of(allowed, ()).admits(User("key", wa_id=wa_id))


@pytest.mark.parametrize(
    "written", ["Ana", "555 0100", "+1 555", "+57 300 123 4567 89 00", "07700"]
)
def test_an_allowlist_of_something_else_is_refused(written: str) -> None:
    assert "PHONE_ALLOWLIST:" in problems({**COMPLETE, "PHONE_ALLOWLIST": written})


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
    settings = read(given)
    parts = [settings, *(settings.of(model) for model in settings_models())]
    printed = "".join(repr(part) + str(part) for part in parts)
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
    settings = read({**given, "WHATSAPP_API_KEY": "EAAtoken"})
    assert list(settings.warnings(today=TODAY)) == [
        "WHATSAPP_API_KEY is deprecated: rename it to WP_ACCESS_TOKEN."
    ]


def test_a_key_of_another_provider_never_wins_over_a_token(tmp_path: Path) -> None:
    """Not even where the environment has the key, and only .env has the token."""
    file = env_file(tmp_path, "WP_ACCESS_TOKEN=EAAtoken")
    given = {name: one for name, one in COMPLETE.items() if name != "WP_ACCESS_TOKEN"}
    settings = load_settings({**given, "WHATSAPP_API_KEY": "other"}, file, settings_models())
    assert settings.wp_access_token.get_secret_value() == "EAAtoken"


def test_good_settings_give_no_warning() -> None:
    assert list(load().warnings(today=TODAY)) == []


def test_the_example_file_lists_exactly_the_settings() -> None:
    assert (ROOT / ".env-example").read_text() == env_example(settings_models())


def test_the_example_file_may_be_uncommented() -> None:
    lines = [line.removeprefix("# ") for line in env_example(settings_models()).splitlines()]
    given = dict(line.split("=", 1) for line in lines if line.partition("=")[0].isupper())
    told = read({**given, **COMPLETE})
    assert told.model_dump(exclude_unset=False) == load().model_dump(exclude_unset=False)
    for model in settings_models():
        assert told.of(model) == load().of(model)


def test_the_example_file_as_it_is_does_not_pass_for_settings() -> None:
    told = problems({}, ROOT / ".env-example")
    for name in COMPLETE:
        assert f"{name} still has the value of an example" in told


def test_the_pause_of_the_bot_after_an_operator_is_set_in_hours() -> None:
    assert load().human_idle == timedelta(hours=8)
    assert load(HUMAN_IDLE_HOURS="2").human_idle == timedelta(hours=2)


def test_the_example_file_has_every_setting_once_under_the_headline_of_its_feature() -> None:
    lines = env_example(settings_models()).splitlines()
    names = [line.removeprefix("# ").partition("=")[0] for line in lines if "=" in line]
    assert tuple(name for name in names if name.isupper()) == setting_names(settings_models())
    headlines = [line for line in lines if line.startswith("# --- ")]
    in_environment = [one for one in settings_models() if setting_names([one]) != setting_names()]
    assert len(headlines) == len(in_environment)
    assert "AIRTABLE" not in env_example()


def test_the_settings_of_a_feature_are_there_only_when_they_were_loaded() -> None:
    assert load_settings(COMPLETE, NO_FILE, WITH_SHOP).of(Shop).shop_id is None
    with pytest.raises(LookupError, match="Shop was not loaded"):
        load_settings(COMPLETE, NO_FILE).of(Shop)


def test_problems_of_the_core_and_of_features_are_told_together(tmp_path: Path) -> None:
    text = "WP_ACESS_TOKEN=x\nthis is no assignment\nSHOP_URL=nowhere"
    given = {"PORT": "five", "SHOP_TOKEN": "pat-secret", "WHATSAPP_TOKEN": "changeme"}
    told = problems(given, env_file(tmp_path, text), WITH_SHOP)
    for part in (
        "did you mean WP_ACCESS_TOKEN?",
        ".env, line 2: expected NAME=value",
        "SHOP_URL: expected a URL",
        "PORT: ",
        "SHOP_ID: ",
        "WHATSAPP_TOKEN still has the value of an example",
        "Missing required environment variable: WP_PHONE_ID",
    ):
        assert told.count(part) == 1


def test_a_wrong_value_is_told_under_the_name_that_was_used() -> None:
    assert "WHATSAPP_WEBHOOK_PORT: " in problems({**COMPLETE, "WHATSAPP_WEBHOOK_PORT": "five"})


def test_no_message_repeats_a_value() -> None:
    names = setting_names(settings_models())
    told = problems(dict.fromkeys(names, "EAAsecret wrong"))
    assert "PORT: " in told
    assert "EAAsecret" not in told


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("PORT=1111\n\n\nEAAsecret\n", 4),
        ("# a comment\nOPENAI_MODEL='open EAAsecret\nPORT=1111\n", 2),
        ("EAA.secret/with+signs==\n", 1),
    ],
)
def test_a_line_that_cannot_be_read_is_told_by_its_number(
    tmp_path: Path, text: str, line: int
) -> None:
    told = problems(COMPLETE, env_file(tmp_path, text))
    assert f".env, line {line}: expected NAME=value." in told
    assert "secret" not in told


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1111", encoding="utf-16")
    assert ".env cannot be read: save it as UTF-8." in problems(COMPLETE, file)


def test_a_folder_in_place_of_the_file_counts_as_none(tmp_path: Path) -> None:
    assert read(COMPLETE, tmp_path).port == 5000


def test_an_empty_value_in_the_environment_hides_the_one_in_the_file(tmp_path: Path) -> None:
    file = env_file(tmp_path, "PORT=1111")
    assert read({**COMPLETE, "PORT": ""}, file).port == 5000


def test_names_are_upper_case(tmp_path: Path) -> None:
    assert load(port="1111").port == 5000
    told = problems(COMPLETE, env_file(tmp_path, "port=1111"))
    assert "port: did you mean PORT?" in told


def test_settings_of_a_deleted_feature_may_stay_in_the_file(tmp_path: Path) -> None:
    file = env_file(tmp_path, "\n".join(f"{name}=x" for name in KNOWN_ELSEWHERE))
    settings = load_settings(COMPLETE, file)
    warnings = list(settings.warnings(today=TODAY))
    assert len(warnings) == len(KNOWN_ELSEWHERE)
    assert any(text.startswith("AIRTABLE_API_KEY in .env is unknown") for text in warnings)


def test_settings_of_docker_compose_may_be_in_the_file(tmp_path: Path) -> None:
    text = "SITE=bot.example.com\nPOSTGRES_PASSWORD=x\nCOMPOSE_PROJECT_NAME=bot"
    assert list(read(COMPLETE, env_file(tmp_path, text)).warnings(today=TODAY)) == []


def test_another_name_in_the_file_is_told(tmp_path: Path) -> None:
    told = problems(COMPLETE, env_file(tmp_path, "FAVOURITE_COLOUR=green"))
    assert "Unknown setting in .env: FAVOURITE_COLOUR: remove it." in told


@pytest.mark.parametrize(
    "secret",
    ["EAAGm0PX4ZCpsBAKZBxyz", "sk_live_51H8abc90", "B7F3A91C2D4E", "x" * 41, "aXvQ_keyZ"],
)
def test_a_secret_in_the_place_of_a_name_is_not_told(tmp_path: Path, secret: str) -> None:
    told = problems(COMPLETE, env_file(tmp_path, f"WP_BID=1\n{secret}==\n"))
    assert f"Unknown setting in .env: {secret[:3]}... (perhaps a secret): remove it." in told
    assert secret not in told


@pytest.mark.parametrize(
    "number",
    [
        "+573001234567", "57 300 123-4567", "(57)3001234567", "573001234567", "5730012345-",
        "15551234567", "3001234567", "00573001234567", "49151234567890",
    ],
)  # fmt: skip
def test_a_phone_number_is_not_taken_for_its_id(number: str) -> None:
    told = problems({**COMPLETE, "WP_PHONE_ID": number})
    assert "WP_PHONE_ID: this looks like a phone number; expected the phone number ID" in told
    assert number not in told


@pytest.mark.parametrize("value", ["myphone", "EAAG7token", "“100000000000001”", "10000000000000x"])
def test_what_is_not_a_number_is_not_taken_for_an_id(value: str) -> None:
    told = problems({**COMPLETE, "WP_PHONE_ID": value})
    assert "WP_PHONE_ID: this is not a number; expected the phone number ID" in told
    assert value not in told


@pytest.mark.parametrize("phone_id", ["1", "100000000000001", "1000000000000012"])
def test_other_ids_are_taken_for_ids(phone_id: str) -> None:
    assert load(WP_PHONE_ID=phone_id).wp_phone_id == phone_id


@pytest.mark.parametrize("phone", ["3017654321", "2125551234", "612 345 678", "+0 300 123 4567"])
def test_a_user_without_country_code_is_told(phone: str) -> None:
    users = f'[{{"phone": "+573001234567"}}, {{"phone": "{phone}"}}]'
    told = problems({**COMPLETE, "USERS": users})
    assert "USERS: expected a phone number of each of the users with + and country code" in told
    assert "(user 2 in the list)" in told
    assert phone not in told


@pytest.mark.parametrize("phone", ["+15551234567", "573001234567", "+52 1 55 1234 5678"])
def test_a_user_with_country_code_is_listed(phone: str) -> None:
    assert load(USERS=f'[{{"phone": "{phone}"}}]').users[0].phone == phone


def test_every_secret_is_known_to_the_log() -> None:
    given = {**COMPLETE, "SHOP_TOKEN": "pat-secret", "SHOP_ID": "1", "SENTRY_DSN": "sk-secret"}
    secrets = load_settings(given, NO_FILE, WITH_SHOP).secrets()
    assert {"EAAtoken", "words", "signing", "pat-secret", "sk-secret"} == set(secrets)


def test_a_command_reads_only_what_it_needs(tmp_path: Path) -> None:
    file = env_file(tmp_path, "WP_ACESS_TOKEN=x\nDATABASE_URL=postgres://host/bot")
    assert load_database_url({}, file) == "postgresql+psycopg://host/bot"
    assert load_part(Shop, {"SHOP_ID": "1"}, file).shop_id == "1"
    with pytest.raises(SettingsError, match="SHOP_URL: expected a URL"):
        load_part(Shop, {"SHOP_URL": "x"}, file)


def test_what_is_given_is_told_by_its_first_name(tmp_path: Path) -> None:
    file = env_file(tmp_path, "WHATSAPP_TOKEN=EAAtoken\nSENTRY_DSN=your_dsn\nPORT=")
    given = given_settings({"OTHER": "x", "SHOP_ID": "app"}, file, WITH_SHOP)
    assert given == {"WP_ACCESS_TOKEN": "EAAtoken", "SHOP_ID": "app"}


def test_settings_are_built_from_values_without_an_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "1111")
    monkeypatch.setenv("SHOP_ID", "other")
    values = {name.lower(): value for name, value in COMPLETE.items()}
    settings = build_settings(WITH_SHOP, **values, shop_url="https://small.example")
    assert settings.port == 5000
    assert settings.of(Shop).shop_id is None
    assert settings.of(Shop).shop_url == "https://small.example"
    with pytest.raises(ValidationError):
        build_settings(**values, shop_url="https://small.example")


EMULATED = {**EMULATED_ACCOUNT, **EMULATED_AIRTABLE, **EMULATED_OPENAI}
#: Those that a setting of the core, or of a feature that is there, may have.
EMULATED_SECRETS = [
    name
    for name in setting_names(settings_models())
    if name in EMULATED and name.endswith(("TOKEN", "SECRET", "KEY"))
]


@pytest.mark.parametrize("name", EMULATED_SECRETS)
@pytest.mark.parametrize("where", [{}, {"GRAPH_API_URL": "https://graph.example.com"}])
def test_secrets_of_the_emulator_protect_nobody_in_production(
    name: str, where: dict[str, str]
) -> None:
    told = problems({**COMPLETE, **where, name: EMULATED[name]}, models=settings_models())
    assert f"{name} is the emulator's" in told
    assert EMULATED[name] not in told


@pytest.mark.parametrize(
    "where",
    [
        {"ENVIRONMENT": "development"},
        {"GRAPH_API_URL": "http://127.0.0.1:5001"},
        {"GRAPH_API_URL": "http://emulator:5001"},
    ],
)
def test_with_the_emulator_its_secrets_are_right(where: dict[str, str]) -> None:
    assert load(**EMULATED_ACCOUNT, **where).wp_phone_id == EMULATED_ACCOUNT["WP_PHONE_ID"]
