"""All that is wrong with flows, texts and features, told together before the bot starts."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from app.checks.feature_sources import source_faults
from app.checks.flow_links import link_faults
from app.checks.languages import language_faults
from app.checks.texts import check
from flow_engine import Fault, Flow, Menu
from flow_engine.faults import did_you_mean, in_file_order
from flow_engine.registry import FoundDefinitions
from services.feature import Feature
from texts.catalogue import Texts
from utils.kept_by_identity import KeptByIdentity

#: Menus that are shown as "home", and the flow of people who have to register first.
HOME_MENUS = ("main_menu", "member_menu")
REGISTRATION = "registration"
#: Combinations that are known to have no fault: bots of a process differ in their language.
FAULTLESS = KeptByIdentity[Sequence[Fault]](most=20)


class DefinitionError(Exception):
    """Flows, texts or features that cannot be used as they are; lists all faults by place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = in_file_order(faults)
        count = len(self.faults)
        title = f"Flows, texts and features have {count} problem{'s' if count > 1 else ''}:"
        super().__init__("\n".join([title, *map(str, self.faults)]))


def definition_faults(
    found: FoundDefinitions,
    sources: Collection[str],
    calls: Collection[str],
    prefixes: Collection[str],
) -> Iterator[Fault]:
    """Yield what is wrong with flows and menus.

    `sources` are the names that steps may load options from, and `prefixes` those of features;
    `calls` are the names of own code.
    """
    yield from found.faults
    yield from link_faults(found.definitions, sources, found.unusable, calls, prefixes)
    yield from _missing_homes(found)


def text_faults(
    texts: Texts,
    found: FoundDefinitions,
    features: Sequence[type[Feature]],
    default_language: str | None,
) -> Sequence[Fault]:
    """Return what is wrong with the texts of the core and of features, and with who says them.

    What had no fault is not checked again: a bot that takes over from another has the same files,
    and to check them takes most of its start.
    """

    def check_all() -> Sequence[Fault]:
        also = [feature.required_texts for feature in features]
        faults = [
            *check(texts, found.definitions, also=also, default_language=default_language),
            *source_faults(texts, features),
            *language_faults(texts),
        ]
        if faults:
            raise DefinitionError(faults)
        return ()

    parts = parts_of(texts, found, features)
    try:
        return FAULTLESS.get(parts, check_all, default_language, found.unusable)
    except DefinitionError as error:
        return error.faults


def parts_of(
    texts: Texts, found: FoundDefinitions, features: Sequence[type[Feature]]
) -> Sequence[object]:
    """Return what conversations are made of, as far as files say it."""
    required = [one.required_texts for one in features]
    return (texts, *found.definitions, *features, *required)


def _missing_homes(found: FoundDefinitions) -> Iterator[Fault]:
    """Yield the menus and flows that the bot leads to by itself, and that are not there."""
    menus = {one.name for one in found.definitions if isinstance(one, Menu)} | found.unusable
    names = {one.name for one in found.definitions} | found.unusable
    for name in HOME_MENUS:
        if name not in menus:
            hint = did_you_mean(name, menus - {*HOME_MENUS})
            yield Fault(f"no menu has the name {name}, which the bot shows first{hint}")
    for flow in found.definitions:
        if isinstance(flow, Flow) and flow.needs_profile and REGISTRATION not in names:
            text = f"{flow.name}: needs_profile leads to {REGISTRATION}, a flow that is not there"
            yield Fault(text, flow.defined_at)
