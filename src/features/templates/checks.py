"""Why Meta would refuse a message made from a template: each reason with its fix, all at once.

The rules follow Meta's pages on template components and error codes 131008, 132000, 132005, 132012
and 132018. The emulator has rules of its own; a test compares both.
"""

from collections.abc import Iterator, Mapping, Sequence

from features.templates.button_checks import button_problems
from features.templates.header_checks import header_problems, takes_header_value
from features.templates.model import (
    APPROVED,
    DELETED,
    DISABLED,
    PAUSED,
    ProblemCode,
    Template,
    TemplateProblem,
    TemplateValues,
    Texts,
)
from features.templates.parts import Parts, by_name, filled, is_login_button, login_code, variables
from schemas.cloud_api_limits import utf16_length
from utils.visible_text import is_blank

#: Longest texts with their variables filled, in UTF-16 units.
MAX_BODY_CHARS = 1024
MAX_OFFER_BODY_CHARS = 600
MAX_CARD_BODY_CHARS = 160
#: Longest login code, in characters.
MAX_LOGIN_CODE_CHARS = 15

_STATUS_FIXES = {
    PAUSED: (ProblemCode.PAUSED, "Wait until Meta ends the pause, or send another template."),
    DISABLED: (ProblemCode.DISABLED, "Create a template of another name."),
    DELETED: (ProblemCode.DELETED, "Create it again, or send another template."),
}


