"""The names of settings: other names, names of other programs, and misspelt ones."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import AliasChoices

#: Names that mean the same setting, best first.
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "WP_ACCESS_TOKEN": ("WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TOKEN", "WHATSAPP_API_KEY"),
    "WP_PHONE_ID": ("WHATSAPP_PHONE_NUMBER_ID",),
    "WP_BID": ("WHATSAPP_BUSINESS_ACCOUNT_ID",),
    "WEBHOOK_VERIFY_TOKEN": (
        "WHATSAPP_VERIFY_TOKEN",
        "WHATSAPP_WEBHOOK_VERIFY_TOKEN",
        "WHATSAPP_WEBHOOK_VERIFICATION_TOKEN",
        "VERIFICATION_TOKEN",
    ),
    "API_VERSION": ("WHATSAPP_API_VERSION",),
    "PORT": ("WHATSAPP_WEBHOOK_PORT",),
}
#: The setting that names the config file, and so cannot be in it.
FILE_SETTING = "BOT_CONFIG"
#: Old name to new name. Other providers call a key of theirs WHATSAPP_API_KEY; Meta refuses it.
DEPRECATED_NAMES: Mapping[str, str] = {"WHATSAPP_API_KEY": "WP_ACCESS_TOKEN"}
#: Old names that nothing reads any more, and what takes their place.
UNREAD_NAMES: Mapping[str, str] = {
    "WHATSAPP_BASE_URL": "the address is Meta's",
    "WHATSAPP_FROM_NUMBER": "WP_PHONE_ID says which number sends",
}

#: Settings of features that come with this project. When the feature's folder is deleted, they
#: may stay in .env: the bot starts, and warns that nothing reads them.
KNOWN_ELSEWHERE = frozenset(
    {
        "AIRTABLE_API_KEY",
        "AIRTABLE_BASE_ID",
        "AIRTABLE_API_URL",
        "AIRTABLE_MONTHLY_CALLS",
        "AIRTABLE_MESSAGES_DAYS",
        "AIRTABLE_POLL_SECONDS",
        "AIRTABLE_WEBHOOK_URL",
        "AIRTABLE_CREATE_TABLES",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_MODEL",
        "OPENAI_MODERATION_MODEL",
        "OPENAI_ANSWER_TOKENS",
        "OPENAI_HISTORY_TOKENS",
        "OPENAI_HISTORY_HOURS",
        "OPENAI_DAILY_TOKENS_PER_PERSON",
        "OPENAI_DAILY_TOKENS",
        "OPENAI_TRANSCRIPTION_MODEL",
        "OPENAI_SPEECH_MODEL",
        "OPENAI_VISION",
        "OPENAI_VOICE",
        "QUOTE_TRANSCRIPTS",
        "OPERATORS_CHAT_URL",
        "ENABLE_WHATSAPP_NOTIFICATIONS",
        "NOTIFICATIONS_API_KEY",
        "NOTIFICATIONS_COUNTRY",
        "NOTIFICATIONS_PER_DAY",
        "CALLBACKS_TO_PRIVATE_ADDRESSES",
    }
)
#: What compose.yaml reads from .env, and what it passes on to libraries.
READ_BY_OTHER_PROGRAMS = re.compile(
    r"SITE|POSTGRES_PASSWORD|FORWARDED_ALLOW_IPS|COMPOSE_\w+|EMULATOR_\w+|OTEL_\w+"
)

#: Fewest characters of a setting whose name others are compared with: PORT and PORTS are not alike.
MIN_MISSPELT_CHARS = 6
#: What people call a setting: words with few digits, in one case.
_LIKE_A_NAME = re.compile(r"(?!(?:\D*\d){4})(?:[A-Z0-9_]{1,40}|[a-z0-9_]{1,40})")
#: Secrets that the emulator has unless it gets others: everybody can read them here.
EMULATED_SECRETS = frozenset(
    {
        "dev-access-token",
        "dev-app-secret",
        "dev-verify-token",
        "dev-notifications-api-key-0000001",
        "emulated-airtable-token",
        "sk-emulated",
    }
)

PLACEHOLDER = re.compile(r"your[_-].*|change[_-]?me.*|placeholder|<.*>|x{3,}|todo", re.IGNORECASE)


def aliases(field: str) -> str | AliasChoices:
    """Return the environment variables that a field is read from, best first."""
    name = field.upper()
    others = OTHER_NAMES.get(name, ())
    return AliasChoices(name, *others) if others else name


def is_placeholder(value: str) -> bool:
    """True for what an example file has until someone puts their own value there."""
    return PLACEHOLDER.fullmatch(value) is not None


def known_secrets(values: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each secret of the emulator that would protect a bot with real users.

    That is a bot in production whose Graph API is Meta's, not the emulator of this machine.
    """
    graph = urlsplit(values.get("GRAPH_API_URL", "https://graph.facebook.com")).hostname or ""
    is_emulated = graph in ("127.0.0.1", "::1") or "." not in graph
    if is_emulated or values.get("ENVIRONMENT", "production") != "production":
        return
    for name, value in values.items():
        if value in EMULATED_SECRETS:
            yield (
                f"{name} is the emulator's, which everybody knows: put your own there, or set "
                "ENVIRONMENT=development."
            )


