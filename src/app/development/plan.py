"""What to run for development: the bot, and an emulator of WhatsApp unless Meta's token is set."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.composition.features import find_features, settings_models
from app.development.given_settings import given_settings, setting_names, values_with_prefix
from app.development.ports import PortTaken, choose_port, is_free, is_served_by_bot
from app.development.programs import Program
from config.env import Settings, SettingsError, load_settings

SOURCE = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::")
#: Port of the emulator without EMULATOR_PORT, or the first free one after it.
USUAL_EMULATOR_PORT = 5001
#: Beginning of the names of the emulator's own settings.
EMULATOR_PREFIX = "EMULATOR_"
EMULATED_MODEL = "emulated"
#: Settings that Meta would give. Nothing of it is secret: the values open an emulator on this
#: machine and nothing else, and never change, so that copied commands keep working.
EMULATED_ACCOUNT = {
    "WP_ACCESS_TOKEN": "dev-access-token",
    "WP_PHONE_ID": "100000000000001",
    "WP_BID": "200000000000001",
    "WEBHOOK_VERIFY_TOKEN": "dev-verify-token",
    "WHATSAPP_APP_SECRET": "dev-app-secret",
}
#: Settings of the emulated Airtable, which has no monthly limit and makes its tables at once.
EMULATED_AIRTABLE = {
    "AIRTABLE_API_KEY": "emulated-airtable-token",
    "AIRTABLE_BASE_ID": "appEmulatedBase00",
    "AIRTABLE_MONTHLY_CALLS": "0",
    "AIRTABLE_POLL_SECONDS": "1",
    "AIRTABLE_CREATE_TABLES": "true",
}
#: Key of other systems, with which the phone page tells events.
EMULATED_CALLER = {"NOTIFICATIONS_API_KEY": "dev-notifications-api-key-0000001"}
#: Settings of the emulated model, which repeats a message and calls tools by keyword.
EMULATED_OPENAI = {"OPENAI_API_KEY": "sk-emulated", "OPENAI_MODEL": EMULATED_MODEL}
#: Whoever opens the inbox on this machine is signed in by it.
EMULATED_INBOX = {"INBOX_SIGN_IN_TOKEN": "dev-inbox-token"}
#: Files that people send are kept; anyone who has this machine can read them.
EMULATED_FILES = {
    "KEEP_FILES": "encrypted",
    "FILES_KEYS": "ZGV2ZWxvcG1lbnQta2V5LW9mLXRoaXMtbGFwdG9wISE=",
}
AIRTABLE_FILE = Path(".local/airtable.json")
#: Conversations, people, files and templates of the emulated WhatsApp.
WHATSAPP_FOLDER = Path(".local/whatsapp")
#: Where `watch.py docs` writes the documentation.
SITE_FOLDER = Path(".local/site")
#: Where the phone page saves conversations as tests.
STORIES_FOLDER = Path("tests/flows/stories")


@dataclass(frozen=True, slots=True)
class Plan:
    settings: Settings
    bot: Program
    emulator: Program | None


def make_plan(
    environ: Mapping[str, str],
    env_file: Path,
    *,
    with_assistant: bool = False,
    is_real: bool = False,
) -> Plan:
    """Raises SettingsError or PortTaken when the bot could not start like this.

    `with_assistant` has an emulated model answer free text, unless OpenAI's key is set. `is_real`
    wants an account at Meta, and no emulator.
    """
    given = given_settings(environ, env_file, settings_models())
    environment = {**environ, "ENVIRONMENT": environ.get("ENVIRONMENT") or "development"}
    if is_real or "WP_ACCESS_TOKEN" in given:
        if with_assistant:
            raise SettingsError(["--assistant is for the emulator: real people need a real model."])
        settings = load_settings(environment, env_file, settings_models())
        port = _bot_port(settings, given, None)
        return Plan(settings, _bot(settings.host, port, environment), None)
    if with_assistant and "OPENAI_API_KEY" not in setting_names(settings_models()):
        raise SettingsError(["--assistant needs the feature assistant, which is not here."])
    environment |= _emulated_settings(given, with_assistant=with_assistant)
    settings = load_settings(environment, env_file, settings_models())
    if "OPENAI_API_KEY" not in given and _needs_model(settings):
        environment |= EMULATED_OPENAI
        settings = load_settings(environment, env_file, settings_models())
    emulators = values_with_prefix(EMULATOR_PREFIX, environ, env_file)
    wanted = _read_port(emulators.get("EMULATOR_PORT"))
    port = _bot_port(settings, given, wanted)
    emulator_port = _emulator_port(wanted, port)
    environment |= _addresses(environment, port, emulator_port)
    bot = _bot(settings.host, port, environment)
    return Plan(settings, bot, _emulator(emulator_port, bot.url, emulators | environment))


def _emulated_settings(given: Mapping[str, str], *, with_assistant: bool) -> dict[str, str]:
    """The settings that the emulator stands in for, apart from its addresses.

    Everybody knows its secrets, so the bot listens on this machine only, unless HOST says more.
    """
    settings = {name: given.get(name, value) for name, value in EMULATED_ACCOUNT.items()}
    settings["HOST"] = given.get("HOST", LOOPBACK)
    settings["GRAPH_API_URL"] = f"http://{LOOPBACK}"  # its port is chosen later
    if "AIRTABLE_API_KEY" not in given:
        settings |= EMULATED_AIRTABLE
    has_inbox = "INBOX_SIGN_IN_TOKEN" in setting_names(settings_models())
    if has_inbox and "INBOX_SIGN_IN_TOKEN" not in given:
        settings |= EMULATED_INBOX
    if not EMULATED_FILES.keys() & given.keys():
        settings |= EMULATED_FILES
    if "NOTIFICATIONS_API_KEY" not in given:
        settings |= EMULATED_CALLER
    if with_assistant and "OPENAI_API_KEY" not in given:
        settings |= EMULATED_OPENAI
    return settings


def _needs_model(settings: Settings) -> bool:
    return any(feature.needs_model(settings.of) for feature in find_features())


def _addresses(settings: Mapping[str, str], port: int, emulator_port: int) -> dict[str, str]:
    """Where the bot finds what is emulated."""
    emulator = f"http://{LOOPBACK}:{emulator_port}"
    addresses = {"GRAPH_API_URL": emulator, "STEPS_URL": f"{emulator}/emulator/steps"}
    if settings.get("AIRTABLE_BASE_ID") == EMULATED_AIRTABLE["AIRTABLE_BASE_ID"]:
        addresses["AIRTABLE_API_URL"] = f"{emulator}/airtable-api"
        addresses["AIRTABLE_WEBHOOK_URL"] = f"http://{LOOPBACK}:{port}/airtable/webhook"
    if settings.get("OPENAI_API_KEY") == EMULATED_OPENAI["OPENAI_API_KEY"]:
        addresses["OPENAI_BASE_URL"] = f"{emulator}/openai/v1"
    return addresses


def _read_port(text: str | None) -> int | None:
    """The value of EMULATOR_PORT; None without one."""
    if not (text or "").strip():
        return None
    port = int(text) if text and text.strip().isdecimal() else 0
    if not 0 < port < 65_536:
        raise SettingsError([f"EMULATOR_PORT: {text} is not a port. Use 1 to 65535."])
    return port


def _bot_port(settings: Settings, given: Mapping[str, str], emulators: int | None) -> int:
    """PORT if it is given; else the usual one or the next that is free and not the emulator's."""
    if "PORT" not in given:
        return choose_port(settings.host, settings.port, taken={emulators})
    if settings.port == emulators:
        raise SettingsError([f"PORT and EMULATOR_PORT are both {emulators}: change one of them."])
    if not is_free(settings.host, settings.port):
        local = LOOPBACK if settings.host in EVERY_ADDRESS else settings.host
        raise PortTaken(settings.port, by_bot=is_served_by_bot(local, settings.port))
    return settings.port


