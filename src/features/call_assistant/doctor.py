"""The check of the model that talks with callers."""

from collections.abc import Iterator
from functools import partial

import httpx

from domain.checks import Check, Finding, ok, skip, warn
from features.assistant.doctor import listed_models
from features.assistant.settings import AssistantSettings
from features.call_assistant.settings import CallAssistantSettings
from features.calls.settings import CallSettings
from services.setup import CheckSetup


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the realtime model."""
    calls, assistant = setup.settings_of(CallSettings), setup.settings_of(AssistantSettings)
    settings = setup.settings_of(CallAssistantSettings)
    if calls is None or assistant is None or settings is None:
        return
    is_used = calls.calls_enabled and settings.call_talker in ("auto", "realtime")
    has_model = bool(settings.call_realtime_model) and not settings.call_realtime_url
    check = partial(check_talker, setup.http, assistant, settings, is_used=is_used and has_model)
    yield Check("callers", check, is_live=True)


async def check_talker(
    http: httpx.AsyncClient,
    assistant: AssistantSettings,
    settings: CallAssistantSettings,
    *,
    is_used: bool,
) -> Finding:
    """Check that the server has the realtime model."""
    if not is_used or assistant.openai_api_key is None:
        return skip("no realtime model at OPENAI_BASE_URL talks with callers")
    model, listed = settings.call_realtime_model, await listed_models(http, assistant)
    if isinstance(listed, Finding):
        return listed
    if model in listed:
        return ok(f"{model} talks with callers")
    others = sorted(one for one in listed if "realtime" in one)
    known = f" It has: {', '.join(others)}." if others else ""
    return warn(
        f"the server does not list {model}, so the next talker answers callers.{known}",
        "Set CALL_REALTIME_MODEL to a model that it has, or to none.",
    )
