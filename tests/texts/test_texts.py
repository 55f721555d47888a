"""The texts are complete, fit into WhatsApp's messages, and people's words are understood."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.fakes.flows import load_flows
from tests.texts.core_toml import CORE_TOML

import flows
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
        file = shipped.document(language, "events.programme").file
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


@pytest.mark.parametrize("text", ["Hola!", "¡Buenas tardes!", "hi there", "good morning to you"])
def test_greetings_start_short_messages(shipped: Texts, text: str) -> None:
    assert shipped.is_greeting(text)


@pytest.mark.parametrize("text", ["this is it", "they", "hi, I have lost my card and my keys", ""])
def test_other_words_are_no_greetings(shipped: Texts, text: str) -> None:
    assert not shipped.is_greeting(text)


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