class SendCheck:
    """Checks messages made from one template; what they have in common is worked out once."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._parts = parts = Parts.of(template.components)
        self._of_template = [*_status_problems(template), *_unknown_parts(parts)]
        self._most = MAX_BODY_CHARS if parts.offer is None else MAX_OFFER_BODY_CHARS
        self._has_header_value = takes_header_value(parts)

    def problems(self, values: TemplateValues) -> Sequence[TemplateProblem]:
        """Return why Meta would refuse the message, all reasons at once; empty if it may be sent.

        A part that the template does not have, and that is not given, is not looked at.
        """
        template, parts = self.template, self._parts
        found = [*self._of_template]
        if self._has_header_value or values.header is not None:
            found += header_problems(parts, values.header, "header")
        found += text_problems(parts.body, values.body, "parameters", template.is_named, self._most)
        if parts.buttons or values.buttons:
            found += _login_problems(template, parts, values)
            found += button_problems(template, parts.buttons, values.buttons, "buttons")
        found += _offer_problems(parts, values)
        if parts.cards or values.cards:
            found += _card_problems(template, parts, values)
        return found


def check_send(template: Template, values: TemplateValues) -> Sequence[TemplateProblem]:
    """Return why Meta would refuse the message, all reasons at once; empty if it may be sent."""
    return SendCheck(template).problems(values)


def _status_problems(template: Template) -> Iterator[TemplateProblem]:
    if template.status == APPROVED:
        return
    code, fix = _STATUS_FIXES.get(
        template.status, (ProblemCode.NOT_APPROVED, "Wait until Meta has approved it.")
    )
    until = f" until {template.paused_until:%Y-%m-%d %H:%M} UTC" if template.paused_until else ""
    yield TemplateProblem(code, "template", f"Meta says {template.status}{until}.", fix)


def _unknown_parts(parts: Parts) -> Iterator[TemplateProblem]:
    for kind in parts.unknown:
        yield TemplateProblem(
            ProblemCode.PART_UNSUPPORTED,
            "template",
            f"The template has a part that the bot cannot fill: {kind.lower() or 'no type'}.",
            "Send a template without it.",
        )


def text_problems(
    text: str, texts: Texts, field: str, is_named: bool, max_chars: int
) -> Iterator[TemplateProblem]:
    """Yield what is wrong with the values of a body."""
    expected = variables(text)
    if is_named and not isinstance(texts, Mapping) and texts:
        yield TemplateProblem(
            ProblemCode.PARAMETERS_UNNAMED,
            field,
            "The variables of this template have names, and the values have none.",
            f"Give an object with these names: {', '.join(expected) or 'none'}.",
        )
        return
    given = by_name(texts, expected)
    if len(texts) != len(expected) or given.keys() != set(expected):
        yield from _missing_and_unknown(expected, texts, field)
    for place, name in enumerate(given):
        if name in expected and is_blank(given[name]):
            where = _field_of(field, texts, name, place)
            yield TemplateProblem(
                ProblemCode.PARAMETER_EMPTY, where, "The value is empty.", "Give a value."
            )
    if _is_surely_short(text, given, max_chars):
        return
    if (length := utf16_length(filled(text, given))) > max_chars:
        yield TemplateProblem(
            ProblemCode.TEXT_TOO_LONG,
            field,
            f"The filled text has {length} characters, and Meta takes {max_chars}.",
            "Shorten the values.",
        )


def _is_surely_short(text: str, given: Mapping[str, str], max_chars: int) -> bool:
    """Whether a text has room for the longest value in each place; nothing is filled in for it."""
    longest = max(map(len, given.values()), default=0)
    return 2 * (len(text) + text.count("{{") * longest) <= max_chars  # UTF-16: 2 units at most


def _missing_and_unknown(
    expected: Sequence[str], texts: Texts, field: str
) -> Iterator[TemplateProblem]:
    names = list(texts) if isinstance(texts, Mapping) else list(expected[: len(texts)])
    for place, name in enumerate(expected):
        if name not in names:
            where = _field_of(field, texts, name, place)
            message = f"The template has {_count(expected)}, and {{{{{name}}}}} has no value."
            yield TemplateProblem(
                ProblemCode.PARAMETER_MISSING, where, message, f"Give {name} a value."
            )
    known = ", ".join(expected) or "none"
    more = [_field_of(field, texts, name, 0) for name in names if name not in expected]
    if not isinstance(texts, Mapping):
        more = [f"{field}[{place}]" for place in range(len(expected), len(texts))]
    for where in more:
        yield TemplateProblem(
            ProblemCode.PARAMETER_UNKNOWN,
            where,
            "The template has no such variable.",
            f"Leave it out. The variables are: {known}.",
        )


def _count(expected: Sequence[str]) -> str:
    return "1 variable" if len(expected) == 1 else f"{len(expected)} variables"


def _field_of(field: str, texts: Texts, name: str, place: int) -> str:
    return f"{field}.{name}" if isinstance(texts, Mapping) and texts else f"{field}[{place}]"


def _login_problems(
    template: Template, parts: Parts, values: TemplateValues
) -> Iterator[TemplateProblem]:
    if not any(is_login_button(template, button) for button in parts.buttons):
        return
    if utf16_length(login_code(values.body)) > MAX_LOGIN_CODE_CHARS:
        yield TemplateProblem(
            ProblemCode.LOGIN_CODE_INVALID,
            "parameters",
            f"A login code has at most {MAX_LOGIN_CODE_CHARS} characters.",
            "Make a shorter code.",
        )


def _offer_problems(parts: Parts, values: TemplateValues) -> Iterator[TemplateProblem]:
    expires = bool((parts.offer or {}).get("has_expiration"))
    if expires and values.offer_ends_at is None:
        yield TemplateProblem(
            ProblemCode.OFFER_EXPIRY_MISSING,
            "offer_ends_at",
            "The template counts down to the end of an offer.",
            "Say when the offer ends.",
        )
    if not expires and values.offer_ends_at is not None:
        yield TemplateProblem(
            ProblemCode.OFFER_EXPIRY_UNEXPECTED,
            "offer_ends_at",
            "The template has no offer that ends.",
            "Leave the time out.",
        )


def _card_problems(
    template: Template, parts: Parts, values: TemplateValues
) -> Iterator[TemplateProblem]:
    if not parts.cards and values.cards:
        text = "The template has no cards."
        yield TemplateProblem(ProblemCode.CARDS_UNEXPECTED, "cards", text, "Leave them out.")
        return
    if len(parts.cards) != len(values.cards):
        text = f"The template has {len(parts.cards)} cards, and {len(values.cards)} are given."
        fix = "Give each card its values, in order."
        yield TemplateProblem(ProblemCode.CARDS_COUNT, "cards", text, fix)
    for place, (card, given) in enumerate(zip(parts.cards, values.cards, strict=False)):
        field, is_named = f"cards[{place}]", template.is_named
        yield from header_problems(card, given.header, f"{field}.header")
        yield from text_problems(
            card.body, given.body, f"{field}.parameters", is_named, MAX_CARD_BODY_CHARS
        )
        yield from button_problems(template, card.buttons, given.buttons, f"{field}.buttons")
