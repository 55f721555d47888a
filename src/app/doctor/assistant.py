"""Whether the assistant's model can be asked."""

from difflib import get_close_matches

import httpx

from app.doctor.finding import Finding, fail, ok, skip, warn
from services.open_ai_service import make_openai

ANSWER_SECONDS = 10.0
OPENAI = "api.openai.com"
NEW_KEY = "platform.openai.com/api-keys makes a new one: put it into .env as OPENAI_API_KEY."
WITH_PATH = "Check OPENAI_BASE_URL: it ends in /v1."
UNREACHABLE = "Check OPENAI_BASE_URL, the network, and status.openai.com."


async def assistant(
    http: httpx.AsyncClient, *, api_key: str | None, base_url: str, model: str
) -> Finding:
    """Asks for the list of models, which costs nothing."""
    if api_key is None:
        return skip("OPENAI_API_KEY is not set: the bot answers from its FAQ")
    from openai import APIConnectionError, APIStatusError, OpenAIError

    client = make_openai(api_key=api_key, base_url=base_url, http=http)
    quick = client.with_options(timeout=ANSWER_SECONDS, max_retries=0)
    host = httpx.URL(base_url).host
    try:
        listed = [one.id async for one in quick.models.list()]
    except APIConnectionError:
        return fail(f"{host} does not answer", UNREACHABLE)
    except APIStatusError as error:
        return judge_status(error.status_code, host)
    except (OpenAIError, AttributeError, TypeError):  # the SDK trips over what is no list
        return fail(f"what answers at {host} is not OpenAI's API", WITH_PATH)
    return judge_models(listed, model, host)


def judge_status(status: int, host: str) -> Finding:
    if status in (401, 403):
        return fail(f"{host} refuses OPENAI_API_KEY (HTTP {status})", NEW_KEY)
    if status == 404:
        return warn(f"{host} has no list of models", WITH_PATH)
    if status == 429:
        return warn(f"{host} takes no more questions now", "See platform.openai.com/usage.")
    return fail(f"{host} is in trouble (HTTP {status})", UNREACHABLE)


def judge_models(listed: list[str], model: str, host: str) -> Finding:
    if model in listed:
        return ok(f"{host} has {model}")
    near = get_close_matches(model, listed, cutoff=0.3) or listed[:3]
    some = ", ".join(near) or "it lists none"
    said, fix = f"{host} does not list {model}", f"Set OPENAI_MODEL in .env to one of its: {some}."
    # Servers of one's own may answer to any name.
    return fail(said, fix) if host == OPENAI else warn(said, fix)
