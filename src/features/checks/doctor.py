"""Checks of the models that checks of the config file name."""

from collections.abc import Iterator, Sequence
from functools import partial

import httpx

from domain.checks import Check, Finding, ok, skip, warn
from features.assistant.doctor import listed_models
from features.assistant.settings import AssistantSettings
from features.checks.settings import ChecksSettings
from services.setup import CheckSetup


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the models; none where no check names one."""
    settings, assistant = setup.settings_of(ChecksSettings), setup.settings_of(AssistantSettings)
    if settings is None or assistant is None:
        return
    models = {name: one.model for name, one in settings.all.items() if one.model is not None}
    if models:
        check = partial(check_models, setup.http, assistant, models)
        yield Check("checks", check, is_live=True)


async def check_models(
    http: httpx.AsyncClient, settings: AssistantSettings, models: dict[str, str]
) -> Finding:
    """Check that the server lists the models of checks, by the names of the checks."""
    listed = await listed_models(http, settings)
    if isinstance(listed, Finding):
        return skip(f"the models of checks are unknown: {listed.said}")
    return judge(listed, models)


def judge(listed: Sequence[str], models: dict[str, str]) -> Finding:
    """Say which models the server does not list."""
    unknown = [f"{model} (checks.{name})" for name, model in models.items() if model not in listed]
    if not unknown:
        return ok(f"the server lists the models of {len(models)} checks")
    return warn(
        f"the server does not list {', '.join(unknown)}",
        "Self-hosted servers may take any name. Else name one that it lists: "
        f"{', '.join(listed[:5]) or 'it lists none'}.",
    )
