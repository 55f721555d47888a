"""Secrets at rest: bound to their place, readable with every key that is still there."""

import pytest
from pydantic import SecretStr, ValidationError

from features.tenants.settings import TenantSettings
from features.tenants.vault import Place, Vault, VaultError
from utils.key_ring import new_key

HERE = Place("bakery", "106540352242922", "token")
SECRET = "EAAGsecretofthebakery"


def vault(*keys: str) -> Vault:
    return Vault([SecretStr(one) for one in keys])


def test_a_secret_comes_back_where_it_was_stored() -> None:
    made = vault(new_key())
    stored = made.seal(SECRET, HERE)
    assert SECRET not in stored
    assert made.open(stored, HERE).get_secret_value() == SECRET
    assert made.seal(SECRET, HERE) != stored  # each has a nonce of its own


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("florist", "106540352242922", "token"),
        Place("bakery", "106540352242923", "token"),
        Place("bakery", "106540352242922", "app secret"),
        Place("", "bakery106540352242922", "token"),
    ],
    ids=["tenant", "number", "field", "joined"],
)
def test_a_row_that_is_copied_elsewhere_cannot_be_read(elsewhere: Place) -> None:
    """Who can write to the database does not get a token of another business to send with."""
    made = vault(new_key())
    with pytest.raises(VaultError, match="copied from another place"):
        made.open(made.seal(SECRET, HERE), elsewhere)


def test_a_changed_row_cannot_be_read() -> None:
    made = vault(new_key())
    stored = made.seal(SECRET, HERE)
    for changed in (stored[:-4] + "AAA=", stored.split(".")[0] + ".", stored + "!"):
        with pytest.raises(VaultError):
            made.open(changed, HERE)


def test_old_keys_read_and_the_newest_writes() -> None:
    old, new = new_key(), new_key()
    stored = vault(old).seal(SECRET, HERE)
    both = vault(new, old)
    assert both.open(stored, HERE).get_secret_value() == SECRET
    assert not both.is_newest(stored)
    again = both.seal(SECRET, HERE)
    assert both.is_newest(again)
    with pytest.raises(VaultError, match="SECRETS_KEYS lacks: add it"):
        vault(old).open(again, HERE)


def test_without_a_key_nothing_is_stored() -> None:
    with pytest.raises(VaultError, match="new-key"):
        vault().seal(SECRET, HERE)


def test_no_key_and_no_secret_shows_in_a_text() -> None:
    key = new_key()
    made = vault(key)
    assert key not in repr(made)
    assert SECRET not in repr(made.open(made.seal(SECRET, HERE), HERE))
    with pytest.raises(VaultError) as told:
        made.open(made.seal(SECRET, HERE), Place("", "", ""))
    assert SECRET not in str(told.value)


def test_a_wrong_key_stops_the_start_and_is_not_shown() -> None:
    with pytest.raises(ValidationError) as told:
        TenantSettings(secrets_keys=f"{new_key()},c2hvcnQ=")
    assert "number 2" in str(told.value.errors(include_input=False))
    assert len(TenantSettings(secrets_keys=f"{new_key()}, {new_key()}").secrets_keys) == 2
