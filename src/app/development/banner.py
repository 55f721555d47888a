"""What a developer reads once everything runs."""

from urllib.parse import urlsplit

from app.composition.features import find_features
from app.development.plan import Plan


def welcome(plan: Plan) -> str:
    return _boxed([f"{name:<10} {text}".rstrip() for name, text in _lines(plan)])


def _lines(plan: Plan) -> list[tuple[str, str]]:
    settings = plan.settings
    lines = [
        ("WhatsApp", "embedded emulator" if plan.emulator else f"real, {settings.graph_api_url}"),
        *(line for one in find_features() for line in one.banner(settings.of).items()),
        ("Database", _database(settings.database_url)),
        ("", ""),
        ("Webhook", f"{plan.bot.url}/webhook{_why_this_port(plan)}"),
        ("Health", f"{plan.bot.url}/health/ready"),
    ]
    if plan.emulator:
        pages = [page for one in find_features() for page in one.emulator_pages.items()]
        return [
            *lines,
            ("Phone", f"{plan.emulator.url}/phone"),
            ("Inspector", f"{plan.emulator.url}/inspector"),
            *((name, f"{plan.emulator.url}{path}") for name, path in pages),
            ("", ""),
            ("Next", "open the phone and say hello (in a terminal: python3 watch.py chat)"),
            ("", "change a file in src/flows: the bot starts again by itself"),
        ]
    public = "give Meta a public https address of the webhook, and its verify token"
    return [*lines, ("", ""), ("Next", public)]


def _why_this_port(plan: Plan) -> str:
    wanted = plan.settings.port
    return "" if urlsplit(plan.bot.url).port == wanted else f" (port {wanted} is in use)"


def _database(url: str) -> str:
    """Without what may be a password."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite:") else "PostgreSQL"


def _boxed(lines: list[str]) -> str:
    width = max(map(len, lines))
    framed = [f"│ {line:<{width}} │" for line in lines]
    return "\n".join(["╭" + "─" * (width + 2) + "╮", *framed, "╰" + "─" * (width + 2) + "╯"])
