"""The files of the project, without what programs leave beside them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

#: Folders and files of one machine: environments, caches, databases, settings.
IGNORED = (
    ".git",
    ".venv",
    ".local",
    ".env",
    "__pycache__",
    "*_cache",
    ".hypothesis",
    "bot.db*",
    "*.pyc",
)


def project_files(root: Path) -> list[str]:
    """Return the paths of the files: those that git knows or would add, else all but caches."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if done.returncode == 0:
            names = sorted({name for name in done.stdout.split("\0") if name})
            return [name for name in names if (root / name).is_file()]
    return sorted(_walk(root, root))


def _walk(root: Path, folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if any(path.match(pattern) for pattern in IGNORED):
            continue
        if path.is_dir():
            yield from _walk(root, path)
        elif path.is_file():
            yield path.relative_to(root).as_posix()
