"""What is due next: who gets it by now, and what becomes of the rest."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from loguru import logger

from domain.user import User
from domain.window import is_window_closed
from features.bulk.pauses import template_key
from features.notifications.checks import person_problems, template_problems, window_closed
from features.notifications.due import DuePage
from features.notifications.failures import batch_key
from features.notifications.items import ReadItem
from features.notifications.problems import Code, Problem
from features.notifications.schema import Item
from features.notifications.stage import Stage
from features.notifications.tables import NotificationRow
from features.notifications.verdict import Verdict
from features.templates.checks import SendCheck
from features.templates.model import MARKETING, ProblemCode, Template
from features.templates.payload import message_of
from features.templates.rendering import render
from schemas.cloud_api_schema import OutgoingMessage, TextMessage

#: Time until a notification is looked at again that has to wait for its template or its batch.
HOLD = timedelta(minutes=10)
#: Longest time that it waits for these.
MAX_HELD = timedelta(days=7)
#: Problems of a template that may pass: Meta paused it, or reviews it again.
PASSING = frozenset({ProblemCode.PAUSED, ProblemCode.NOT_APPROVED})


def verdicts(page: DuePage, now: datetime) -> Iterator[Verdict]:
    """Decide on each notification; nobody gets a second piece of marketing within a day."""
    marketed: set[str] = set()
    for row in page.rows:
        person = page.people.get(row.user_key) or User(row.user_key)
        try:
            verdict = _verdict(row, person, page, now, is_marketed=person.key in marketed)
        except Exception as error:  # noqa: BLE001 - it must not keep the others waiting
            logger.error(
                "WhatsApp notification {} has no message: {}", row.id, type(error).__name__
            )
            verdict = Verdict(row, person, Stage.REFUSED, problems=[_unreadable()])
        if verdict.stage is Stage.RELEASED and verdict.row.category == MARKETING:
            marketed.add(person.key)
        yield verdict


def held(row: NotificationRow, person: User, until: datetime, now: datetime) -> Verdict:
    """Look at it again then, or when it expires; refuse what has waited for too long."""
    if now - max(row.send_at or row.created_at, row.created_at) > MAX_HELD:
        return Verdict(row, person, Stage.REFUSED, problems=[_held_too_long()])
    return Verdict(row, person, Stage.WAITING, held_until=min(until, row.expires_at or until))


def _verdict(
    row: NotificationRow, person: User, page: DuePage, now: datetime, *, is_marketed: bool
) -> Verdict:
    if row.expires_at is not None and row.expires_at <= now:
        return Verdict(row, person, Stage.EXPIRED)
    item = ReadItem(row.position, Item.model_validate_json(row.content or ""), None)
    versions = page.templates.get(row.template or "", ())
    template = next((one for one in versions if one.language == row.language), None)
    if template is not None:
        row = row._replace(category=template.category)
    was_erased = person.key in page.erased
    problems = [
        *_recipient_problems(person),
        *person_problems(person, row.category, was_erased=was_erased, is_marketed=is_marketed),
        *_content_problems(item, person, template, now),
    ]
    passes = {one.code for one in problems} <= PASSING
    if problems and not passes:
        return Verdict(row, person, Stage.REFUSED, problems=problems)
    if problems and template is not None:
        return held(row, person, max(now + HOLD, template.paused_until or now), now)
    if _is_paused(row, page.paused):
        return held(row, person, now + HOLD, now)
    text = render(template, item.values) if template is not None else None
    return Verdict(row, person, Stage.RELEASED, message=_message(item, template), text=text)


def _is_paused(row: NotificationRow, paused: Collection[str]) -> bool:
    keys = {batch_key(row.batch)}
    if row.template is not None and row.language is not None:
        keys.add(template_key(row.template, row.language))
    return not keys.isdisjoint(paused)


def _message(item: ReadItem, template: Template | None) -> OutgoingMessage:
    if template is not None:
        return message_of(template, item.values)
    return TextMessage(body=item.item.text or "")


def _recipient_problems(person: User) -> Iterator[Problem]:
    if not (person.wa_id or person.user_id):
        yield Problem(
            code=Code.RECIPIENT_MISSING,
            field="to",
            message="The number belongs to somebody else by now.",
            fix="Ask the person for their number.",
        )


def _content_problems(
    item: ReadItem, person: User, template: Template | None, now: datetime
) -> Iterator[Problem]:
    if item.item.text is not None:
        if is_window_closed(person, now):
            yield window_closed()
    elif template is None:
        yield Problem(
            code=Code.TEMPLATE_UNKNOWN,
            field="template.name",
            message="Meta no longer has the template in this language.",
            fix="Create it again, and retry.",
        )
    else:
        yield from template_problems(SendCheck(template), item)


def _unreadable() -> Problem:
    return Problem(
        code=Code.FIELD_INVALID,
        message="What was stored fits neither the template nor this version of the bot.",
        fix="Send it again.",
    )


def _held_too_long() -> Problem:
    return Problem(
        code=Code.HELD_TOO_LONG,
        field="template",
        message=f"It waited {MAX_HELD.days} days for its template or its batch.",
        fix="Look at the template and the pauses, and retry.",
    )
