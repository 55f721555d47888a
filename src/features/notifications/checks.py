"""Whether an item may be sent, and why not: the person, the template, the window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.user import User
from domain.window import window_closes_at
from features.notifications.items import ReadItem, reference_seen
from features.notifications.lookup import KnownFacts
from features.notifications.problems import Code, Problem
from features.notifications.template_choice import WrongTemplate, choose_template
from features.templates.checks import SendCheck
from features.templates.consent import Objection, objection_to
from features.templates.model import AUTHENTICATION, MARKETING, Template
from features.templates.rendering import render

#: What a free text is charged as.
SERVICE = "SERVICE"

_OBJECTIONS = {
    Objection.OPTED_OUT: (Code.OPTED_OUT, "They can write START to get messages again."),
    Objection.BLOCKED: (Code.BLOCKED, "An operator can unblock them."),
    Objection.ERASED: (Code.ERASED, "They get messages again once they agree to marketing."),
    Objection.NO_MARKETING: (
        Code.MARKETING_CONSENT_MISSING,
        "Ask for their consent in WhatsApp, or send a UTILITY template.",
    ),
}


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item with its person, its template and all that is wrong with it."""

    read: ReadItem
    #: None for somebody whom the bot does not know yet.
    person: User | None
    template: Template | None
    problems: Sequence[Problem]

    @property
    def text(self) -> str:
        """What the person would read; empty if that cannot be told."""
        if self.read.item.text is not None:
            return self.read.item.text
        return render(self.template, self.read.values) if self.template is not None else ""

    @property
    def category(self) -> str:
        """Meta's category."""
        return self.template.category if self.template else SERVICE


def check_items(
    items: Sequence[ReadItem], known: KnownFacts, now: datetime, *, language: str
) -> Sequence[CheckedItem]:
    """Check all items; `language` is that of people of whom none is known."""
    checks: dict[str, SendCheck] = {}  # most items are of the same few templates
    return [_checked(one, known, now, language, checks) for one in items]


def _checked(
    read: ReadItem,
    known: KnownFacts,
    now: datetime,
    language: str,
    checks: dict[str, SendCheck],
) -> CheckedItem:
    person = known.people.get(read.recipient)
    user = person or _stranger(read)
    problems: list[Problem] = []
    template = None
    if read.item.template is not None and read.item.template.named[0]:
        try:
            template = choose_template(read.item.template, known.templates, user, language)
        except WrongTemplate as error:
            problems.append(error.problem)
        else:
            check = checks.get(template.key) or SendCheck(template)
            checks[template.key] = check
            problems += template_problems(check, read)
    if read.item.reference in known.references:
        problems.append(reference_seen())
    if read.recipient:
        category = template.category if template else SERVICE
        was_erased = read.recipient in known.erased
        is_marketed = person is not None and person.key in known.marketed
        problems += person_problems(
            user,
            category,
            was_erased=was_erased,
            is_marketed=is_marketed,
        )
        if read.item.text is not None and _is_window_closed(person, now):
            problems.append(window_closed())
    placed = [one.inside(read.place) for one in problems]
    return CheckedItem(read, person, template, [*read.problems, *placed])


def _stranger(read: ReadItem) -> User:
    phone = read.phone.digits if read.phone else None
    return User(read.recipient, user_id=read.item.user_id, wa_id=phone)


def person_problems(
    person: User, category: str, *, was_erased: bool, is_marketed: bool
) -> Iterator[Problem]:
    """Yield why this person is not written to."""
    if category == AUTHENTICATION and person.wa_id is None:
        yield Problem(
            code=Code.PHONE_NEEDED,
            field="to",
            message="Login codes need the person's phone number, which the bot does not know.",
            fix="Give `to` instead of `user_id`.",
        )
    if objection := objection_to(person, category, was_erased=was_erased):
        code, fix = _OBJECTIONS[objection]
        yield Problem(code=code, field="to", message=f"The person {objection}.", fix=fix)
    elif category == MARKETING and is_marketed:
        yield marketing_too_soon()


def marketing_too_soon() -> Problem:
    """Return the problem of marketing to somebody who got some within a day."""
    return Problem(
        code=Code.MARKETING_TOO_SOON,
        field="to",
        message="The person got marketing within the last 24 hours.",
        fix="Send it tomorrow, with `send_at`.",
    )


def template_problems(check: SendCheck, read: ReadItem) -> Iterator[Problem]:
    """Yield why Meta would refuse the template with these values."""
    template = check.template
    expected = read.item.category_expected
    if expected is not None and expected != template.category:
        yield Problem(
            code=Code.CATEGORY_CHANGED,
            field="category_expected",
            message=f"Meta has the template in the category {template.category}.",
            fix="Expect that category, whose price differs, or change the template.",
        )
    yield from _wrong_headers(template, read)
    for one in check.problems(read.values):
        field = one.field if one.field == "template" else f"template.{one.field}"
        yield Problem(code=one.code, field=field, message=one.message, fix=one.fix)


def window_closed() -> Problem:
    """Return the problem of a text to somebody who did not write within a day."""
    return Problem(
        code=Code.WINDOW_CLOSED,
        field="text",
        message="The person did not write within the last 24 hours.",
        fix="Send a template.",
    )


def _is_window_closed(person: User | None, now: datetime) -> bool:
    closes_at = window_closes_at(person) if person else None
    return closes_at is None or now > closes_at


def _wrong_headers(template: Template, read: ReadItem) -> Iterator[Problem]:
    """Yield what `check_send` cannot see: two kinds of headers, or a file of another kind."""
    content = read.item.template
    if content is None or content.header is None:
        return
    kinds = content.header.kinds
    formats = [
        str(one.get("format") or "TEXT").upper()
        for one in template.components
        if str(one.get("type")).upper() == "HEADER"
    ]
    if len(kinds) > 1 or (kinds and formats and kinds != formats):
        yield Problem(
            code=Code.FIELD_INVALID,
            field="template.header",
            message="The header of the template has another kind.",
            fix=f"Give only `{(formats or kinds)[0].lower()}`.",
        )
