"""Mistakes in the file of a feature are told with their place, and one that lacks another waits."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loguru import logger

import features
from app.checks.feature_sources import source_faults
from app.composition.features import FeatureError, find_features, settings_models
from texts.catalogue import Texts

Write = Callable[..., None]
LOYALTY = """
from services.feature import Feature
class Loyalty(Feature):
    name = "loyalty"
    summary = "points for regulars"
    needs = {needs}
FEATURE = Loyalty
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return a function that writes `feature.py` of features in another folder."""
    folder = tmp_path / "features"
    monkeypatch.setattr(features, "__path__", [str(folder)])
    known = set(sys.modules)

    def write_one(source: str, name: str = "loyalty", file: str = "feature.py") -> None:
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_text(source)

    yield write_one
    for name in {name for name in sys.modules if name.startswith("features.")} - known:
        del sys.modules[name]


def found() -> list[str]:
    return [feature.name for feature in find_features.__wrapped__()]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\ndef f(:\n", r"features/loyalty/feature\.py:2: SyntaxError: "),
        ("x = 1\n\nx.points\n", r"features/loyalty/feature\.py:3: AttributeError: "),
        ("import absent_library\n", r"features/loyalty/feature\.py:1: ModuleNotFoundError: "),
        ("x = 1\n", r"features/loyalty/feature\.py: FEATURE must name the feature"),
        (
            LOYALTY.format(needs=()).replace('"loyalty"', '"x"'),
            "name must be the folder's, loyalty",
        ),
        ("FEATURE = 1\n", r"features/loyalty/feature\.py: FEATURE must name the feature"),
        (LOYALTY.format(needs=("loyalty",)), "these features need each other: loyalty"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(
    write: Write, source: str, told: str
) -> None:
    write(source)
    with pytest.raises(FeatureError, match=told):
        found()


def test_what_needs_an_absent_feature_is_left_out_and_a_likely_name_is_told(
    write: Write,
) -> None:
    write(LOYALTY.format(needs=("point",)))
    write(LOYALTY.format(needs=()).replace("loyalty", "points"), "points")
    write(LOYALTY.format(needs=("loyalty",)).replace('"loyalty"', '"cards"', 1), "cards")
    told: list[str] = []
    sink = logger.add(told.append, format="{message}", level="WARNING")
    assert found() == ["points"]
    logger.remove(sink)
    assert told == [
        'features/loyalty is left out: it needs point; did you mean "points"?\n',
        "features/cards is left out: it needs loyalty\n",
    ]


SAYING = """from services.feature import Feature
from texts.required import RequiredTexts, said_with_first_name
class Loyalty(Feature):
    \'\'\'Says "loyalty.never" in its documentation only.\'\'\'
    name = "loyalty"
    summary = "points"
    required_texts = RequiredTexts(keys=said_with_first_name("loyalty.points"))
FEATURE = Loyalty
"""
POINTS = Texts({"en": {"loyalty": {"points": "You have ten.", "prices": {"tea": "1"}}}})


def test_what_the_code_of_a_feature_says_has_to_be_declared(write: Write) -> None:
    write(SAYING)
    write(
        'REMIND = JobSpec("loyalty.remind", Body)\n'
        'logger.info("loyalty.seen")\n'
        'prices = texts.find("en", "loyalty.prices")\n'
        'say("loyalty.points")\n'
        'say("loyalty.pionts" if late else "other.thing")\n',
        file="chat.py",
    )
    [fault] = source_faults(POINTS, find_features.__wrapped__())
    place, _, told = str(fault).partition(": ")
    assert place.endswith("features/loyalty/chat.py:5")
    assert told == (
        'the text loyalty.pionts is said, but not declared; did you mean "loyalty.points"?; '
        "name it in required_texts of features/loyalty/feature.py"
    )


@pytest.mark.parametrize(
    ("kind", "told"),
    [("Tool", "another tool of the assistant"), ("StateSlot", "another part of the stored state")],
)
def test_a_name_that_two_tools_or_two_parts_of_the_state_have(
    write: Write, kind: str, told: str
) -> None:
    write(SAYING)
    write(f'\nONE = {kind}(\n    "points", 1)\n', file="one.py")
    write(f'TWO = {kind}(name="points")\n', file="two.py")
    [fault] = source_faults(POINTS, find_features.__wrapped__())
    place, _, text = str(fault).partition(": ")
    assert place.endswith("features/loyalty/two.py:1")
    assert text.startswith(f"points: {told} has this name, see ")
    assert text.endswith("features/loyalty/one.py:2; give it its own")


def test_a_part_of_the_state_that_the_core_has(write: Write) -> None:
    write(SAYING)
    write('MENU = StateSlot("menu", adapter, "")\n', file="state.py")
    [fault] = source_faults(POINTS, find_features.__wrapped__())
    assert "menu: another part of the stored state has this name, see the core" in str(fault)


SETTINGS = """
from utils.setting_types import SettingsModel
class LoyaltySettings(SettingsModel):
    {field}: str = ""
SETTINGS = LoyaltySettings
"""


@pytest.mark.parametrize(
    ("field", "other"),
    [("points_url", "features/cards/settings.py:4"), ("whatsapp_token", "config/settings.py:")],
)
def test_a_variable_that_two_models_of_settings_read(write: Write, field: str, other: str) -> None:
    write(SETTINGS.format(field="points_url"), "cards", "settings.py")
    write(SETTINGS.format(field=field), "loyalty", "settings.py")
    with pytest.raises(FeatureError) as raised:
        settings_models.__wrapped__()
    told = str(raised.value)
    assert "features/loyalty/settings.py:4: " in told
    assert f": {field} reads {field.upper()}, as " in told
    assert other in told
