"""Builds the features of a process, and connects them to conversations."""

from collections.abc import Mapping

from loguru import logger

from app.checks.flow_links import reachable_effects
from app.composition.features import FeatureError, find_features, import_tables
from flow_engine import FeatureEffect, TalkToAssistant, TalkToHuman
from services.conversations.calls import CALLS
from services.conversations.job_specs import CONVERSATIONS, EVENTS
from services.feature import Feature, Parts
from services.sending.outbox import OUTBOX


def build_features(parts: Parts) -> None:
    """Build the features one after the other, and connect them to conversations."""
    import_tables()
    for kind in find_features():
        parts.features.append(kind(parts))
    added = (pool for feature in parts.features for pool in feature.pools)
    parts.pools = (CONVERSATIONS, EVENTS, CALLS, OUTBOX, *added)
    extensions = parts.context.extensions
    for feature in parts.features:
        extensions.stages += feature.stages()
        for effect, handler_of_effect in feature.effects().items():
            _require_free(feature, effect, extensions.effects)
            extensions.effects[effect] = handler_of_effect
        for field, handler in feature.events().items():
            extensions.events.setdefault(field, []).append(handler)
        extensions.asides.append(feature.aside)
        extensions.later_asides.append(feature.ask_aside)
        extensions.machine_notices.append(feature.machine_noticed)
        extensions.timers |= feature.timers()
        extensions.exits += feature.exits()
        extensions.observers += feature.observers()
        extensions.resets.append(feature.reset)
        extensions.introductions.append(feature.introduction)
        extensions.open_chats.append(feature.is_in_chat)
        extensions.operators_reachable |= feature.reaches_operators
    _warn_of_unhandled(parts)


def _require_free(feature: Feature, effect: type, handled: Mapping[type, object]) -> None:
    """Raise FeatureError for an effect that another feature or the core executes."""
    if effect in handled:
        raise FeatureError(f"features/{feature.name} handles {effect.__name__}, as another does")
    if not issubclass(effect, FeatureEffect | TalkToAssistant | TalkToHuman):
        raise FeatureError(
            f"features/{feature.name} handles {effect.__name__}, which is no FeatureEffect"
        )


def _warn_of_unhandled(parts: Parts) -> None:
    """Name the effects of flows that no feature executes: their choices are left out of menus."""
    handled = parts.context.extensions.effects
    for flow in parts.context.flows:
        for reachable in reachable_effects(flow):
            effect = type(reachable.effect)
            if issubclass(effect, FeatureEffect) and effect not in handled:
                where = reachable.where
                logger.warning("{}: no feature handles {}: not available", where, effect.__name__)
