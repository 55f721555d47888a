"""Conversations of the phone page, saved as tests of the project."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.stories import read_story
from emulator.cloud_api.state.story_acts import StoryError
from emulator.refusals import explained, object_of

#: What separates the words of a file's name.
NO_WORD = re.compile(r"[\W_]+")
MAX_NAME_CHARS = 60


def story_routes(config: Config) -> list[Route]:
    """POST /emulator/stories."""

    async def save(request: Request) -> Response:
        """Body: {"title", "text"}. Answers with the name of the file; null without a folder."""
        given = await object_of(request)
        title, text = str(given["title"]), str(given["text"])
        if config.stories_folder is None:
            return JSONResponse({"name": None})
        try:
            read_story(text)
        except StoryError as error:
            raise ValueError(f"This conversation is no story: {error}") from error
        file = _new_file(config.stories_folder, title)
        return JSONResponse({"name": file.stem, "file": _save(file, text)})

    return [Route("/emulator/stories", explained(save), methods=["POST"])]


def _new_file(folder: Path, title: str) -> Path:
    """Return a file of this title that is not there yet: hello.yaml, hello-2.yaml, ..."""
    name = NO_WORD.sub("-", title.lower()).strip("-")[:MAX_NAME_CHARS].strip("-") or "story"
    file, count = folder / f"{name}.yaml", 1
    while file.exists():
        count += 1
        file = folder / f"{name}-{count}.yaml"
    return file


def _save(file: Path, text: str) -> str:
    """Write a story; return its path as a developer sees it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file.as_posix()
