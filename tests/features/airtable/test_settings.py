"""Settings of Airtable."""

from pathlib import Path

import pytest
from tests.fakes.written_settings import COMPLETE, NO_FILE, env_file, load, problems

from config.env import SettingsError, load_part, load_settings
from features.airtable.settings import AirtableAccess, AirtableSettings


def test_a_token_of_airtable_needs_a_base() -> None:
    told = problems({**COMPLETE, "AIRTABLE_API_KEY": "pat-secret"})
    assert "AIRTABLE_BASE_ID: AIRTABLE_API_KEY is set, so this is needed too" in told


def test_the_settings_are_there_only_when_they_were_loaded() -> None:
    assert load().of(AirtableSettings).airtable_base_id is None
    with pytest.raises(LookupError, match="AirtableSettings was not loaded"):
        load_settings(COMPLETE, NO_FILE).of(AirtableSettings)


def test_a_command_reads_only_what_it_needs(tmp_path: Path) -> None:
    file = env_file(tmp_path, "WP_ACESS_TOKEN=x")
    access = load_part(AirtableAccess, {"AIRTABLE_API_KEY": "pat-secret"}, file)
    assert (access.is_enabled, access.airtable_base_id) == (True, None)
    with pytest.raises(SettingsError, match="AIRTABLE_API_URL: expected a URL"):
        load_part(AirtableAccess, {"AIRTABLE_API_URL": "x"}, file)


@pytest.mark.needs("assistant")
def test_problems_of_several_features_are_told_together(tmp_path: Path) -> None:
    file = env_file(tmp_path, "OPENAI_BASE_URL=nowhere")
    told = problems({**COMPLETE, "AIRTABLE_API_KEY": "pat-secret"}, file)
    for part in ("OPENAI_BASE_URL: expected a URL", "AIRTABLE_BASE_ID: "):
        assert told.count(part) == 1


@pytest.mark.needs("assistant")
def test_every_secret_is_known_to_the_log() -> None:
    airtable = {"AIRTABLE_API_KEY": "pat-secret", "AIRTABLE_BASE_ID": "appExample"}
    secrets = load(**airtable, OPENAI_API_KEY="sk-secret").secrets()
    assert {"EAAtoken", "words", "signing", "pat-secret", "sk-secret"} == set(secrets)
