"""`watch.py new`: what it writes passes every check, in a copy of the project."""

from pathlib import Path

import pytest
from tests.fakes.forked_project import ForkedProject

from app.cli import new
from app.cli.commands import main
from app.cli.new_files import FILES
from app.cli.new_names import MAX_NAME_CHARS, BadName, check_name, class_name, identifiers
from app.composition.features import find_features
from flow_engine.languages import LANGUAGES
from storage.engine.revisions import newest_revision

#: A name of each kind, the longest and the shortest among them.
NAMES = {
    "flow": "a" * (MAX_NAME_CHARS - 2) + "_b",
    "effect": "call_back",
    "tool": "parking_places",
    "event": "order_shipped",
    "table": "w" * MAX_NAME_CHARS,
    "feature": "fz",
    "language": "fr",
}
#: Features that the tests of a kind need.
NEEDED = {"tool": "assistant", "event": "events"}
#: Those whose tests can run.
USED = {
    kind: name
    for kind, name in NAMES.items()
    if NEEDED.get(kind, "") in {"", *(feature.name for feature in find_features())}
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ForkedProject:
    """A copy with a new file of every kind."""
    project = ForkedProject(tmp_path_factory.mktemp("fork"))
    for kind, name in USED.items():
        done = project.run("-m", "app.cli", "new", kind, name)
        assert done.returncode == 0, done.stderr
        written = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  src")]
        assert {*written} <= project.changed_files()
        assert "Next:" in done.stdout
    return project


def new_python(project: ForkedProject) -> list[str]:
    return sorted(path for path in project.changed_files() if path.endswith(".py"))


def test_there_is_a_page_for_every_kind() -> None:
    assert new.KINDS.keys() == FILES.keys() == NAMES.keys()
    for page, _ in new.KINDS.values():
        assert (new.ROOT / "docs/howto" / page).is_file()


@pytest.mark.timeout(300)  # a process of its own, with twelve stories
def test_the_new_stories_and_tests_pass(project: ForkedProject) -> None:
    tests = [path for path in new_python(project) if path.startswith("tests/")]
    assert len(tests) == len({"tool", "table", "event"} & USED.keys())
    names = [Path(path).stem for path in project.changed_files() if path.endswith(".yaml")]
    stories = [f"tests/acceptance/test_stories.py::test_story[{name}]" for name in names]
    assert len(stories) == 3 * len(LANGUAGES)
    done = project.run_tests(*stories, *tests)
    assert f"{len(stories) + len(tests)} passed" in done.stdout, done.stdout + done.stderr


def test_the_new_migration_fits_the_new_table(project: ForkedProject) -> None:
    done = project.run_tests("tests/storage/test_migrations.py", "-k", "sqlite")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = project.folder / "src/storage/migrations/versions"
    assert (folder / f"{int(newest_revision()) + 1:04}_{NAMES['table']}.py").is_file()


@pytest.mark.parametrize(
    "check",
    [
        ("ruff", "check", "--no-cache"),
        ("ruff", "format", "--check", "--no-cache"),
        ("mypy", "--follow-imports=silent", "--cache-dir=.mypy_cache"),
    ],
    ids=lambda check: " ".join(check[:2]),
)
def test_the_new_files_pass_the_checks(project: ForkedProject, check: tuple[str, ...]) -> None:
    done = project.run("-m", *check, *new_python(project))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        ("flow registration", 1, "A flow or menu with the name registration exists already"),
        pytest.param(
            "feature more",
            1,
            "A text with the name more exists already",
            marks=pytest.mark.needs("assistant"),
        ),
        ("feature topics", 1, "exists already"),
        pytest.param("effect faq", 1, "exists already", marks=pytest.mark.needs("faq")),
        pytest.param(
            "tool assistant",
            1,
            "A feature with the name assistant exists already",
            marks=pytest.mark.needs("assistant"),
        ),
        ("table users", 1, "A table with the name users exists already"),
        ("flow day", 1, "The new files use the name day already"),
        ("tool str", 1, "The new files use the name str already"),
        ("table job", 1, "A table with the name job exists already"),
        ("flow Book", 2, "'Book' cannot be a name"),
        ("flow class", 2, "'class' cannot be a name"),
        ("flow ../x", 2, "cannot be a name"),
        ("language es", 1, "A language with the name es exists already"),
        ("language klingon", 2, "'klingon' is no code of a language"),
    ],
)
def test_a_wrong_name_writes_nothing(
    arguments: str, code: int, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind, name = arguments.split()
    assert new.write_new(kind, name) == code
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["menu", "lunch"], ["flow"]])
def test_other_arguments_show_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["new", *arguments])
    assert "usage: watch.py new" in capsys.readouterr().err


def test_a_file_that_is_there_is_never_overwritten(
    project: ForkedProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new, "ROOT", project.folder)
    before = (project.folder / f"src/flows/{NAMES['flow']}.py").read_bytes()
    assert new.write_new("flow", NAMES["flow"]) == 1
    assert f"src/flows/{NAMES['flow']}.py exists already" in capsys.readouterr().err
    assert (project.folder / f"src/flows/{NAMES['flow']}.py").read_bytes() == before


@pytest.mark.parametrize("name", ["", "_a", "a_", "a__b", "1a", "añil", "a" * 25, "import"])
def test_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(BadName, match="lower-case letters"):
        check_name(name)


def test_a_class_has_the_words_of_its_name() -> None:
    assert class_name("book_table2") == "BookTable2"


def test_the_identifiers_of_code_are_found(tmp_path: Path) -> None:
    code = "import os.path as p\nclass A:\n    b: int\ndef c(d): return e.f\nasync def g(): ..."
    assert identifiers(code) == {"p", "A", "b", "int", "c", "d", "e", "g"}
