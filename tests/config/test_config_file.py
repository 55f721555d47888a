"""The config file counts more than the environment and .env, and tells all that is wrong."""

import json
import os
from pathlib import Path

import pytest
from tests.fakes.written_settings import COMPLETE, NO_FILE, env_file, problems, read

from app.cli import commands as cli
from app.composition.features import settings_models
from app.development.plan import make_plan
from config.env import Models, Settings, SettingsError, load_database_url
from config.file.sections import all_keys, section_of
from config.sources import GivenValues

MODELS: Models = (Settings, *settings_models())


def written(folder: Path, text: str) -> dict[str, str]:
    """Write a file, and return an environment that names it."""
    file = folder / "bot.yaml"
    file.write_text(text)
    return {**COMPLETE, "BOT_CONFIG": str(file)}


def test_the_file_counts_more_than_the_environment_and_env(tmp_path: Path) -> None:
    given = written(tmp_path, "whatsapp: {port: 1111, verify_token: '${WORD}'}")
    given |= {"PORT": "2222", "LOG_LEVEL": "DEBUG", "WORD": "mine"}
    settings = read(given, env_file(tmp_path, "PORT=3333\nHOST=1.2.3.4"))
    assert (settings.port, settings.log_level, settings.host) == (1111, "DEBUG", "1.2.3.4")
    assert settings.webhook_verify_token.get_secret_value() == "mine"
    told = [one for one in settings.remarks if "counts more" in one]
    assert told == [
        "bot.yaml counts more than the environment and .env: PORT, WEBHOOK_VERIFY_TOKEN not read."
    ]


def test_another_name_of_a_setting_in_the_environment_is_no_conflict(tmp_path: Path) -> None:
    given = written(tmp_path, "whatsapp: {access_token: '${MINE}'}")
    given |= {"WHATSAPP_TOKEN": "theirs", "MINE": "mine"}
    assert read(given).wp_access_token.get_secret_value() == "mine"


def test_phone_numbers_may_be_numbers_and_an_empty_list_takes_the_environments_back(
    tmp_path: Path,
) -> None:
    given = written(tmp_path, "whatsapp:\n  phone_allowlist: [15551234567, +573001112233]\n")
    assert read(given).phone_allowlist == {"15551234567", "573001112233"}
    given = {**written(tmp_path, "whatsapp: {phone_allowlist: []}"), "PHONE_ALLOWLIST": "x"}
    assert read(given).phone_allowlist == frozenset()


def test_users_may_be_written_as_they_are(tmp_path: Path) -> None:
    given = written(tmp_path, "bot:\n  users:\n    - {phone: '+573001112233', role: staff}\n")
    assert [user.role for user in read(given).users] == ["staff"]


def test_every_setting_can_be_in_the_file(tmp_path: Path) -> None:
    values = {key.name: f"value of {key.name}" for key in all_keys(MODELS)}
    sections: dict[str, dict[str, str]] = {}
    for key in all_keys(MODELS):
        sections.setdefault(section_of(key.model), {})[key.name.lower()] = values[key.name]
    given = written(tmp_path, json.dumps(sections))
    found = GivenValues.read(given, NO_FILE, MODELS)
    assert found.config is not None
    assert found.config.values == values
    assert found.config.problems == []
    assert set(values) == {names[0] for model in MODELS for names in model.names().values()} - {
        "BOT_CONFIG"
    }


def test_all_that_is_wrong_is_told_at_once_with_its_line_and_the_nearest_name(
    tmp_path: Path,
) -> None:
    given = written(
        tmp_path,
        "version: 2\n"
        "whatsapp:\n"
        "  app_secrett: ${SECRET}\n"
        "  port: five\n"
        "  bot_config: x\n"
        "whatsap: {}\n"
        "bot: {timezone: Mars, port: 1}\n"
        "limits: [1]\n"
        "airtable: {api_key: '${NOWHERE}'}\n",
    )
    told = problems(given).splitlines()[1:]
    assert [one.removeprefix("  - ").partition(": ")[0] for one in sorted(told)] == [
        f"bot.yaml:{line}" for line in (1, 3, 4, 5, 6, 7, 7, 8, 9)
    ]
    said = "\n".join(told)
    assert "whatsapp.app_secrett: unknown key: did you mean app_secret?" in said
    assert "whatsap: unknown section: did you mean whatsapp?" in said
    assert "bot.port: the same setting as bot.yaml:4: whatsapp.port: keep one." in said
    assert "the variable NOWHERE is not set" in said


