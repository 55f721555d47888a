"""How soon each page shows something, beside an empty page, and how large it is without media.

Every visit is a browser that has seen nothing before. The empty page takes turns with the others,
since the machine may be busy. Requests to other machines are counted: there should be none.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Request
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, open_browser

from app.composition.features import find_features
from app.development.plan import EMULATED_INBOX, SITE_FOLDER

VISITS = 9
#: What each page promises: kilobytes without media, and milliseconds until something is seen.
MAX_KILOBYTES, MAX_MILLISECONDS = 200, 300
MEDIA = frozenset({"image", "media", "font"})
#: Milliseconds until a page that is there has asked for all that it needs.
REST_MILLISECONDS = 300
#: First paint with content, in milliseconds since the page was asked for.
FIRST_PAINT = """() => new Promise((found) => new PerformanceObserver((seen) => {
  const paint = seen.getEntriesByName("first-contentful-paint")[0];
  if (paint) found(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""
EMPTY = "an empty page"
ON_EMULATOR = ("phone", "inspector", "flows", "airtable")
#: Pages of the inbox, and whether somebody is signed in.
OF_INBOX: Mapping[str, tuple[str, bool]] = {
    "inbox, signed out": ("inbox", False),
    "inbox": ("inbox", True),
    "inbox: questions": ("inbox/questions", True),
    "inbox: team": ("inbox/team", True),
}


@dataclass(slots=True)
class Visits:
    """All visits of one page."""

    paints: list[float] = field(default_factory=list)
    kilobytes: float = 0.0
    strangers: set[str] = field(default_factory=set)

    def figure(self, name: str, empty: "Visits") -> Figure:
        paints = sorted(self.paints)
        notes = [f"best {paints[0]:.0f} ms", f"{self.kilobytes:.0f} kB"]
        if self.kilobytes > MAX_KILOBYTES:
            notes.append(f"larger than {MAX_KILOBYTES} kB")
        if paints[0] > MAX_MILLISECONDS:
            notes.append(f"slower than {MAX_MILLISECONDS} ms")
        notes += [f"asks {host}" for host in sorted(self.strangers)]
        ratio = median(paints) / median(empty.paints)
        p50, longest = median(paints), paints[-1]
        return Figure(
            name, ratio=ratio, p50=p50, p99=longest, longest=longest, note=", ".join(notes)
        )


def measure(report: Report, scale: float) -> None:
    section = Section("pages", "First contentful paint, with the ratio to an empty page")
    report.sections.append(section)
    if CHROMIUM is None:
        section.add(Figure("not measured: needs Debian's package chromium"))
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        open_browser() as browser,
        _serving(Path(folder)) as server,
        _empty_page() as empty,
    ):
        pages = {EMPTY: (empty, ""), **_pages(server)}
        found = {name: Visits() for name in pages}
        for _ in range(max(3, int(VISITS * scale)) + 1):
            for name, (url, bot) in pages.items():
                _visit(browser, url, bot, found[name])
    for visits in found.values():
        del visits.paints[0]  # files came from the disk
    for name, visits in found.items():
        section.add(visits.figure(name, found[EMPTY]))


@contextmanager
def _serving(folder: Path) -> Iterator[DevServer]:
    """Run a bot and the emulator, with a conversation to show."""
    server = DevServer(folder, EMULATOR_DOCS_FOLDER=str(SITE_FOLDER.resolve()))
    try:
        server.develop()
        server.reply_after(server.say("hello there"))
        yield server
    finally:
        server.close()


@contextmanager
def _empty_page() -> Iterator[str]:
    """Serve a page with one word, and nothing else. Yield its address."""

    class Word(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href=data:,><p>Nothing")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Word) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _pages(server: DevServer) -> Mapping[str, tuple[str, str]]:
    """Return the address of each page, and of the bot where one has to sign in."""
    pages = {name: (f"{server.emulator_url}/{name}", "") for name in ON_EMULATOR}
    if SITE_FOLDER.is_dir():
        pages["docs"] = (f"{server.emulator_url}/docs/", "")
    if any(feature.name == "inbox" for feature in find_features()):
        bot = f"http://127.0.0.1:{server.bot_port}"
        for name, (path, is_signed_in) in OF_INBOX.items():
            pages[name] = (f"{bot}/{path}", bot if is_signed_in else "")
    return pages


def _visit(browser: Browser, url: str, bot: str, visits: Visits) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    if bot:
        _sign_in(context, bot)
    page = context.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.on("request", lambda request: visits.strangers.update(_strangers(request, url)))
    page.goto(url, wait_until="load")
    visits.paints.append(float(page.evaluate(FIRST_PAINT)))
    page.wait_for_timeout(REST_MILLISECONDS)
    sizes = [one.sizes() for one in finished if one.resource_type not in MEDIA]
    taken = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    visits.kilobytes = max(visits.kilobytes, taken / 1000)
    context.close()


def _sign_in(context: BrowserContext, bot: str) -> None:
    token = {"token": EMULATED_INBOX["INBOX_SIGN_IN_TOKEN"]}
    answer = context.request.post(
        f"{bot}/inbox/api/session", data=token, headers={"X-Inbox": "1", "Origin": bot}
    )
    if not answer.ok:
        raise RuntimeError(f"The inbox refuses the token: {answer.status} {answer.text()}")


def _strangers(request: Request, url: str) -> set[str]:
    """Return the host that a request goes to, if it is not this machine."""
    host = urlsplit(request.url).hostname
    return {host} if host and host != urlsplit(url).hostname else set()