def _emulator_port(wanted: int | None, bots: int) -> int:
    """EMULATOR_PORT if it is given; else the usual one or the next that is free."""
    if wanted is None:
        return choose_port(LOOPBACK, USUAL_EMULATOR_PORT, taken={bots})
    if not is_free(LOOPBACK, wanted):
        raise PortTaken(wanted, "EMULATOR_PORT")
    return wanted


def _bot(host: str, port: int, environment: Mapping[str, str]) -> Program:
    reachable = LOOPBACK if host in EVERY_ADDRESS else host
    return Program(
        ["app.web"],
        {**environment, "PORT": str(port)},
        url=f"http://{reachable}:{port}",
        health="/health/live",
        keeps_stderr=True,
    )


def _emulator(port: int, bot_url: str, environment: Mapping[str, str]) -> Program:
    return Program(
        ["emulator"],
        {
            **environment,
            "EMULATOR_PORT": str(port),
            "EMULATOR_CALLBACK_URL": f"{bot_url}/webhook",
            "EMULATOR_ACCESS_TOKEN": environment["WP_ACCESS_TOKEN"],
            "EMULATOR_PHONE_NUMBER_ID": environment["WP_PHONE_ID"],
            "EMULATOR_VERIFY_TOKEN": environment["WEBHOOK_VERIFY_TOKEN"],
            "EMULATOR_APP_SECRET": environment["WHATSAPP_APP_SECRET"],
            "EMULATOR_API_KEY": environment.get("NOTIFICATIONS_API_KEY", ""),
            "EMULATOR_INBOX_TOKEN": environment.get("INBOX_SIGN_IN_TOKEN", ""),
            "EMULATOR_STATE_FOLDER": str(WHATSAPP_FOLDER),
            "EMULATOR_DOCS_FOLDER": str(SITE_FOLDER),
            "EMULATOR_STORIES_FOLDER": str(STORIES_FOLDER),
            "EMULATOR_AIRTABLE_FILE": str(AIRTABLE_FILE),
            "EMULATOR_AIRTABLE_TOKEN": EMULATED_AIRTABLE["AIRTABLE_API_KEY"],
            "EMULATOR_AIRTABLE_BASE_ID": EMULATED_AIRTABLE["AIRTABLE_BASE_ID"],
        },
        url=f"http://{LOOPBACK}:{port}",
        health="/emulator/health",
    )