@pytest.mark.needs("assistant")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ai:\n  model: [a, b]", "bot.yaml:2: ai.model: expected one value, not a list."),
        ("ai:\n  model: {a: b}", "bot.yaml:2: ai.model: expected a value, not keys with values"),
        ("ai:\n  model: true", "bot.yaml:2: ai.model: expected a text or a number: put the word"),
        ("whatsapp:\n  verify_token: [x]", "bot.yaml:2: whatsapp.verify_token: expected one value"),
        ("whatsapp:\n  phone_allowlist: {a: 1}", "whatsapp.phone_allowlist: expected a value, not"),
        ("whatsapp:\n  phone_allowlist: [[1]]", "phone_allowlist: expected a text or a number as"),
        ("whatsapp:\n  phone_allowlist: [true]", "phone_allowlist: expected a text or a number as"),
        ("whatsapp:\n  port: [1]", "bot.yaml:2: whatsapp.port: expected one value, not a list."),
        ("ai:\n  vision: [true]", "bot.yaml:2: ai.vision: expected one value, not a list."),
        (
            "ai:\n  api_key: sk-🦜",
            "bot.yaml:2: ai.api_key: it has a space or a sign that no",
        ),
        (
            "whatsapp:\n  access_token: EAA 1",
            "bot.yaml:2: whatsapp.access_token: it has a space",
        ),
        ("bot:\n  users: [1]", "bot.yaml:2: bot.users: expected keys with values as item 1"),
    ],
)
def test_a_value_of_another_kind_is_told_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in problems(written(tmp_path, text))


def test_what_is_there_twice_hides_no_other_mistake_and_each_is_told_once(tmp_path: Path) -> None:
    text = "whatsapp:\n  access_token: ${NOPE}\n  port: 1\n  port: 2\n  prt: 3\n"
    assert [
        one.partition(": ")[2] for one in problems(written(tmp_path, text)).splitlines()[1:]
    ] == [
        "port is there twice: the first is in line 3.",
        "whatsapp.access_token: the variable NOPE is not set in the environment or .env.",
        "whatsapp.prt: unknown key: did you mean port?",
    ]


@pytest.mark.needs("assistant", "calls")
def test_values_of_the_right_kinds_are_read(tmp_path: Path) -> None:
    text = "ai: {vision: true, model: 4}\nlimits: {openai_history_tokens: 5}\n"
    text += "whatsapp: {port: '8080', verify_token: 123456}\n"
    text += "calls: {call_ice_servers: ['stun:a.example', 'stun:b.example']}\n"
    found = read(written(tmp_path, text))
    assert (found.port, found.webhook_verify_token.get_secret_value()) == (8080, "123456")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_users_are_read_from_a_regular_file_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "users.json")  # reading it would wait forever
    given = written(tmp_path, f"bot: {{users: {tmp_path}/users.json}}")
    assert "bot.yaml:1: bot.users: expected a JSON list" in (said := problems(given))
    assert "the file cannot be read: it is not a regular file" in said


def test_values_are_never_told(tmp_path: Path) -> None:
    given = written(tmp_path, "whatsapp: {phone_number_id: EAAleak, api_version: EAAleak}")
    assert "EAAleak" not in problems(given)
    assert "EAAleak" not in problems(written(tmp_path, f"whatsapp: {{{'EAAleak' * 20}: 1}}"))
    told = written(tmp_path, "whatsapp: {access_token: EAAleak}")
    warned = "\n".join(read(told).remarks)
    assert "bot.yaml:1: whatsapp.access_token: a secret in clear" in warned
    assert "EAAleak" not in warned


def test_sections_of_other_tools_are_ignored_with_a_warning(tmp_path: Path) -> None:
    settings = read(written(tmp_path, "slack: {token: x}\nextends: base.yaml\n"))
    assert [one for one in settings.remarks if "ignored" in one] == [
        "bot.yaml:1: slack: ignored: no part of the bot reads this section.",
        "bot.yaml:2: extends: ignored: no part of the bot reads this section.",
    ]


