"""Each fault of a flow or a menu is told with its file, its line, and what was probably meant."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
from tests.fakes.flows import load_flows

from flow_engine import FlowDefinitionError

HEAD = """\
from typing import Literal
from pydantic import BaseModel, Field, field_validator, model_validator
from flow_engine import *

class Form(BaseModel):
    guests: int
    day: Literal["today", "tomorrow"]

def finish(form):
    return []

"""
#: The line of the code that follows HEAD.
LINE = HEAD.count("\n") + 1
STEPS = 'steps=(Ask("guests"), Ask("day"))'
FLOW = f'f = Flow(name="f", version=1, form=Form, {STEPS}, finish=finish)'


def faults_of(
    folder: Path, patch: pytest.MonkeyPatch, *codes: str, sources: Sequence[str] = ()
) -> list[str]:
    """What is told of modules a.py, b.py ..., each HEAD and a code."""
    package = ModuleType("own_flows")
    package.__path__ = [str(folder)]
    patch.setitem(sys.modules, "own_flows", package)
    patch.chdir(folder)
    for name, code in zip("abc", codes, strict=False):
        (folder / f"{name}.py").write_text(HEAD + code)
    try:
        load_flows(package, sources)
    except FlowDefinitionError as error:
        return str(error).splitlines()
    finally:
        for name in "abc":
            sys.modules.pop(f"own_flows.{name}", None)
    return []


def test_a_good_flow_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults_of(tmp_path, monkeypatch, FLOW) == []


FAULTS = {
    "profile-of-nobody": (
        FLOW.replace('Ask("guests")', 'Ask("guests", from_profile=True)'),
        f"a.py:{LINE}: f: from_profile: no flow saves guests in the profile",
    ),
    "profile-and-options": (
        FLOW.replace('Ask("day")', 'Ask("day", from_profile=True, options_from=NextDays(3))'),
        f"a.py:{LINE}: f: from_profile does not go with loaded options: day",
    ),
    "dates-of-nobody": (
        FLOW.replace('Ask("day")', 'Ask("day", dates={"todya": "last friday 9:00"})'),
        f'a.py:{LINE}: f: day has dates of no such option: todya; did you mean "today"?',
    ),
    "odd-date": (
        FLOW.replace('Ask("day")', 'Ask("day", dates={"today": "friday"})'),
        f'a.py:{LINE}: f: "friday" says no time: "last saturday 14:00-18:00" does',
    ),
    "no-steps": (
        FLOW.replace(STEPS, "steps=()"),
        f"a.py:{LINE}: f: has no steps",
    ),
    "no-field": (
        FLOW.replace('Ask("day")', '\nAsk("dya")'),
        f'a.py:{LINE + 1}: f: not a field of the form: dya; did you mean "day"?',
    ),
    "step-twice": (
        FLOW.replace('Ask("day")', 'Ask("day"), Ask("day")'),
        f"a.py:{LINE}: f: the step day appears twice",
    ),
    "no-step": (
        FLOW.replace('Ask("guests")', 'Ask("guests", then={"1":\n"dya"})'),
        f'a.py:{LINE + 1}: f: no such step: dya; did you mean "day"?',
    ),
    "no-answer": (
        FLOW.replace('Ask("day")', 'Ask("day", then={\n"tomorow": "guests"})'),
        f'a.py:{LINE + 1}: f: day has no such answer: tomorow; did you mean "tomorrow"?',
    ),
    "stranded": (
        FLOW.replace('Ask("guests")', 'Ask("guests", otherwise=END)'),
        f"a.py:{LINE}: f: never reached: day",
    ),
    "not-asked": (
        FLOW.replace(', Ask("day")', ","),
        f"a.py:{LINE}: f: may end without asking: day; ask it on every route, or give it a default",
    ),
    "numbers-as-options": (
        "class Number(BaseModel):\n    many: Literal[1, 2]\n"
        + FLOW.replace("Form", "Number").replace(STEPS, 'steps=(Ask("many"),)'),
        f"a.py:{LINE + 2}: f: the options of many are not texts: [1, 2]; write Literal['1', '2']",
    ),
    "lone-trigger": (
        FLOW.replace("finish=", 'triggers=("book"), finish='),
        f'a.py:{LINE}: f: triggers is a text; write triggers=("book",)',
    ),
    "no-choices": (
        'm = Menu("m", {})',
        f"a.py:{LINE}: m: a menu has 1 to 10 choices, not 0",
    ),
    "no-tuple": (
        'm = Menu("m", {\n"a": DeleteProfile()})',
        f'a.py:{LINE + 1}: m: the choice "a" does not lead to a tuple of effects: DeleteProfile()',
    ),
    "no-flow": (
        f'{FLOW}\ng = Menu("guide", {{"a": (\nStartFlow("guid"),)}})',
        f"a.py:{LINE + 2}: guide: leads to a flow that is not there: guid",
    ),
    "no-such-flow": (
        FLOW.replace('name="f"', 'name="events"') + '\nm = Menu("m", {"a": (StartFlow("evnts"),)})',
        f'a.py:{LINE + 1}: m: leads to a flow that is not there: evnts; did you mean "events"?',
    ),
    "no-such-menu": (
        'm = Menu("main", {"a": (ShowMenu("mian"),)})',
        f'a.py:{LINE}: main: leads to a menu that is not there: mian; did you mean "main"?',
    ),
    "a-flow-as-a-menu": (
        f'{FLOW}\nm = Menu("m", {{"a": (ShowMenu("f"),)}})',
        f'a.py:{LINE + 1}: m: leads to a menu that is not there: f; write StartFlow("f")',
    ),
    "trigger-twice": (
        'm = Menu("m", {"a": (ShowMenu(),)}, triggers=("Bóok",))\n'
        'n = Menu("n", {"a": (ShowMenu(),)}, triggers=("book",))',
        f'a.py:{LINE + 1}: n: "book" already starts m',
    ),
    "no-source": (
        FLOW.replace('Ask("guests")', 'Ask("guests", options_from="free_tims")'),
        f'a.py:{LINE}: f: no such source of options: free_tims; did you mean "free_times"?',
    ),
    "import": (
        "import nothing_of_ours",
        f"a.py:{LINE}: ModuleNotFoundError: No module named 'nothing_of_ours'",
    ),
    "syntax": ("def f(:", f"a.py:{LINE}: invalid syntax"),
    "in-a-library": (
        "class Odd(BaseModel):\n    word: list[0]",
        f"a.py:{LINE}: PydanticSchemaGenerationError: ",
    ),
}


@pytest.mark.parametrize(("code", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, fault: str
) -> None:
    faults = faults_of(tmp_path, monkeypatch, code, sources=["free_times"])
    if fault.endswith(": "):
        assert faults[0].startswith(fault)
    else:
        assert faults == [fault]


FINISH = "def end(form):\n"
FLOW_WITH_END = FLOW.replace("finish=finish", "finish=end")
FINISH_FAULTS = {
    "raises": (
        '    return [Say("ok")] if form.day == "today" else [][0]',
        f"a.py:{LINE + 1}: f: finish fails for Form(guests=1, day='tomorrow'): "
        "IndexError: list index out of range",
    ),
    "none": ("    [Say('ok')]", f"a.py:{LINE}: f: finish returns None, not a list of effects"),
    "no-effect": (
        "    return ['ok']",
        f"a.py:{LINE}: f: finish returns 'ok', which is no effect",
    ),
    "no-flow": (
        '    return [\n        StartFlow("ff")]',
        f'a.py:{LINE + 2}: f: leads to a flow that is not there: ff; did you mean "f"?',
    ),
    "odd-name": (
        '    return [SaveProfile({"full name": "Ana"})]',
        f"a.py:{LINE + 1}: f: SaveProfile: the field 'full name' is not a plain name, "
        "like full_name",
    ),
    "no-json": (
        '    return [SaveRecord("days", {"at": __import__("datetime").date(2026, 1, 1)})]',
        f'a.py:{LINE}: f: SaveRecord: at is a date, not JSON; use model_dump(mode="json")',
    ),
    "options": (
        '    return [LoadOptions("times", 1)]',
        f"a.py:{LINE}: f: options are loaded by a step: Ask(..., options_from=...)",
    ),
}


@pytest.mark.parametrize(("body", "fault"), FINISH_FAULTS.values(), ids=FINISH_FAULTS)
def test_a_fault_of_finish_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, fault: str
) -> None:
    code = f"{FINISH}{body}\n{FLOW_WITH_END}"
    assert faults_of(tmp_path, monkeypatch, code) == [fault]


def test_an_async_finish_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"async {FINISH}    return []\n{FLOW_WITH_END}"
    assert faults_of(tmp_path, monkeypatch, code) == [
        f"a.py:{LINE}: f: finish is async; it has to be a plain function"
    ]


PLATE = """\
class Plate(BaseModel):
    plate: str
    @field_validator("plate")
    def known(cls, value):
        CHECK
        return value
