"""The pages of docs/howto work as they stand: each is applied to a copy and its test runs there."""

import re
from collections.abc import Iterator

import pytest
from tests.fakes.forked_project import ROOT, BlockError, ForkedProject, apply, blocks_of

from app.cli.new_language import MODEL, PLACES
from storage.engine.revisions import newest_revision

FOLDER = ROOT / "docs/howto"
#: Most files that a task may touch, tests not counted.
MAX_FILES = {
    "flow": 4,
    "registration-field": 5,
    "effect": 2,
    "setting": 2,
    "table": 2,
    "assistant-tool": 1,
    "webhook-field": 1,
    "job": 1,
    "event": 1,
    #: those that English has, and no code
    "language": sum(len([*ROOT.glob(one.format(language=MODEL))]) for one in PLACES),
}
#: Pages whose test asks the assistant.
WITH_ASSISTANT = ("registration-field", "assistant-tool")
#: A test of the sample, which goes on passing whatever a page changes in src.
STORY_OF_THE_SAMPLE = "tests/acceptance/test_stories.py::test_story[registration-en]"
#: The feature that a page is about.
NEEDED = {"event": "events", **dict.fromkeys(WITH_ASSISTANT, "assistant")}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> ForkedProject:
    return ForkedProject(tmp_path_factory.mktemp("fork"))


@pytest.fixture
def project(copied: ForkedProject) -> Iterator[ForkedProject]:
    """The copy that all pages share; afterwards it is as it was."""
    yield copied
    copied.restore()
    assert copied.changed_files() == set()


def read_page(name: str) -> str:
    """Return the text of a page; its migration gets the numbers that are next."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    if shown := re.search(r'^revision = "(\d+)"\ndown_revision = "(\d+)"', text, re.MULTILINE):
        following = f"{int(newest_revision()) + 1:04}"
        text = text.replace(shown[1], following).replace(shown[2], newest_revision())
    return text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.needs(NEEDED[name])) if name in NEEDED else name
        for name in MAX_FILES
    ],
)
def test_a_page_works_as_it_stands(name: str, project: ForkedProject) -> None:
    page = read_page(name)
    for command in re.findall(r"^```sh\npython3 watch\.py (new .+)\n```$", page, re.MULTILINE):
        done = project.run("-m", "app.cli", *command.split())
        assert done.returncode == 0, done.stderr
    blocks = blocks_of(page)
    apply([block for block in blocks if not block.is_test], project)
    assert len(project.changed_files()) <= MAX_FILES[name]
    apply([block for block in blocks if block.is_test], project)
    tests = [block.path for block in blocks if block.is_test]
    assert tests
    if name == "registration-field":
        tests.append(STORY_OF_THE_SAMPLE)
    done = project.run_tests(*tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(tests)} passed" in done.stdout


def test_there_is_a_page_for_every_task() -> None:
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(MAX_FILES)
    index = (FOLDER / "README.md").read_text()
    assert set(re.findall(r"\(([\w-]+)\.md\)", index)) == pages


def test_the_table_of_the_index_has_the_numbers_that_hold() -> None:
    index = (FOLDER / "README.md").read_text()
    rows = re.findall(r"^\| an? .+? \| [\d-]+ \| (\d+)", index, re.MULTILINE)
    assert [int(count) for count in rows] == list(MAX_FILES.values())


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("`src/flows/news.py`:\n\n```python\n1\n```\n", "exists already"),
        ("`src/flows/news.py`:\n\n```diff\n nothing like this\n```\n", "found 0 times"),
        ("`src/flows/news.py`:\n\n```diff\n+1\n```\n", "no line to find it by"),
    ],
)
def test_a_block_that_does_not_fit_is_noticed(
    page: str, problem: str, project: ForkedProject
) -> None:
    with pytest.raises(BlockError, match=problem):
        apply(blocks_of(page), project)