def test_a_command_that_needs_one_setting_reads_it_there_or_says_why_not(tmp_path: Path) -> None:
    given = written(tmp_path, "bot: {database_url: 'sqlite:///shop.db'}\nairtable: {api_key: x}")
    assert load_database_url(given, NO_FILE) == "sqlite:///shop.db"
    with pytest.raises(SettingsError, match=r"bot\.yaml:1: the tag|expected"):
        load_database_url(written(tmp_path, "bot: [database_url"), NO_FILE)


@pytest.mark.parametrize("text", ["", "\n \n", "# all of it is a comment\n", "---\n", "\ufeff"])
def test_an_empty_file_is_refused_since_it_is_likely_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    given = written(tmp_path, text)
    said = ": the file is empty, or has only comments: write its sections again"
    assert said in problems(given)
    monkeypatch.setenv("BOT_CONFIG", given["BOT_CONFIG"])
    assert cli.main(["config", "check"]) == 1
    assert said in capsys.readouterr().err
    assert read(written(tmp_path, 'version: "1"')).port == 5000


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "large"])
def test_only_a_regular_file_of_some_size_is_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "bot.yaml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        with file.open("wb") as opened:
            opened.truncate(600_000_000)
    reason = "it has more than 1000000 bytes" if kind == "large" else "it is not a regular file"
    told = problems({**COMPLETE, "BOT_CONFIG": str(file)})
    assert f"bot.yaml cannot be read: {reason}." in told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "gone.yaml cannot be read: No such file" in problems(
        {**COMPLETE, "BOT_CONFIG": str(tmp_path / "gone.yaml")}
    )


def test_on_a_laptop_the_emulator_stands_in_for_secrets_that_the_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = written(
        tmp_path,
        "whatsapp: {access_token: '${WHATSAPP_ACCESS_TOKEN}', phone_allowlist: [15551234567]}",
    )
    plan = make_plan({"BOT_CONFIG": given["BOT_CONFIG"]}, NO_FILE)
    assert plan.emulator is not None
    assert plan.settings.phone_allowlist == {"15551234567"}


def test_the_real_whatsapp_wants_an_account_in_both_wordings() -> None:
    with pytest.raises(SettingsError) as caught:
        make_plan({}, NO_FILE, is_real=True)
    assert "WHATSAPP_ACCESS_TOKEN is required" in str(caught.value)
    assert "WHATSAPP_PHONE_NUMBER_ID is required" in str(caught.value)


def test_the_command_checks_shows_and_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = written(tmp_path, "whatsapp: {access_token: EAAleak, port: 1234}\n")
    monkeypatch.setenv("BOT_CONFIG", given["BOT_CONFIG"])
    assert cli.main(["config", "check"]) == 0
    assert cli.main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "PORT  " in shown
    assert "1234  [bot.yaml:1: whatsapp.port]" in shown
    other = tmp_path / "other.yaml"
    other.write_text("whatsapp: {access_token: EAAothers, port: 4321}")
    assert cli.main(["config", "diff", str(other)]) == 0
    changes = capsys.readouterr().out.splitlines()
    assert changes == ["WP_ACCESS_TOKEN: another value", "PORT: 1234 -> 4321"]
    assert "EAA" not in shown + "\n".join(changes)


def test_a_wrong_file_fails_the_check_and_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = written(tmp_path, "whatsapp: {prt: 1}\n")
    file = Path(given["BOT_CONFIG"])
    before = file.stat().st_mtime_ns
    monkeypatch.setenv("BOT_CONFIG", str(file))
    assert cli.main(["config", "check"]) == 1
    assert cli.main(["config", "reload"]) == 1
    assert file.stat().st_mtime_ns == before
    assert "bot.yaml:1: whatsapp.prt: unknown key: did you mean port?" in capsys.readouterr().err


def test_the_schema_knows_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    whatsapp = schema["properties"]["whatsapp"]["properties"]
    assert {"access_token", "phone_number_id", "phone_allowlist", "port"} <= set(whatsapp)
    assert whatsapp["port"]["anyOf"][0] == {"type": "integer"}
    assert schema["properties"]["bot"]["properties"]["role"]["anyOf"][0] == {
        "enum": ["all", "web", "worker", "calls", "chats"]
    }
