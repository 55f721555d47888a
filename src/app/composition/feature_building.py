"""Builds the features of a process, and connects them to conversations."""

from collections.abc import Mapping
from functools import partial

from loguru import logger

from app.checks.flow_links import reachable_effects
from app.composition.features import FeatureError, find_features, import_tables, operator_schemas
from app.composition.pools import declared_pools
from flow_engine import FeatureEffect, TalkToAssistant, TalkToHuman
from flow_engine.faults import function_line
from services.conversations.extensions import EffectHandler
from services.feature import Feature, Parts


def build_features(parts: Parts) -> None:
    """Build the features one after the other, and connect them to conversations."""
    import_tables()
    operator_schemas(parts.context.flows.saved)
    for kind in find_features():
        parts.features.append(kind(parts))
    parts.pools = declared_pools()
    extensions = parts.context.extensions
    for feature in parts.features:
        extensions.stages += feature.stages()
        for effect, handler_of_effect in feature.effects().items():
            _require_free(handler_of_effect, effect, extensions.effects)
            extensions.effects[effect] = handler_of_effect
        extensions.requests |= feature.requests()
        for field, handler in feature.events().items():
            extensions.events.setdefault(field, []).append(handler)
        extensions.readers |= feature.readers()
        extensions.asides.append(feature.aside)
        extensions.later_asides.append(feature.ask_aside)
        extensions.interpreters.append(feature.interpret)
        extensions.machine_notices.append(feature.machine_noticed)
        extensions.timers |= feature.timers()
        extensions.exits += feature.exits()
        extensions.observers += feature.observers()
        extensions.listeners += feature.listeners()
        if type(feature).reported is not Feature.reported:
            extensions.followers.append(feature.reported)
        extensions.resets.append(feature.reset)
        extensions.alerts.append(feature.alert)
        extensions.introductions.append(feature.introduction)
        extensions.open_chats.append(feature.is_in_chat)
        if type(feature).reaches_operators is not Feature.reaches_operators:
            extensions.ways_to_operators.append(partial(getattr, feature, "reaches_operators"))
        extensions.shows_tables |= feature.shows_tables
        extensions.has_menus &= not feature.replaces_menus
    _connect_options(parts)
    _warn_of_unhandled(parts)


def _connect_options(parts: Parts) -> None:
    """Have flows load options from features, by the prefix of their source."""
    context = parts.context
    features = {one.option_prefix: one for one in parts.features if one.option_prefix}
    for source in context.flows.saved.sources:
        prefix, _, name = source.partition(":")
        if name and (feature := features.get(prefix)) is not None:
            context.option_sources[source] = partial(feature.load_options, name)
            context.extensions.reservations[source] = partial(feature.reserve_option, name)


def _require_free(
    handler: EffectHandler, effect: type, handled: Mapping[type, EffectHandler]
) -> None:
    """Raise FeatureError for an effect that another feature or the core executes."""
    where, name = function_line(handler), effect.__name__
    if effect in handled:
        other = function_line(handled[effect])
        raise FeatureError(f"{where}: handles {name}, as {other} does: one of them has to go")
    if not issubclass(effect, FeatureEffect | TalkToAssistant | TalkToHuman):
        raise FeatureError(f"{where}: handles {name}, which is no FeatureEffect")


def _warn_of_unhandled(parts: Parts) -> None:
    """Name what flows declare and no feature does: effects, and what a *Status* leads to."""
    handled = parts.context.extensions.effects
    for flow in parts.context.flows:
        for reachable in reachable_effects(flow):
            effect = type(reachable.effect)
            if issubclass(effect, FeatureEffect) and effect not in handled:
                where = reachable.where
                logger.warning("{}: no feature handles {}: not available", where, effect.__name__)
    if not any(feature.sets_record_status for feature in parts.features):
        for form in parts.context.flows.saved.forms:
            if form.on_status:
                logger.warning(
                    "{}: on_status does nothing, since no operator can set a Status: the feature "
                    "airtable is absent, or AIRTABLE_API_KEY is not set",
                    form.name,
                )
