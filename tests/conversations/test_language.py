"""The language is the person's choice, else that of their country, else the default."""

import pytest

from domain.user import User
from texts.language import language_of


@pytest.mark.parametrize(
    ("chosen", "wa_id", "user_id", "language"),
    [
        pytest.param("en", "573001234567", None, "en", id="choice"),
        pytest.param("fr", "573001234567", None, "es", id="choice-not-available"),
        pytest.param(None, "573001234567", None, "es", id="colombia"),
        pytest.param(None, "5215512345678", None, "es", id="mexico-with-a-1"),
        pytest.param(None, "15551234567", None, "en", id="united-states"),
        pytest.param(None, "5511987654321", None, "pt", id="brazil"),
        pytest.param(None, "351912345678", None, "pt", id="portugal"),
        pytest.param(None, "244923123456", None, "pt", id="angola"),
        pytest.param(None, "258841234567", None, "pt", id="mozambique"),
        pytest.param(None, "4915112345678", None, "en", id="germany-default"),
        pytest.param(None, None, "CO.13491208655302741918", "es", id="hidden-phone"),
        pytest.param(None, "not a number", None, "en", id="opaque"),
        pytest.param(None, None, None, "en", id="nothing"),
    ],
)
def test_language(
    chosen: str | None, wa_id: str | None, user_id: str | None, language: str
) -> None:
    user = User("u1", user_id, wa_id, None, language=chosen)
    assert language_of(user, {"en", "es", "pt"}, "en") == language
