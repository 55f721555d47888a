"""Pages have the browser load their modules side by side, not one after the other."""

from pathlib import Path

import pytest
from tests.fakes.page_modules import loaded, preloaded

SOURCE = Path(__file__).parents[2] / "src"
PAGES = [
    page for page in SOURCE.glob("**/pages/*.html") if '<script type="module"' in page.read_text()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(SOURCE).as_posix())
def test_a_page_preloads_all_its_modules(page: Path) -> None:
    assert preloaded(page) == loaded(page)
