"""The texts that the code itself says, whatever the flows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flow_engine import ContactCard, File, Photo, Place, Video, Voice
from flow_engine.advance import ENGINE_TEXTS
from flow_engine.state import MORE, SHARED_OPTIONS, SHARED_QUESTIONS

#: Groups of words that are answered with the text of the same name in `small_talk`; of a word in
#: two groups, the first one counts.
SMALL_TALK = (
    *("thanks", "goodbye", "agreement", "praise", "laughter", "complaint"),
    "question_coming",
)
#: What people are told to send, where a question wants no text, or nothing but text.
KINDS_TO_SEND = ("text", *(one.what for one in (ContactCard, File, Photo, Place, Video, Voice)))
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
EXIT_TITLES = tuple(
    f"exit.{name}"
    for name in ("back", "cancel", "delete_profile", "edit_profile", "menu", "register_again")
)

#: What the core needs; features have more.
CORE_TEXTS = RequiredTexts(
    keys=said_with_first_name(
        *ENGINE_TEXTS,
        *(f"common.{name}.invalid" for name in SHARED_QUESTIONS),
        "common.change.ask",
        "common.wrong.ask",
        *(f"common.send.{what}" for what in KINDS_TO_SEND),
        *("common.abilities", "common.broken"),
        "common.late",
        "common.busy_with_flow",
        "common.edited_data",
        "common.edited_too_late",
        "common.fallback",
        "common.fallback_again",
        "common.unanswered",
        "common.language_changed",
        "common.not_allowed",
        "common.not_available",
        *("common.nothing_open", "common.old_menu"),
        "common.opted_in",
        "common.opted_out",
        "common.opted_out_hint",
        *("common.which_date", "common.which_day", "common.which_month", "common.which_year"),
        "common.no_last_name",
        "common.something_else",
        "common.register_first",
        *("common.not_registered", "common.one_person"),
        *("common.one_at_a_time", "common.no_name", "common.take_your_time", "common.not_done_yet"),
        "common.registered",
        "common.registered_already",
        "common.needed",
        "common.not_age",
        "common.no_answer",
        "common.optional",
        "common.sorry",
        "common.way_out",
        "first_contact.bot",
        "first_contact.by_name",
        "news.unsubscribed",
        *(f"received.{kind}" for kind in ("form", "number", "order", "passed_on")),
        *(f"stop_messages.{key}" for key in ("ask", "unchanged")),
        *(f"start_messages.{key}" for key in ("ask", "unchanged")),
        "unsupported.unknown",
        *(f"small_talk.{kind}" for kind in SMALL_TALK),
    )
    | {"common.button": (), "common.locale": (), "common.more": ()}
    | {f"common.options.{option}.title": () for option in SHARED_OPTIONS - {MORE}}
    | {
        "common.no_date": (),
        "common.which_last_name": {*ALWAYS_GIVEN, "begun"},
        "common.review.ask": {*ALWAYS_GIVEN, "answers"},
        "common.resume.ask": {*ALWAYS_GIVEN, "question"},
        "common.meant.ask": {*ALWAYS_GIVEN, "answer"},
        **{
            f"common.{one}": {*ALWAYS_GIVEN, "said"}
            for one in ("heard", "not_understood", "which_answer")
        },
        "common.several": {*ALWAYS_GIVEN, "chosen"},
    }
    | {"holding.asked": {*ALWAYS_GIVEN, "asked"}}
    | {"common.date_in_words": ("day", "month", "year")}
    | dict.fromkeys((f"stop_messages.options.{one}.title" for one in ("stop", "go_on")), ())
    | dict.fromkeys((f"start_messages.options.{one}.title" for one in ("start", "stay_away")), ())
    | dict.fromkeys(EXIT_TITLES, ()),
    titles=EXIT_TITLES,
    words=(
        "not_stored",
        *("any", "apology", "asking", "back", "both", "cancel", "cancel_outside", "change"),
        *("all_right", "before_question", "instead", "nothing_to_change", "pause", "what_is"),
        *("change_to", "correction", "courtesy", "doubt", "filler", "go_on", "greeting"),
        *("is_registered", "is_registered_phrases", "must_register_phrases", "or_not"),
        *("needing", "others", "registering"),
        *("language", "language_switch", "last", "leave_chat", "linking"),
        *("menu", "must_answer", "negation", "no", "no_offers", "numbers", "opt_in"),
        *("abilities", "offers", "refusing", "offers_around", "thanks_around"),
        *(
            "what_next",
            "opt_in_unclear",
            "opt_out",
            "opt_out_unclear",
            "option_nouns",
            "question",
            "restart",
        ),
        *("skip", "to_bot", "who_answers", "why", "why_asked", "wrong", "yes", "yes_start"),
        *("age", "birth", "choosing", "ends_with", "giving"),
        *("before_count", "beside_yes", "but_rather", "counted", "first_name"),
        *("hours", "one_name", "spelled_with", "surname", "naming", "only", "removing"),
        *("allowed", "oneself", "reporting", "second_name"),
        *SMALL_TALK,
    ),
)
