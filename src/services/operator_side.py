"""What a feature can add for operators: the part of `Feature` that they see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from domain.user import User
from flow_engine import SavedData
from services.agent import DraftRequest
from services.operator_tables import OperatorTable, TableSchema
from storage.engine.write import Write


class OperatorSide:
    """Serves operators. Subclasses override what they add; the defaults add nothing."""

    #: Tables that operators see wherever this feature is there; `operator_tables` may add more.
    schemas: ClassVar[tuple[TableSchema, ...]] = ()

    @classmethod
    def schemas_for(cls, saved: SavedData) -> Sequence[TableSchema]:
        """Return the tables that operators see, given what the flows save."""
        return cls.schemas

    def operator_tables(self) -> Iterable[OperatorTable]:
        """Return tables that operators see and edit, wherever operators work."""
        return ()

    @property
    def writes_drafts(self) -> bool:
        """Whether `draft` can write answers for operators."""
        return False

    async def draft(self, asked: DraftRequest) -> str | None:
        """Return an answer for an operator to read, change and send; None if it cannot now."""
        return None

    def erasing(self, person: User, at: datetime) -> Sequence[Write]:
        """Return what has this feature erase a person, here and where it keeps copies.

        Nothing if it has no copies elsewhere: others then erase what is here.
        """
        return ()

    @property
    def reaches_operators(self) -> bool:
        """Whether operators see conversations through this feature, and can answer: now."""
        return False

    @property
    def shows_tables(self) -> bool:
        """Whether operators see and edit the tables of features through this feature."""
        return False

    @property
    def sets_record_status(self) -> bool:
        """Whether operators give records a status through this feature: see `Flow.on_status`."""
        return False
