"""The templates of the business account, as the database has them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from features.templates import tables
from features.templates.model import Template
from storage.engine.group_commit import GroupCommit, Transaction

Answer = TypeVar("Answer")


class TemplateRegistry:
    """Finds templates of one business account."""

    def __init__(self, database: GroupCommit, account_id: str) -> None:
        self._database = database
        self.account_id = account_id

    async def find(self, name: str, language: str) -> Template | None:
        """Return one template; None if Meta never told of it."""
        account = self.account_id
        return await self.ask(lambda c: tables.find(c, account, name, language))

    async def find_by_meta_id(self, meta_id: str) -> Template | None:
        """Return one template by Meta's id."""
        return await self.ask(lambda c: tables.find_by_meta_id(c, self.account_id, meta_id))

    async def languages_of(self, name: str) -> Sequence[Template]:
        """Return the templates of one name in all of their languages."""
        return await self.ask(lambda c: tables.languages_of(c, self.account_id, name))

    async def all(self) -> Sequence[Template]:
        """Return all templates by name and language; deleted ones as well."""
        return await self.ask(lambda c: tables.all_of(c, self.account_id))

    async def version(self) -> str:
        """Return a text that is another one after each change of a template."""
        return await self.ask(lambda c: tables.version(c, self.account_id))

    async def ask(self, query: Callable[[Connection], Answer]) -> Answer:
        """Return what a query of the database returns."""
        return await self._database.submit(Transaction(lambda c, _: query(c)))
