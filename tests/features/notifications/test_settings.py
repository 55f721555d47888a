"""Settings of a notification service for shops, as this project's `.env`."""

from datetime import date
from pathlib import Path

import pytest
from tests.fakes.written_settings import NO_FILE, env_file

from app.composition.features import settings_models
from config.env import load_settings

TODAY = date(2026, 11, 21)

#: Settings as a notification service for shops had them: see docs/notifications.md.
OF_A_SERVICE = {
    "WHATSAPP_ACCESS_TOKEN": "EAAtoken",
    "WHATSAPP_PHONE_NUMBER_ID": "123456789012345",
    "WHATSAPP_BUSINESS_ACCOUNT_ID": "987654321098765",
    "WHATSAPP_WEBHOOK_VERIFY_TOKEN": "a-verify-token-of-ours",
    "ENABLE_WHATSAPP_NOTIFICATIONS": "true",
    "WHATSAPP_API_KEY": "a key of another provider",
    "WHATSAPP_BASE_URL": "https://api.provider.example",
    "WHATSAPP_FROM_NUMBER": "whatsapp:+34600000000",
    "WHATSAPP_APP_SECRET": "0123456789abcdef0123456789abcdef",
}


@pytest.mark.parametrize("is_in_file", [False, True])
def test_settings_of_a_notification_service_start_with_three_warnings(
    tmp_path: Path, is_in_file: bool
) -> None:
    """Names of another provider are left there; none of their values is read."""
    lines = "\n".join(f"{name}={value}" for name, value in OF_A_SERVICE.items())
    file = env_file(tmp_path, lines) if is_in_file else NO_FILE
    settings = load_settings({} if is_in_file else OF_A_SERVICE, file, settings_models())
    assert settings.wp_access_token.get_secret_value() == "EAAtoken"
    assert list(settings.warnings(today=TODAY)) == [
        "WHATSAPP_API_KEY is deprecated and not read, since WHATSAPP_ACCESS_TOKEN is set. "
        "Remove it.",
        "WHATSAPP_BASE_URL is deprecated and not read: the address is Meta's. Remove it.",
        "WHATSAPP_FROM_NUMBER is deprecated and not read: WP_PHONE_ID says which number sends. "
        "Remove it.",
    ]
