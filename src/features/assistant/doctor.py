"""Checks of the assistant's model."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

import httpx

from domain.checks import Check, Finding, fail, ok, skip, warn
from features.assistant.settings import AssistantSettings
from services.open_ai_service import make_openai
from services.setup import CheckSetup

ANSWER_SECONDS = 10.0
OPENAI = "api.openai.com"
NEW_KEY = "platform.openai.com/api-keys makes a new one: put it into .env as OPENAI_API_KEY."
WITH_PATH = "Check OPENAI_BASE_URL: it ends in /v1."
UNREACHABLE = "Check OPENAI_BASE_URL, the network, and status.openai.com."


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the model."""
    settings = setup.settings_of(AssistantSettings)
    if settings is None:
        return
    yield Check("assistant", partial(check_model, setup.http, settings), is_live=True)


async def check_model(http: httpx.AsyncClient, settings: AssistantSettings) -> Finding:
    """Check that the server answers and has the model; reading the list of models is free."""
    listed = await listed_models(http, settings)
    if isinstance(listed, Finding):
        return listed
    return judge_models(listed, settings.openai_model, httpx.URL(settings.openai_base_url).host)


async def listed_models(
    http: httpx.AsyncClient, settings: AssistantSettings
) -> list[str] | Finding:
    """Return the models that the server lists, or why there is no list."""
    if settings.openai_api_key is None:
        return skip("OPENAI_API_KEY is not set: the bot answers from its FAQ")
    from openai import APIConnectionError, APIStatusError, OpenAIError

    api_key, base_url = settings.openai_api_key.get_secret_value(), settings.openai_base_url
    client = make_openai(api_key=api_key, base_url=base_url, http=http)
    quick = client.with_options(timeout=ANSWER_SECONDS, max_retries=0)
    host = httpx.URL(base_url).host
    try:
        return [listed_model.id async for listed_model in quick.models.list()]
    except APIConnectionError:
        return fail(f"{host} does not answer", UNREACHABLE)
    except APIStatusError as error:
        return judge_status(error.status_code, host)
    except (OpenAIError, AttributeError, TypeError):  # the SDK fails on what is not a list
        return fail(f"the server at {host} does not speak OpenAI's API", WITH_PATH)


def judge_status(status: int, host: str) -> Finding:
    """Say what an HTTP error of the model's server means."""
    if status in (401, 403):
        return fail(f"{host} refuses OPENAI_API_KEY (HTTP {status})", NEW_KEY)
    if status == 404:
        return warn(f"{host} has no list of models", WITH_PATH)
    if status == 429:
        return warn(f"{host} takes no more requests now", "See platform.openai.com/usage.")
    return fail(f"{host} has a problem (HTTP {status})", UNREACHABLE)


def judge_models(listed: list[str], model: str, host: str) -> Finding:
    """Say whether the server lists the model."""
    if model in listed:
        return ok(f"{host} has {model}")
    near = get_close_matches(model, listed, cutoff=0.3) or listed[:3]
    names = ", ".join(near) or "it lists none"
    said, fix = (
        f"{host} does not list {model}",
        f"Set OPENAI_MODEL in .env to one that it lists: {names}.",
    )
    # Self-hosted servers may accept any name.
    return fail(said, fix) if host == OPENAI else warn(said, fix)
