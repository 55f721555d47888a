"""A setting of the emulator that is misspelt is named, with what may have been meant."""

from emulator.__main__ import misspelt_settings


def test_a_misspelt_setting_is_named_with_the_nearest_one() -> None:
    given = [
        "EMULATOR_PROT",
        "EMULATOR_PORT",
        "EMULATOR_AIRTABLE_FILE",
        "PATH",
        "EMULATOR_QQQQQQQQ",
    ]
    assert list(misspelt_settings(given)) == [
        "Unknown setting of the emulator: EMULATOR_PROT: did you mean EMULATOR_PORT?",
        "Unknown setting of the emulator: EMULATOR_QQQQQQQQ: remove it.",
    ]
