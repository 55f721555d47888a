"""The texts are complete, fit into WhatsApp's messages, and people's words are understood."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.fakes.flows import load_flows
from tests.sample import flows
from tests.texts.core_toml import CORE_TOML

import texts
from app.checks.texts import check
from flow_engine import Ask, Flow, Flows, Menu, TalkToAssistant
from texts.catalogue import Texts, TextsError

FOLDER = Path(texts.__path__[0])


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return Texts.load(FOLDER)


def test_the_shipped_texts_are_complete_and_fit(shipped: Texts) -> None:
    assert check(shipped, load_flows(flows)) == []


def test_every_document_is_there(shipped: Texts) -> None:
    for language in shipped.languages:
        file = shipped.table(language, "events.programme", {})["file"]
        assert (FOLDER / "files" / file).read_bytes().startswith(b"%PDF")


class Form(BaseModel):
    name: str


FLOW = Flow(name="f", version=1, form=Form, steps=(Ask("name"),), finish=lambda form: [])
MENU = Menu("m", {"a": (TalkToAssistant(),)})
GOOD = CORE_TOML + '[f.name]\nask="?"\ninvalid="!"\n[m]\nask="?"\n[m.options.a]\ntitle="A"\n'


def faults(tmp_path: Path, en: str, es: str) -> list[str]:
    (tmp_path / "en.toml").write_text(en)
    (tmp_path / "es.toml").write_text(es)
    return [str(fault) for fault in check(Texts.load(tmp_path), Flows([FLOW, MENU]))]


def test_good_texts_have_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD, GOOD) == []


@pytest.mark.parametrize(
    ("es", "complaint"),
    [
        pytest.param(GOOD.replace('invalid="!"\n', ""), "f.name.invalid is missing", id="invalid"),
        pytest.param(GOOD.replace('title="A"', ""), "m.options.a.title is missing", id="title"),
        pytest.param(GOOD.replace('"A"', f'"{"A" * 21}"'), "has 21 characters", id="button"),
        pytest.param(GOOD.replace('"A"', f'"{"🎉" * 11}"'), "has 22 characters", id="emoji"),
        pytest.param(GOOD.replace('ask="?"', 'ask="{name}?"'), "other parameters", id="params"),
        pytest.param(GOOD.replace('ask="?"', f'ask="{"?" * 1025}"'), "1025 characters", id="body"),
    ],
)
def test_each_fault_is_found(tmp_path: Path, es: str, complaint: str) -> None:
    assert any(complaint in fault for fault in faults(tmp_path, GOOD, es))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text("[oops")
    with pytest.raises(TextsError, match=r"en\.toml:1: .*table"):
        Texts.load(tmp_path)


def test_a_key_of_two_files_is_told_with_both_places(tmp_path: Path) -> None:
    for name, text in {
        "core": GOOD,
        "one": '[points]\nask="?"\n[words]\ncard=["card"]\n',
        "two": '\n[points]\nask="!"\n[words]\ncard=["ticket"]\n[f]\nname="x"\n',
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "en.toml").write_text(text)
    with pytest.raises(TextsError) as raised:
        Texts.load(*(tmp_path / name for name in ("core", "one", "two")))
    advice = "too: remove one of them, or rename it"
    line = GOOD.split("\n").index("[f.name]") + 1
    assert str(raised.value).replace(f"{tmp_path}/", "").splitlines() == [
        f"two/en.toml:3: points.ask is in one/en.toml:2 {advice}",
        f"two/en.toml:5: words.card is in one/en.toml:4 {advice}",
        f"two/en.toml:7: f.name is in core/en.toml:{line} {advice}",
    ]


@pytest.mark.parametrize("text", ["Hola!", "¡Buenas tardes!", "hi there", "good morning to you"])
def test_greetings_start_short_messages(shipped: Texts, text: str) -> None:
    assert shipped.vocabulary.is_greeting(text)


@pytest.mark.parametrize("text", ["this is it", "they", "hi, I have lost my card and my keys", ""])
def test_other_words_are_no_greetings(shipped: Texts, text: str) -> None:
    assert not shipped.vocabulary.is_greeting(text)


@pytest.mark.parametrize(
    ("typed", "option"),
    [("Sí", "yes"), ("SI!", "yes"), ("autorizo", "yes"), ("2", "no"), ("No", "no"), ("y", "yes")],
)
def test_typed_equivalents_of_a_button(shipped: Texts, typed: str, option: str) -> None:
    matched = shipped.match_option("es", "registration.consent", ("yes", "no"), typed)
    assert matched == option


@pytest.mark.parametrize("typed", ["maybe", "3", "0", ""])
def test_what_matches_no_option(shipped: Texts, typed: str) -> None:
    assert shipped.match_option("es", "registration.consent", ("yes", "no"), typed) is None