def conflicts(names: Collection[str], values: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence if names of one setting have different values; it tells no value."""
    found = {name: values[name] for name in names if name in values}
    if len(set(found.values())) > 1:
        yield f"{' and '.join(found)} are the same setting with different values: keep one."


def misspelt(known: Collection[str], in_file: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each name in .env that is not a setting.

    It tells no value, also not one that is in the place of a name: a token on a line of its own.
    """
    elsewhere = {*known, *KNOWN_ELSEWHERE, *UNREAD_NAMES}
    for name in in_file:
        if name in elsewhere or READ_BY_OTHER_PROGRAMS.fullmatch(name):
            continue
        nearest = difflib.get_close_matches(name.upper(), known, n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else "remove it."
        shown = name if _LIKE_A_NAME.fullmatch(name) else f"{name[:3]}... (perhaps a secret)"
        yield f"Unknown setting in .env: {shown}: {hint}"


def near_misses(known: Collection[str], environ: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each variable of the environment that is nearly the name of a setting.

    A setting that is given is not meant. Most of what the environment has is of other programs.
    """
    absent = [name for name in known if name not in environ and len(name) >= MIN_MISSPELT_CHARS]
    for name in environ:
        likely = [one for one in absent if _may_be(name, one)] if name not in known else []
        for one in difflib.get_close_matches(name, likely, n=1, cutoff=0.9):
            yield f"{name} in the environment is no setting: did you mean {one}?"


def _may_be(name: str, setting: str) -> bool:
    """Whether it is worth while to compare two names, which takes long."""
    is_as_long = abs(len(name) - len(setting)) <= 1
    return is_as_long and (name[:3] == setting[:3] or name[-3:] == setting[-3:])


def remarks(known: Collection[str], given: Collection[str], in_file: Collection[str]) -> list[str]:
    """Return what works for now: deprecated names, and settings of features that are not here."""
    deprecated = [_outdated(name, better, given) for name, better in DEPRECATED_NAMES.items()]
    deprecated += [
        f"{name} is deprecated and not read: {instead}. Remove it."
        for name, instead in UNREAD_NAMES.items()
    ]
    deprecated = [one for one in deprecated if one.partition(" ")[0] in given]
    unread = sorted(KNOWN_ELSEWHERE.intersection(in_file).difference(known))
    return deprecated + [
        f"{name} in .env is unknown: the feature that reads it is not here. Remove it."
        for name in unread
    ]


def without_superseded(values: Mapping[str, str], given: Collection[str]) -> dict[str, str]:
    """Return values without deprecated names beside better ones: another provider's key, say."""
    return {name: one for name, one in values.items() if _better_than(name, given) is None}


def _better_than(name: str, given: Collection[str]) -> str | None:
    """Return the name that is given in place of a deprecated one; None if there is none."""
    better = DEPRECATED_NAMES.get(name)
    others = () if better is None else (better, *OTHER_NAMES.get(better, ()))
    return next((one for one in others if one in given and one != name), None)


def _outdated(name: str, better: str, given: Collection[str]) -> str:
    """Return what to do about a deprecated name: rename it, or remove it beside a better one."""
    used = _better_than(name, given)
    if used is None:
        return f"{name} is deprecated: rename it to {better}."
    return f"{name} is deprecated and not read, since {used} is set. Remove it."
