"""Questions that the bot could not answer: operators answer them once, for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from features.inbox import operators
from features.inbox.conversation import ActRefused, require_words
from features.inbox.masks import Mask, mask_for
from features.inbox.operators import Operator
from features.inbox.tables.messages import OUT, inbox_message
from services.feature import Feature
from services.open_questions import OpenQuestions, QuestionGroup, WrittenAnswer
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import users

#: Groups of questions on the page, and people of each who are named.
MAX_GROUPS, MAX_PEOPLE = 50, 5
#: Time in which an operator's answer to a person counts as one to the question.
ANSWERED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group of questions as the page has it."""

    group: QuestionGroup
    #: (key, name) of people who asked
    people: Sequence[tuple[str, str]]
    #: what an operator answered one of them, and who
    answered: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Questions:
    """Reads what could not be answered, and keeps answers, where a feature does so."""

    features: Iterable[Feature]
    database: GroupCommit

    @property
    def keeper(self) -> OpenQuestions | None:
        """Return the feature that keeps questions, if it is there."""
        return next((one for one in self.features if isinstance(one, OpenQuestions)), None)

    async def groups(self, operator: Operator) -> Sequence[ShownGroup]:
        """Return the questions without an answer, those of most people first."""
        found = await self.keeper.open_questions() if self.keeper else ()

        def read(connection: Connection, _now: float) -> Sequence[ShownGroup]:
            return _shown(connection, found[:MAX_GROUPS], mask_for(connection, operator))

        return await self.database.reader.run(read)

    async def answers(self) -> Sequence[WrittenAnswer]:
        """Return the answers that operators wrote here."""
        return await self.keeper.written_answers() if self.keeper else ()

    async def answer(self, operator: Operator, ids: Sequence[str], answer: WrittenAnswer) -> None:
        """Have the bot give an answer from now on. Raise ActRefused."""
        require_words(answer.answer)
        require_words(answer.question)
        await self._required().settle_questions(ids, answer)
        await self._note(operator, "wrote an FAQ answer")

    async def put_aside(self, operator: Operator, ids: Sequence[str]) -> None:
        """Show questions no more, without an answer. Raise ActRefused."""
        await self._required().settle_questions(ids, None)
        await self._note(operator, "put questions aside")

    async def remove(self, operator: Operator, question: str) -> None:
        """Forget an answer that was written here. Raise ActRefused."""
        await self._required().remove_answer(question)
        await self._note(operator, "removed an FAQ answer")

    def _required(self) -> OpenQuestions:
        if self.keeper is None:
            raise ActRefused("This bot has no FAQ.")
        return self.keeper

    async def _note(self, operator: Operator, act: str) -> None:
        def note(connection: Connection, now: float) -> None:
            if not operators.has_done(connection, operator):
                operators.note(connection, operator, act, "", datetime.fromtimestamp(now, UTC))

        await self.database.submit(Transaction(note))


def _shown(
    connection: Connection, groups: Sequence[QuestionGroup], mask: Mask
) -> Sequence[ShownGroup]:
    keys = {key for one in groups for key, _ in one.asked[:MAX_PEOPLE]}
    known = users.people(connection, users.by_key, sorted(keys))
    return [
        ShownGroup(
            one,
            [(mask.hide(key), mask.name(known[key])) for key in _askers(one) if key in known],
            _answered(connection, one),
        )
        for one in groups
    ]


def _askers(one: QuestionGroup) -> Iterable[str]:
    return dict.fromkeys(key for key, _ in one.asked[:MAX_PEOPLE])


def _answered(connection: Connection, one: QuestionGroup) -> tuple[str, str] | None:
    """Return what an operator wrote after one of these questions, and who."""
    of = inbox_message.c
    for key, at in one.asked[:MAX_PEOPLE]:
        is_then = (of.user_key == key, of.at > at, of.at < at + ANSWERED_WITHIN)
        is_answer = (of.direction == OUT, of.author.is_not(None), of.kind == "text")
        query = select(of.text, of.author).where(*is_then, *is_answer).order_by(of.at).limit(1)
        if (row := connection.execute(query).first()) is not None:
            return row.text, row.author
    return None
