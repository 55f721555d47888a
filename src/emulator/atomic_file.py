"""Files that are replaced at once: whoever reads one finds the old content, or all of the new."""

from pathlib import Path

from utils.private_files import make_private


def replace_privately(file: Path, content: bytes) -> None:
    """Replace the content of a file, which only its owner may read then."""
    new = file.with_name(f"{file.name}.new")
    make_private(new)
    new.write_bytes(content)
    new.replace(file)
