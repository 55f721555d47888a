"""What to run for development: the bot, and an emulator of WhatsApp unless Meta's token is set."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.composition.features import settings_models
from app.development.ports import PortTaken, choose_port, is_free
from app.development.programs import Program
from config.env import Settings, SettingsError, given_settings, load_settings, setting_names

SOURCE = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::")
EMULATOR_PORT = 5001
EMULATED_MODEL = "emulated"
#: A base of the emulator; it has no limit per month, and makes its tables at once.
EMULATED_AIRTABLE = {
    "AIRTABLE_API_KEY": "emulated-airtable-token",
    "AIRTABLE_BASE_ID": "appEmulatedBase00",
    "AIRTABLE_MONTHLY_CALLS": "0",
    "AIRTABLE_POLL_SECONDS": "1",
    "AIRTABLE_CREATE_TABLES": "true",
}
#: A model that repeats what is said to it, and uses its tools where a word asks for them.
EMULATED_OPENAI = {"OPENAI_API_KEY": "sk-emulated", "OPENAI_MODEL": EMULATED_MODEL}
AIRTABLE_FILE = Path(".local/airtable.json")


@dataclass(frozen=True, slots=True)
class Plan:
    settings: Settings
    bot: Program
    emulator: Program | None


def make_plan(environ: Mapping[str, str], env_file: Path, *, with_assistant: bool = False) -> Plan:
    """Raises SettingsError or PortTaken when the bot could not start like this.

    `with_assistant` has an emulated model answer free text, unless OpenAI's key is set.
    """
    given = given_settings(environ, env_file, settings_models())
    environment = {"ENVIRONMENT": "development", **environ}
    emulated = "WP_ACCESS_TOKEN" not in given
    if emulated:
        account = _made_up_account()
        environment |= {name: given.get(name, value) for name, value in account.items()}
        if "AIRTABLE_API_KEY" not in given:
            environment |= EMULATED_AIRTABLE
        if with_assistant and "OPENAI_API_KEY" not in given:
            environment |= EMULATED_OPENAI
    elif with_assistant:
        raise SettingsError(["--assistant is for the emulator: real people need a real model."])
    if with_assistant and "OPENAI_API_KEY" not in setting_names(settings_models()):
        raise SettingsError(["--assistant needs the feature assistant, which is not here."])
    settings = load_settings(environment, env_file, settings_models())
    port = settings.port if "PORT" in given else choose_port(settings.host, settings.port)
    if not is_free(settings.host, port):
        raise PortTaken(port)
    environment["PORT"] = str(port)
    if not emulated:
        return Plan(settings, _bot(settings.host, port, environment), None)
    emulator_port = choose_port(LOOPBACK, EMULATOR_PORT, taken={port})
    environment["GRAPH_API_URL"] = f"http://{LOOPBACK}:{emulator_port}"
    if environment.get("AIRTABLE_BASE_ID") == EMULATED_AIRTABLE["AIRTABLE_BASE_ID"]:
        environment["AIRTABLE_API_URL"] = f"http://{LOOPBACK}:{emulator_port}/airtable-api"
        environment["AIRTABLE_WEBHOOK_URL"] = f"http://{LOOPBACK}:{port}/airtable/webhook"
    if environment.get("OPENAI_API_KEY") == EMULATED_OPENAI["OPENAI_API_KEY"]:
        environment["OPENAI_BASE_URL"] = f"http://{LOOPBACK}:{emulator_port}/openai/v1"
    environment["STEPS_URL"] = f"http://{LOOPBACK}:{emulator_port}/emulator/steps"
    bot = _bot(settings.host, port, environment)
    return Plan(settings, bot, _emulator(emulator_port, bot.url, environment))


def _made_up_account() -> dict[str, str]:
    """Settings that Meta would give; the ids stay, since stored conversations belong to them."""
    return {
        "WP_ACCESS_TOKEN": secrets.token_hex(),
        "WP_PHONE_ID": "100000000000001",
        "WP_BID": "200000000000001",
        "WEBHOOK_VERIFY_TOKEN": secrets.token_hex(),
        "WHATSAPP_APP_SECRET": secrets.token_hex(),
    }


def _bot(host: str, port: int, environment: Mapping[str, str]) -> Program:
    reachable = LOOPBACK if host in EVERY_ADDRESS else host
    return Program(
        ["app.web"],
        environment,
        url=f"http://{reachable}:{port}",
        health="/health/live",
    )


def _emulator(port: int, bot_url: str, account: Mapping[str, str]) -> Program:
    return Program(
        ["emulator"],
        {
            **account,
            "EMULATOR_PORT": str(port),
            "EMULATOR_CALLBACK_URL": f"{bot_url}/webhook",
            "EMULATOR_ACCESS_TOKEN": account["WP_ACCESS_TOKEN"],
            "EMULATOR_PHONE_NUMBER_ID": account["WP_PHONE_ID"],
            "EMULATOR_VERIFY_TOKEN": account["WEBHOOK_VERIFY_TOKEN"],
            "EMULATOR_APP_SECRET": account["WHATSAPP_APP_SECRET"],
            "EMULATOR_AIRTABLE_FILE": str(AIRTABLE_FILE),
            "EMULATOR_AIRTABLE_TOKEN": EMULATED_AIRTABLE["AIRTABLE_API_KEY"],
            "EMULATOR_AIRTABLE_BASE_ID": EMULATED_AIRTABLE["AIRTABLE_BASE_ID"],
        },
        url=f"http://{LOOPBACK}:{port}",
        health="/emulator/health",
    )
