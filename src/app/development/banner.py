"""The text that developers read once everything runs."""

from urllib.parse import urlsplit

from pydantic import SecretStr

from app.composition.features import find_features
from app.development.plan import EMULATED_ACCOUNT, Plan
from config.env import Settings

#: Settings of the emulated account that the banner prints, and their names in Meta's dashboard.
PRINTED_SETTINGS = {
    "WP_ACCESS_TOKEN": "Access token",
    "WEBHOOK_VERIFY_TOKEN": "Verify token",
    "WHATSAPP_APP_SECRET": "App secret",
    "WP_PHONE_ID": "Phone number id",
}


def welcome(plan: Plan) -> str:
    """Return the addresses, the emulated account and the next step, in a box."""
    return _boxed([f"{name:<16} {text}".rstrip() for name, text in _lines(plan)])


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
    own = [page for one in find_features() for page in one.bot_pages(settings.of).items()]
    if plan.emulator:
        pages = [page for one in find_features() for page in one.emulator_pages.items()]
        return [
            *lines,
            *((name, f"{plan.bot.url}{path}") for name, path in own),
            ("Phone", f"{plan.emulator.url}/phone"),
            ("Inspector", f"{plan.emulator.url}/inspector"),
            *((name, f"{plan.emulator.url}{path}") for name, path in pages),
            ("", ""),
            *_account(settings),
            ("", ""),
            ("Next", "open the phone and say hello (in a terminal: python3 watch.py chat)"),
            ("", "change a file in src/flows: the bot starts again by itself"),
        ]
    public = "give Meta a public https address of the webhook, and its verify token"
    return [*lines, ("", ""), ("Next", public)]


def _account(settings: Settings) -> list[tuple[str, str]]:
    """The emulated account; values that the developer set are named, not printed."""
    return [
        (label, value if value == EMULATED_ACCOUNT[name] else f"yours, from {name}")
        for name, label in PRINTED_SETTINGS.items()
        if (value := _plain(getattr(settings, name.lower()))) is not None
    ]


def _plain(value: SecretStr | str | None) -> str | None:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _why_this_port(plan: Plan) -> str:
    wanted = plan.settings.port
    return "" if urlsplit(plan.bot.url).port == wanted else f" (port {wanted} is in use)"


def _database(url: str) -> str:
    """Return the file, or the kind of server: its URL may hold a password."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite:") else "PostgreSQL"


def _boxed(lines: list[str]) -> str:
    width = max(map(len, lines))
    framed = [f"│ {line:<{width}} │" for line in lines]
    return "\n".join(["╭" + "─" * (width + 2) + "╮", *framed, "╰" + "─" * (width + 2) + "╯"])
