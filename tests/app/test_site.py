"""`watch.py docs`: the documentation as a site."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from app.cli import commands as cli
from app.site.build import SEARCH as INDEX
from app.site.build import build
from app.site.contents import REFERENCES, contents
from app.site.pages import on_site
from utils.commands import CommandError

ROOT = Path(__file__).parents[2]
TITLES = {"README.md": "Bot", "docs/flows.md": "Flows", "docs/howto/README.md": "How to"}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def project(root: Path, **pages: str) -> Path:
    """A project with these pages in its folder of documentation, and a first page."""
    (root / "docs").mkdir(parents=True)
    (root / "src").mkdir()
    (root / "README.md").write_text("# A bot\n\n[Flows](docs/flows.md#menus)\n")
    for name, text in pages.items():
        (root / f"docs/{name}.md").write_text(text)
    return root


def test_every_page_of_the_documentation_has_its_place() -> None:
    placed = [page for section in contents(ROOT).values() for page in section]
    there = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted({*there, *REFERENCES}) == sorted(page for page in placed if "docs/" in page)
    assert len(placed) == len({*placed})


@pytest.mark.parametrize(
    ("page", "text", "shown"),
    [
        ("README.md", "[flows](docs/flows.md#menus)", "[flows](flows.md#menus)"),
        ("README.md", "[docs/flows.md](docs/flows.md)", "[Flows](flows.md)"),
        ("docs/flows.md", "[x](howto/README.md)", "[x](howto/index.md)"),
        ("docs/flows.md", "[x](../README.md)", "[x](index.md)"),
        ("docs/howto/README.md", "[x](../flows.md)", "[x](../flows.md)"),
        ("README.md", "[how](docs/howto)", "[how](howto/index.md)"),
        ("README.md", "![phone](docs/phone.png)", "![phone](phone.png)"),
        (
            "README.md",
            "[code](src/flows) and [site](https://example.com/a)",
            "code and [site](https://example.com/a)",
        ),
        ("README.md", "```\n[flows](docs/flows.md)\n```", "```\n[flows](docs/flows.md)\n```"),
    ],
)
def test_links_lead_to_pages_of_the_site(page: str, text: str, shown: str) -> None:
    assert on_site(page, text, TITLES, None) == shown


def test_links_to_code_lead_to_the_repository() -> None:
    text = on_site("docs/flows.md", "[code](../src/flows)", TITLES, "https://x.dev/bot/blob/main")
    assert text == "[code](https://x.dev/bot/blob/main/src/flows)"


def test_the_documentation_becomes_a_site(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "site"
    assert cli.main(["docs", "--out", str(out)]) == 0
    assert f"Open {out / 'index.html'}" in capsys.readouterr().out
    assert "WhatsAppService" in (out / "reference/whatsapp-service.html").read_text("utf-8")
    assert "SaveRecord" in (out / "reference/flow-engine.html").read_text("utf-8")
    assert (out / "phone.png").read_bytes() == (ROOT / "docs/phone.png").read_bytes()


def test_an_older_site_is_replaced(tmp_path: Path) -> None:
    root, out = project(tmp_path / "bot", flows="# Flows\n\n## Menus\n"), tmp_path / "site"
    assert build(root, out, None) == 2
    (root / "docs/calls.md").write_text("# Calls\n")
    assert build(root, out, None) == 3
    assert (out / "calls.html").is_file()


def test_the_index_of_the_search_is_fetched_by_those_who_search(
    tmp_path: Path, browser: Browser
) -> None:
    build(
        project(tmp_path / "bot", flows="# Flows\n\n## Menus\n\nA menu has rows.\n"),
        tmp_path / "site",
        None,
    )
    handler = partial(Quiet, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page, asked = browser.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html", wait_until="networkidle")
        assert INDEX not in asked
        page.locator("[data-md-component=search] button, .md-search__button").first.click()
        page.get_by_role("combobox").or_(page.get_by_role("textbox")).first.fill("rows")
        expect(page.get_by_text("1 result")).to_be_visible()
        assert INDEX in asked
        page.close()
        server.shutdown()


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    root = project(tmp_path / "bot", flows="# Flows\n")
    with pytest.raises(CommandError, match=r"(?s)anchor does not exist.*index\.md:3") as refused:
        build(root, tmp_path / "site", None)
    assert "Traceback" not in str(refused.value)
    assert not (tmp_path / "site").exists()


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CommandError, match="holds no site"):
        build(project(tmp_path / "bot"), tmp_path, None)
    assert (tmp_path / "mine.txt").read_text() == "x"
