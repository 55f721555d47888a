"""Builds the site with Zensical, which also checks every link and anchor."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory

from app.site.contents import contents
from app.site.pages import place_of, stage, title_of
from utils.commands import CommandError

#: What all sites have; `nav`, names and folders come with each build.
THEME = Path(__file__).with_name("zensical.toml")
#: What is different from the pages of Zensical.
OVERRIDES = Path(__file__).with_name("overrides")
#: A file that every site has at its root.
SEARCH = "search.json"
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def build(root: Path, out: Path, repository: str | None) -> int:
    """Write the site to `out`, and return the number of its pages.

    `repository` is the address of the files of the project, such as
    https://github.com/me/my-bot/blob/main: links to code lead there.

    Raises:
        CommandError: A link leads nowhere, or `out` holds something else. The text says what.
    """
    if out.exists() and any(out.iterdir()) and not (out / SEARCH).exists():
        raise CommandError(f"{out} is not empty and holds no site: name another folder.")
    sections = contents(root)
    pages = {page: text for section in sections.values() for page, text in section.items()}
    with TemporaryDirectory() as name:
        work = Path(name)
        stage(root, pages, work / "docs", repository)
        shutil.copytree(OVERRIDES, work / OVERRIDES.name)
        (work / "zensical.toml").write_text(settings(root, sections, repository), "utf-8")
        _run(work)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(work / "site", out)
    return len(pages)


def settings(
    root: Path, sections: Mapping[str, Mapping[str, str]], repository: str | None = None
) -> str:
    """Return the configuration of Zensical."""
    entries = ", ".join(
        f"{{ {json.dumps(title)} = [{', '.join(starmap(_entry, pages.items()))}] }}"
        for title, pages in sections.items()
    )
    lines = ["[project]", f"nav = [{entries}]"]
    if repository:
        lines.append(f"repo_url = {json.dumps(repository.partition('/blob/')[0])}")
    theme = THEME.read_text("utf-8").replace("[project]", "\n".join(lines), 1)
    return theme.replace('paths = ["src"]', f"paths = [{json.dumps(str(root / 'src'))}]")


def _entry(page: str, text: str) -> str:
    return f"{{ {json.dumps(title_of(text), ensure_ascii=False)} = {json.dumps(place_of(page))} }}"


def _run(folder: Path) -> None:
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        said, _, _ = _COLOUR.sub("", done.stderr).partition("Traceback")
        raise CommandError(f"The site was not built:\n{said.rstrip()}")
