"""The client that a plain script gets from its environment."""

import pytest

from services.clients.cloud_api.from_environment import cloud_api_from_environment

TOKEN_NAMES = ["WP_ACCESS_TOKEN", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TOKEN", "WHATSAPP_API_KEY"]


@pytest.mark.parametrize("token_name", TOKEN_NAMES)
@pytest.mark.parametrize("phone_name", ["WP_PHONE_ID", "WHATSAPP_PHONE_NUMBER_ID"])
def test_every_name_of_a_setting_is_read(token_name: str, phone_name: str) -> None:
    api = cloud_api_from_environment({token_name: "secret", phone_name: "106"})

    assert api.phone_number_id == "106"


def test_the_first_name_wins() -> None:
    environment = {"WP_ACCESS_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "2", "WP_PHONE_ID": "1"}

    assert cloud_api_from_environment(environment).phone_number_id == "1"


@pytest.mark.parametrize(
    ("environment", "missing"),
    [({"WP_PHONE_ID": "1"}, "WP_ACCESS_TOKEN"), ({"WP_ACCESS_TOKEN": "secret"}, "WP_PHONE_ID")],
)
def test_what_is_missing_is_named_and_what_is_there_is_not_shown(
    environment: dict[str, str], missing: str
) -> None:
    with pytest.raises(EnvironmentError, match=missing) as failed:
        cloud_api_from_environment(environment)

    assert "secret" not in str(failed.value)
