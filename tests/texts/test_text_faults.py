"""Each fault of a text is told once, with its file and line, and what was probably meant."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from tests.texts.core_toml import CORE_TOML

from app.checks.dry_run import dry_run
from app.checks.texts import check
from flow_engine import (
    Ask,
    Effect,
    Flow,
    Menu,
    SaveRecord,
    Say,
    SendContact,
    SendDocument,
    SendLocation,
    SetLanguage,
)
from texts.catalogue import Texts, TextsError
from texts.required import RequiredTexts
from texts.sayings import MissingTextError


class Form(BaseModel):
    day: Literal["today", "tomorrow"]


def finish(form: Form) -> list[Effect]:
    said: list[Effect] = [Say("f.done", {"day": form.day})]
    if form.day == "tomorrow":
        said += [SendDocument("f.plan"), SendLocation("f.place"), SendContact("f.card")]
    return said


FLOW = Flow("f", 1, Form, (Ask("day"),), finish)
MENU = Menu("m", {"es": (SetLanguage("es"), Say("f.bye"))})
WHERE = f"{Path(__file__).relative_to(Path.cwd())}:{finish.__code__.co_firstlineno}"
TEXTS = """\
[f]
done = "See you {day}, {first_name}!"
bye = "Bye"
[f.day]
ask = "Which day, {first_name}?"
invalid = "A day, please."
[f.day.options.today]
title = "Today"
also = ["now"]
[f.day.options.tomorrow]
title = "Tomorrow"
[f.plan]
file = "plan.pdf"
filename = "Plan.pdf"
[f.place]
latitude = 4
longitude = -74.1
name = "House"
address = '''
[f.street]
'''
[f.card]
name = "Team"
phone = "+57 300 000 0000"
email = "hello@example.com"
organisation = "Team"
[m]
ask = "Which?"
"""
FIRST = CORE_TOML.count("\n") + 1
#: The first line of the table of words: what is missing in it is told there.
WORDS = CORE_TOML[: CORE_TOML.index("words.")].count("\n") + 1


def line(text: str, number: int = 0) -> int:
    """The line of TEXTS that starts so, in a file that starts with CORE_TOML."""
    return FIRST + [one.startswith(text) for one in TEXTS.splitlines()].index(True) + number


def faults_of(folder: Path, en: str, es: str = TEXTS, **more: Any) -> list[str]:
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / "plan.pdf").write_bytes(b"%PDF")
    (folder / "en.toml").write_text(CORE_TOML + en)
    (folder / "es.toml").write_text(CORE_TOML + es)
    faults = check(Texts.load(folder), [FLOW, MENU], **more)
    return [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_good_texts_have_no_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path, TEXTS) == []


HERE = Path(__file__).name
FAULTS = {
    "said": (
        ("bye =", "bey ="),
        f'en.toml:{line("[f]")}: f.bye is missing; {{menu}} uses it; did you mean "f.bey"?',
    ),
    "asked": (
        ('ask = "Which day', 'aks = "Which day'),
        f"en.toml:{line('[f.day]')}: f.day.ask is missing; {{flow}} uses it; "
        'did you mean "f.day.aks"?',
    ),
    "given": (
        ("{day}", "{dya}"),
        f"en.toml:{line('done')}: f.done names {{dya}}, which nothing fills in; {{done}} uses it; "
        'did you mean "day"?',
    ),
    "given-in-a-question": (
        ("day, {first_name}", "day, {guests}"),
        f"en.toml:{line('ask')}: f.day.ask names {{guests}}, which nothing fills in; "
        "{flow} uses it",
    ),
    "filter": (
        ("{day}", "{day:titel}"),
        f'en.toml:{line("done")}: f.done has {{day:titel}}: the filter "titel" is unknown; '
        'did you mean "title"?',
    ),
    "currency": (
        ("{day}", "{day:money EURO}"),
        f"en.toml:{line('done')}: f.done has {{day:money EURO}}: no such currency: EURO",
    ),
    "braces": (
        ("{day}", "{day"),
        f"en.toml:{line('done')}: f.done has odd braces: unexpected '{{' in field name; "
        "write {{ for a brace",
    ),
    "never-filled-in": (
        ('"Today"', '"{day}"'),
        f"en.toml:{line('title')}: f.day.options.today.title names {{day}}, "
        "but only questions are filled in",
    ),
    "option-without-texts": (
        ('[f.day.options.tomorrow]\ntitle = "Tomorrow"\n', ""),
        f"en.toml:{line('[f.day.options')}: f.day.options.tomorrow is missing; "
        "other options of the question have texts",
    ),
    "option": (
        ("options.today", "options.toady"),
        f"en.toml:{line('[f.day.options')}: f.day.options.toady is no option there; "
        'did you mean "today"?',
    ),
    "also": (
        ('["now"]', '"now"'),
        f'en.toml:{line("also")}: f.day.options.today.also is not a list of texts: write ["now"]',
    ),
    "no-text": (
        ('"Bye"', "5"),
        f"en.toml:{line('bye')}: f.bye is not a text; {{menu}} uses it",
    ),
    "document": (
        ("[f.plan]", "[f.plam]"),
        f'en.toml:{line("[f]")}: f.plan is missing; {{plan}} uses it; did you mean "f.plam"?',
    ),
    "empty": (
        ('"Which day, {first_name}?"', '" "'),
        f"en.toml:{line('ask')}: f.day.ask is empty",
    ),
    "equal-titles": (
        ('title = "Tomorrow"', 'title = "Today "'),
        f"en.toml:{line('title', 3)}: f.day.options.tomorrow.title is the title of today too",
    ),
    "file": (
        ("plan.pdf", "plane.pdf"),
        f"en.toml:{line('file ')}: f.plan.file names a file that is not in files/: plane.pdf; "
        'did you mean "plan.pdf"?',
    ),
    "field": (
        ("phone =", "phon ="),
        f"en.toml:{line('[f.card]')}: f.card.phone is missing; a contact needs it",
    ),
    "odd-field": (
        ("organisation", "organization"),
        f"en.toml:{line('organisation')}: f.card.organization is no field of a contact; "
        'did you mean "organisation"?',
    ),
    "number": (
        ("latitude = 4", "latitude = '4'"),
        f"en.toml:{line('latitude')}: f.place.latitude is not a number: '4'",
    ),
    "text-for-a-table": (
        ('[f.card]\nname = "Team"', 'card = "Team"\n[f.cart]\nname = "Team"'),
        None,
    ),
}
PLACES = {"flow": FLOW.defined_at, "menu": MENU.defined_at.of_constant("f.bye")}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told(tmp_path: Path, change: tuple[str, str], fault: str | None) -> None:
    finish_at = dry_run(FLOW).where
    places = {name: str(place) for name, place in PLACES.items()}
    places |= {name: str(finish_at.of_constant(f"f.{name}")) for name in ("plan", "done")}
    faults = faults_of(tmp_path, TEXTS.replace(*change))
    if fault is None:
        assert faults
        return
    for name, place in places.items():
        fault = fault.replace(f"{{{name}}} uses", f"{place} uses")
    assert fault in faults


def test_a_text_that_all_languages_lack_is_told_once_a_file(tmp_path: Path) -> None:
    lacking = TEXTS.replace('bye = "Bye"\n', "")
    text = f"f.bye is missing; {PLACES['menu']} uses it"
    assert faults_of(tmp_path, lacking, lacking) == [
        f"{language}.toml:{line('[f]')}: {text}" for language in ("en", "es")
    ]


def broken(form: Form) -> list[Effect]:
    return [SaveRecord("days", feilds={"day": form.day})]  # type: ignore[call-arg]


def saving(form: Form) -> list[Effect]:
    return [SaveRecord("days", {"day": form.day})]


@pytest.mark.parametrize(("finish", "named"), [(broken, []), (saving, ["{gone}"])])
def test_the_text_of_a_status_is_not_blamed_for_a_finish_that_fails(
    tmp_path: Path, finish: Any, named: list[str]
) -> None:
    texts = TEXTS.replace("[f.day]", 'told = "{day} {gone}"\n[f.day]', 1)
    flow = Flow("f", 1, Form, (Ask("day"),), finish, on_status={"Confirmed": Say("f.told")})
    (tmp_path / "files").mkdir()
    (tmp_path / "en.toml").write_text(CORE_TOML + texts)
    faults = [str(one) for one in check(Texts.load(tmp_path), [flow]) if "names {" in str(one)]
    assert [name for name in ("{day}", "{gone}") if any(name in one for one in faults)] == named


@pytest.mark.parametrize(
    ("right", "wrong", "key", "meant"),
    [
        ('ask = "Which day', 'akss = "Which day', "f.day.ask", "f.day.akss"),
        ("[f.plan]", "[f.plam]", "f.plan", "f.plam"),
    ],
)
def test_other_languages_are_not_told_to_repeat_a_misspelt_key(
    tmp_path: Path, right: str, wrong: str, key: str, meant: str
) -> None:
    [fault] = faults_of(tmp_path, TEXTS.replace(right, wrong))
    assert f"{key} is missing" in fault
    assert fault.endswith(f'did you mean "{meant}"?')


def test_a_text_that_another_language_has_is_told(tmp_path: Path) -> None:
    more = TEXTS.replace("bye =", 'more = "{first_name}"\nbye =')
    assert faults_of(tmp_path, TEXTS, more) == [
        f"en.toml:{line('[f]')}: f.more is missing; es.toml has it"
    ]
    other = more.replace('more = "{first_name}"', 'more = "More"')
    assert faults_of(tmp_path, more, other) == [
        f"es.toml:{line('bye')}: f.more has other parameters than in en.toml: {{first_name}}"
    ]


def test_words_of_the_code_are_needed_in_every_language(tmp_path: Path) -> None:
    faults_of(tmp_path, TEXTS)
    for odd, fault in {
        "words.cancell = ['x']": "words.cancel is missing; the code of the bot uses it; "
        'did you mean "cancell"?',
        "words.cancel = 'x'": "words.cancel is not a list of texts: 'x'",
        "words.cancel = []": "words.cancel is not a list of texts: []",
        "words.cancel = ['x (y']": "words.cancel cannot be read: x (y has a bracket without its "
        "partner",
    }.items():
        text = (CORE_TOML + TEXTS).replace("words.cancel = ['cancel']", odd)
        (tmp_path / "en.toml").write_text(text)
        [told] = map(str, check(Texts.load(tmp_path), [FLOW, MENU]))
        assert told.partition(": ")[2] == fault


def test_phrases_that_start_a_flow_are_checked(tmp_path: Path) -> None:
    odd = TEXTS.replace("[f]\n", "[f]\nphrases = ['a [b']\n", 1)
    [told] = faults_of(tmp_path, odd)
    assert "f.phrases cannot be read: a [b has a bracket without its partner" in told
    alone = TEXTS.replace("[f]\n", "[f]\nphrases = 'a'\n", 1)
    told, *_ = faults_of(tmp_path, alone)
    assert "f.phrases is not a list of texts: 'a'" in told


def test_words_for_what_is_no_option_are_checked(tmp_path: Path) -> None:
    odd = TEXTS.replace("[f.day]\n", "[f.day]\nunlisted.words = ['a [b']\n", 1)
    [told] = faults_of(tmp_path, odd)
    assert "f.day.unlisted.words cannot be read: a [b" in told


def test_what_the_engine_says_is_needed(tmp_path: Path) -> None:
    faults_of(tmp_path, TEXTS)
    for language in ("en", "es"):
        file = tmp_path / f"{language}.toml"
        file.write_text(file.read_text().replace("common.timed_out", "common.timed_uot"))
    told = [str(fault) for fault in check(Texts.load(tmp_path), [FLOW, MENU])]
    assert len(told) == 2
    assert told[0].endswith(
        ": common.timed_out is missing; the code of the bot uses it; "
        'did you mean "common.timed_uot"?'
    )


def test_what_features_say_is_needed(tmp_path: Path) -> None:
    feature = RequiredTexts(
        {"f.heard": ("text",), "f.bye": ()}, words=("farewell",), prompts=("summary",)
    )
    table = f":{line('[f]')}: f.heard is missing; the code of the bot uses it"
    assert faults_of(tmp_path, TEXTS, also=[feature]) == [
        "prompts/summary.en.md is missing",
        "prompts/summary.es.md is missing",
        f"en.toml:{WORDS}: words.farewell is missing; the code of the bot uses it",
        f"en.toml{table}",
        f"es.toml:{WORDS}: words.farewell is missing; the code of the bot uses it",
        f"es.toml{table}",
    ]


def test_languages_without_texts_are_told(tmp_path: Path) -> None:
    assert faults_of(tmp_path, TEXTS, default_language="en") == []
    [fault] = faults_of(tmp_path, TEXTS, default_language="enn")
    assert fault == 'DEFAULT_LANGUAGE is "enn"; there are texts in: en, es; did you mean "en"?'
    menu = Menu("m", {"fr": (SetLanguage("fr"),)})
    [fault] = map(str, check(Texts.load(tmp_path), [FLOW, menu]))
    assert fault == f'{menu.defined_at}: m: SetLanguage("fr"); there are texts in: en, es'


def test_a_flow_may_declare_what_it_says(tmp_path: Path) -> None:
    faults_of(tmp_path, TEXTS)
    flow = Flow("f", 1, Form, (Ask("day"),), finish, says=("f.done", "f.end"))
    told = [str(fault) for fault in check(Texts.load(tmp_path), [flow, MENU])]
    assert [one.partition(": ")[2].partition(";")[0] for one in told] == ["f.end is missing"] * 2


def test_all_files_that_are_no_toml_are_named(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[a]\nb = "c\n')
    (tmp_path / "es.toml").write_text("[a]\n[a]\n")
    with pytest.raises(TextsError) as raised:
        Texts.load(tmp_path)
    english, spanish = str(raised.value).splitlines()
    assert english.startswith(f"{tmp_path}/en.toml:2: ")
    assert spanish.startswith(f"{tmp_path}/es.toml:2: ")


@pytest.mark.parametrize(
    ("key", "params", "told"),
    [
        ("f.bey", {}, 'en.toml has no text f.bey; did you mean "f.bye"?'),
        (
            "f.done",
            {"dya": "today", "first_name": "Ana"},
            'en.toml: f.done names {day}; given are: dya, first_name; did you mean "dya"?',
        ),
        ("f.done", {}, "en.toml: f.done names {day}; given are: none"),
    ],
)
def test_a_text_that_cannot_be_said_is_told_clearly(
    tmp_path: Path, key: str, params: dict[str, str | int], told: str
) -> None:
    faults_of(tmp_path, TEXTS)
    with pytest.raises(MissingTextError) as raised:
        Texts.load(tmp_path).say("en", key, params)
    assert str(raised.value) == told


def test_what_cannot_be_sent_is_told_clearly(tmp_path: Path) -> None:
    faults_of(tmp_path, TEXTS)
    texts = Texts.load(tmp_path)
    with pytest.raises(MissingTextError, match=r"en\.toml has no table f\.nowhere"):
        texts.table("en", "f.nowhere", {})
    with pytest.raises(MissingTextError, match=r"prompts/summary\.en\.md is missing"):
        texts.prompt("en", "summary")
