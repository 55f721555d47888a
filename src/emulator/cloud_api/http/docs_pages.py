"""The documentation beside the other pages, once it is built."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from emulator.cloud_api.config import Config
from emulator.cloud_api.http.phone_api import PAGE_HEADERS, PAGES


def docs_routes(config: Config) -> list[Route | Mount]:
    """/docs, with the pages under /site."""
    folder = config.docs_folder

    async def docs(request: Request) -> Response:
        if folder is None or not (folder / "index.html").exists():
            return FileResponse(PAGES / "docs.html", status_code=404, headers=PAGE_HEADERS)
        return RedirectResponse("/site/index.html")

    if folder is None:
        return [Route("/docs", docs)]
    site = GZipMiddleware(StaticFiles(directory=folder, check_dir=False))
    return [Route("/docs", docs), Mount("/site", site)]
