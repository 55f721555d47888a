"""The files of a new language: complete, marked, and with nothing that another language claims."""

import tomllib
from pathlib import Path

import pytest

from app.cli.new_language import check_code, language_files
from app.cli.new_names import BadName
from flow_engine.languages import read_languages
from texts.catalogue import Texts

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(language_files("fr", ROOT))


def test_each_file_of_the_model_has_its_counterpart(files: dict[str, str]) -> None:
    assert all((ROOT / path.replace("fr.", "en.")).is_file() for path in files)
    assert {"src/texts/fr.toml", "src/flow_engine/languages/fr.toml"} < files.keys()
    for path, text in files.items():
        if path.endswith(".toml"):
            assert text.startswith("# TRANSLATE: this file is still in English.")


def test_only_the_facts_of_a_language_are_its_own(files: dict[str, str], tmp_path: Path) -> None:
    for source in (ROOT / "src/flow_engine/languages").glob("*.toml"):
        (tmp_path / source.name).write_text(source.read_text())
    (tmp_path / "fr.toml").write_text(files["src/flow_engine/languages/fr.toml"])
    languages, problems = read_languages(tmp_path)
    assert problems == ()
    assert (languages["fr"].name, languages["fr"].countries) == ("fr", ())
    texts = tomllib.loads(files["src/texts/fr.toml"])
    english = tomllib.loads((ROOT / "src/texts/en.toml").read_text())
    assert texts["words"].pop("language") == ["fr"]
    english["words"].pop("language")
    assert texts == english


def test_the_menu_names_each_language_as_its_own_speakers_do() -> None:
    texts = Texts.load(ROOT / "src/texts")
    for language in texts.languages:
        options = texts.question(language, "choose_language", sorted(texts.languages)).options
        assert [one.title for one in options] == ["English", "Español", "Português"]


@pytest.mark.parametrize("code", ["f", "french", "FR", "pt-br", "../x", "fr.toml"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(BadName, match="no code of a language"):
        check_code(code)


@pytest.mark.parametrize(
    ("written", "key", "problem"),
    [
        ('name = "X"\n[dates]\nmonths = ["a"]\n', "dates.months", "at least 12"),
        ('nmae = "X"\n', "nmae", "Extra inputs"),
        ("name = \n", "", "Invalid value"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(
    tmp_path: Path, written: str, key: str, problem: str
) -> None:
    (tmp_path / "xx.toml").write_text(written)
    languages, problems = read_languages(tmp_path)
    assert languages == {}
    assert any(one.key == key and problem in one.text for one in problems)


def test_a_country_belongs_to_one_language(tmp_path: Path) -> None:
    months = ", ".join(f'"m{number}x"' for number in range(12))
    for code in ("xx", "yy"):
        text = f'name = "{code}"\ncountries = ["FR"]\n[dates]\nmonths = [{months}]\n'
        (tmp_path / f"{code}.toml").write_text(text)
    _, [problem] = read_languages(tmp_path)
    assert problem.text == "FR is in xx.toml too: remove it from one of them"
