"""The texts that the code itself says, whatever the flows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flow_engine.advance import ENGINE_TEXTS

#: Groups of words that are answered with the text of the same name in `small_talk`; of a word in
#: two groups, the first one counts.
SMALL_TALK = ("thanks", "goodbye", "agreement", "praise", "laughter", "complaint")
#: What every text may name, if a message handler says it.
ALWAYS_GIVEN = frozenset({"first_name"})


@dataclass(frozen=True, slots=True)
class RequiredTexts:
    """What one part of the code needs in every language."""

    #: names that are filled in, by the key of the text
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    #: those of the keys that are titles of buttons, which WhatsApp limits
    titles: Collection[str] = ()
    #: groups of words that people type, in the table `words`
    words: Collection[str] = ()
    #: files `prompts/<name>.<language>.md`
    prompts: Collection[str] = ()


def said_with_first_name(*keys: str) -> dict[str, Collection[str]]:
    """Return keys of texts that get nothing but the first name."""
    return dict.fromkeys(keys, ALWAYS_GIVEN)


#: Titles of the buttons for people who are stuck.
EXIT_TITLES = ("exit.back", "exit.cancel", "exit.edit_profile", "exit.menu")

#: What the core needs; features have more.
CORE_TEXTS = RequiredTexts(
    keys=said_with_first_name(
        *ENGINE_TEXTS,
        "common.broken",
        "common.busy_with_flow",
        "common.edited_data",
        "common.edited_too_late",
        "common.fallback",
        "common.fallback_again",
        "common.language_changed",
        "common.not_allowed",
        "common.not_available",
        "common.old_menu",
        "common.opted_in",
        "common.opted_out",
        "common.opted_out_hint",
        "common.which_date",
        "common.register_first",
        "common.registered_already",
        "common.way_out",
        "first_contact.bot",
        "first_contact.by_name",
        "news.unsubscribed",
        *(f"stop_messages.{key}" for key in ("ask", "unchanged")),
        *(f"start_messages.{key}" for key in ("ask", "unchanged")),
        "unsupported.unknown",
        *(f"small_talk.{kind}" for kind in SMALL_TALK),
    )
    | {"common.button": (), "common.date": (), "common.more": ()}
    | {"common.date_in_words": ("day", "month", "year")}
    | dict.fromkeys((f"stop_messages.options.{one}.title" for one in ("stop", "go_on")), ())
    | dict.fromkeys((f"start_messages.options.{one}.title" for one in ("start", "stay_away")), ())
    | dict.fromkeys(EXIT_TITLES, ()),
    titles=EXIT_TITLES,
    words=(
        "asking",
        "back",
        "both",
        "cancel",
        "cancel_outside",
        "change",
        "courtesy",
        "doubt",
        "filler",
        "greeting",
        "language",
        "last",
        "menu",
        "negation",
        "no",
        "no_offers",
        "numbers",
        "opt_in",
        "opt_in_unclear",
        "opt_out",
        "opt_out_unclear",
        "question",
        "restart",
        "who_answers",
        "yes",
        "yes_start",
        *SMALL_TALK,
    ),
)
