"""Texts of the config file are said, and wrong ones are told with their line."""

from pathlib import Path

import pytest
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.written_settings import COMPLETE, problems, read

from features.file_texts.settings import FileTextsSettings
from texts.overrides import Override


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "bot.yaml").write_text(text)
    return {**COMPLETE, "BOT_CONFIG": str(folder / "bot.yaml")}


async def test_a_text_of_the_file_is_said(tmp_path: Path) -> None:
    own = {"en": {"common.fallback": "Come again?"}}
    bot = BotHarness(tmp_path, texts=own)
    await bot.start()
    await bot.say("hello", JOHN)
    assert (await bot.say("xyzzy plugh", JOHN))[0].startswith("Come again?")
    await bot.stop()


async def test_what_operators_write_comes_first_and_leaves_that_of_the_file(tmp_path: Path) -> None:
    bot = BotHarness(tmp_path, texts={"en": {"common.fallback": "Come again?"}})
    await bot.start()
    texts = bot.bot.parts.context.texts
    texts.override([Override("en", "common.fallback", "Pardon?")])
    assert texts.say("en", "common.fallback", {"first_name": ""}) == "Pardon?"
    texts.override([])
    assert texts.say("en", "common.fallback", {"first_name": ""}) == "Come again?"
    await bot.stop()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  xx: {common.fallback: x}", "bot.yaml:2: texts.xx.common.fallback: Language is one of"),
        ("  en:\n    common.fallbak: x", "bot.yaml:3: texts.en.common.fallbak: there is no text"),
        ("  en: {common.fallback: '{nobody}'}", "{nobody} is not filled in here"),
        ("  en: {common.fallback: ' '}", "the text is blank"),
    ],
)
def test_a_text_that_does_not_fit_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(written(tmp_path, f"texts:\n{text}\n"))


def test_a_right_one_is_read(tmp_path: Path) -> None:
    given = written(tmp_path, "texts:\n  es:\n    common.fallback: ¿Cómo dices?\n")
    assert read(given).of(FileTextsSettings).overrides == [
        Override("es", "common.fallback", "¿Cómo dices?")
    ]