"""
PLATE_FLOW = FLOW.replace("Form", "Plate").replace(STEPS, 'steps=(Ask("plate"),)')
HARD = PLATE.replace("CHECK", 'if value != "B-MW 1": raise ValueError("unknown")')


def test_a_type_that_cannot_be_invented_wants_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults_of(tmp_path, monkeypatch, HARD + PLATE_FLOW) == [
        f"a.py:{LINE + 6}: f: no answer to plate can be invented for the checks; give one: "
        'Field(examples=[...]), or declare what finish says: Flow(says=("key", ...))'
    ]
    example = HARD.replace("plate: str", 'plate: str = Field(examples=["B-MW 1"])')
    assert faults_of(tmp_path, monkeypatch, example + PLATE_FLOW) == []
    declared = PLATE_FLOW.replace("finish=finish", 'finish=finish, says=("f.done",)')
    assert faults_of(tmp_path, monkeypatch, HARD + declared) == []


def test_a_validator_that_breaks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = PLATE.replace("CHECK", "value[1000]") + PLATE_FLOW
    assert faults_of(tmp_path, monkeypatch, code) == [
        f"a.py:{LINE + 4}: f: the form fails on {{'plate': 'Example text of somebody.'}}: "
        "IndexError: string index out of range; refuse it by ValueError"
    ]


def test_a_type_whose_validator_breaks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "from typing import Annotated\nfrom pydantic import AfterValidator\n"
        "def read(text):\n    return text[1000]\n"
        "class Plate(BaseModel):\n    plate: Annotated[str, AfterValidator(read)]\n"
    )
    assert faults_of(tmp_path, monkeypatch, code + PLATE_FLOW) == [
        f"a.py:{LINE + 3}: f: reading an answer to plate fails: "
        "IndexError: string index out of range; refuse it by ValueError"
    ]


def test_a_form_that_refuses_everything_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "class Never(Form):\n    @model_validator(mode='after')\n    def never(self):\n"
        f"        raise ValueError('never')\n{FLOW.replace('form=Form', 'form=Never')}"
    )
    assert faults_of(tmp_path, monkeypatch, code) == [
        f"a.py:{LINE + 4}: f: the form refuses every sample: Value error, never; give examples "
        "that fit together: Field(examples=[...]), or declare what finish says: "
        'Flow(says=("key", ...))'
    ]


def test_all_files_are_told_of_and_no_fault_follows_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A menu that leads to a flow whose file cannot be imported is not at fault."""
    menu = 'm = Menu("m", {"a": (StartFlow("f"),), "b": (StartFlow("gg"),)})'
    assert faults_of(
        tmp_path, monkeypatch, menu, FLOW.replace("Ask(", "Ask(("), FLOW + "\n1/0"
    ) == [
        f"a.py:{LINE}: m: leads to a flow that is not there: gg",
        f"b.py:{LINE}: '(' was never closed",
        f"c.py:{LINE + 1}: ZeroDivisionError: division by zero",
    ]


