"""Checks of the code: flows, texts and features, as at the start."""

from app.checks.definitions import DefinitionError
from app.checks.unstarted_bot import build_unstarted_bot
from app.composition.features import FeatureError
from app.runtime.bootstrap import START_ERRORS
from domain.checks import Finding, fail, ok

CORRECT = "The bot does not start before this is corrected."


async def definitions(default_language: str | None) -> list[Finding]:
    """Return a finding for each fault; `default_language` is that of the settings, if known."""
    chosen = {} if default_language is None else {"default_language": default_language}
    try:
        bot = build_unstarted_bot(**chosen)
    except DefinitionError as error:
        return [fail(str(fault), CORRECT) for fault in error.faults]
    except START_ERRORS as error:
        return [fail(str(error), CORRECT)]
    flows, stages = len(list(bot.parts.context.flows)), len(bot.parts.conversations.handler.stages)
    counts = f"{flows} flows and menus, {stages} stages, {len(bot.features)} features"
    return [ok(f"{counts}: they can start")]


async def unusable_features(error: FeatureError) -> Finding:
    """Say what is wrong with a feature whose files cannot be used."""
    return fail(str(error), CORRECT)
