"""`config show` and `config diff` print no secret that is within a value, and no phone number."""

from pathlib import Path

import pytest

from app.cli import commands as cli
from app.cli.shown_values import shown


@pytest.mark.needs("airtable", "assistant", "calls")
def test_secrets_within_urls_and_phone_numbers_are_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
bot:
  graph_api_url: https://{0}:{0}@graph.example/v1
  steps_url: http://127.0.0.1:5001/steps?key={0}
  database_url: postgresql://bot:{0}@db/bot?password={0}
  users: [{{phone: "+57300111{1}", role: staff}}]
whatsapp: {{phone_allowlist: ["+44 7700 90{1}"]}}
ai: {{base_url: "https://{0}@openai.example/v1"}}
airtable: {{webhook_url: "https://airtable.example/webhook#{0}"}}
calls: {{call_ice_servers: ["turn:{0}:{0}@turn.example:3478?transport=udp", "stun:b.example"]}}
"""
    names = ["GRAPH_API_URL", "STEPS_URL", "DATABASE_URL", "USERS", "PHONE_ALLOWLIST"]
    names += ["OPENAI_BASE_URL", "AIRTABLE_WEBHOOK_URL", "CALL_ICE_SERVERS"]
    file = tmp_path / "bot.yaml"
    file.write_text(text.format("leak1", "1111"))
    monkeypatch.setenv("BOT_CONFIG", str(file))
    other = tmp_path / "other.yaml"
    other.write_text(text.format("leak2", "2222"))
    assert cli.main(["config", "show"]) == 0
    told = capsys.readouterr().out
    assert "https://********@graph.example/v1" in told
    assert "turn:********@turn.example:3478?transport=udp, stun:b.example" in told
    assert cli.main(["config", "diff", str(other)]) == 0
    changes = capsys.readouterr().out
    assert {one.partition(":")[0] for one in changes.splitlines()} == {*names}
    assert "GRAPH_API_URL: another value" in changes
    assert "PHONE_ALLOWLIST: ********1111 -> ********2222" in changes
    for private in ("leak", "57300111", "7700"):
        assert private not in told + changes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://graph.facebook.com", "https://graph.facebook.com"),
        ("https://sk-key:@x.example/a", "https://********@x.example/a"),
        ("postgresql+psycopg://u:p/w?d#e@db:5432/b", "postgresql+psycopg://********@db:5432/b"),
        ("postgresql://u:a@b@db/b?sslmode=require", "postgresql://********@db/b?sslmode=require"),
        (
            "https://x.example/?a=1&key=2;c#d",
            "https://x.example/?a=********&key=********;********#********",
        ),
        ("https://x.example/?SECRET", "https://x.example/?********"),
        ("sqlite:///bot.db", "sqlite:///bot.db"),
        ("stun:a.example:3478,turns:u@b.example", "stun:********@b.example"),
        ("mailto:it@example.com", "mailto:it@example.com"),
        ("gpt-5.6-luna", "gpt-5.6-luna"),
        ("what? a=b #c", "what? a=b #c"),
    ],
)
def test_what_is_secret_in_a_url_is_masked_and_the_rest_stays(text: str, expected: str) -> None:
    assert shown("ANY", text) == expected