def test_a_flow_that_another_file_imports_is_no_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults_of(tmp_path, monkeypatch, FLOW, "from own_flows.a import f") == []
    second = FLOW.replace("f =", "g =")
    assert faults_of(tmp_path, monkeypatch, FLOW, second) == [
        f"b.py:{LINE}: f: the name is used twice, also at a.py:{LINE}"
    ]


def test_flows_in_folders_are_found_and_their_faults_have_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("own_flows")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "own_flows", package)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables/inside").mkdir(parents=True)
    (tmp_path / ".checkpoints").mkdir()
    (tmp_path / ".checkpoints/old.py").write_text("broken(")
    (tmp_path / "tables/book.py").write_text(HEAD + FLOW)
    (tmp_path / "tables/inside/ask.py").write_text(HEAD + FLOW.replace('name="f"', 'name="g"'))
    assert {one.name for one in load_flows(package)} == {"f", "g"}
    (tmp_path / "tables/inside/wrong.py").write_text(f"{HEAD}StartFlow(1, 2)")
    with pytest.raises(FlowDefinitionError, match=rf"^tables/inside/wrong\.py:{LINE}: TypeError"):
        load_flows(package)
    for name in [name for name in sys.modules if name.startswith("own_flows.")]:
        del sys.modules[name]
