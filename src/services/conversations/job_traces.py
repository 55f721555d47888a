"""What jobs and lanes keep of a person, and how it is forgotten."""

from sqlalchemy import (
    Delete,
    Text,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from jobs.tables import is_dead, job, lane
from services.conversations.job_specs import CONVERSATIONS
from services.conversations.turn import ConversationTurn
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
from storage.tables import users


def without_dead_letters(turn: ConversationTurn) -> Write:
    """Failed jobs quote the person; those that ended well keep nothing but their keys."""
    return Write(_forget_dead, [{"row_key": turn.user.key}], is_private=True)


def without_states(turn: ConversationTurn) -> Write:
    """Lanes keep nothing of the person but the state of this turn."""
    start = CONVERSATIONS.lane(turn.phone_number_id, "")
    return Write(_forget_states, [{"row_key": turn.user.key, "start": start}])


@CompiledStatement
def _forget_dead(dialect: str) -> Delete:
    """Delete the dead letters of a person, under each of their keys and numbers of ours."""
    of = users.user.c
    # Lanes are named `pool:number:key`.
    end = func.substr(job.c.lane, func.length(job.c.lane) - func.length(of.key))
    row_key = bindparam("row_key", type_=Text)
    is_theirs = exists().where(
        or_(of.key == row_key, of.merged_into == row_key), end == literal(":") + of.key
    )
    return delete(job).where(is_dead, is_theirs)


@CompiledStatement
def _forget_states(dialect: str) -> Update:
    """Empty what the lanes of a person keep: the states of those from before a merge.

    The state of their own lane is that of this turn, but not what could not be read of an earlier
    one. `row_key` is the person's key, `start` the part of a lane's name before a key.
    """
    start, key = bindparam("start", type_=Text), bindparam("row_key", type_=Text)
    merged = select(start + users.user.c.key).where(users.user.c.merged_into == key)
    is_own = lane.c.name == start + key
    state = case((is_own, lane.c.state), else_=null())
    return (
        update(lane)
        .where(or_(lane.c.name.in_(merged), is_own))
        .values(state=state, unreadable=null())
    )
