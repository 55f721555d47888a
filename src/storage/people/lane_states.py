"""States of the lanes of people who were merged."""

from sqlalchemy import Text, Update, bindparam, null, select, update

from domain.lane_names import lane_name
from jobs.tables import lane
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
from storage.tables.users import user


@CompiledStatement
def _forget_merged(dialect: str) -> Update:
    """`row_key` is the person's key, `start` the part of a lane's name before a key."""
    merged = select(bindparam("start", type_=Text) + user.c.key)
    names = merged.where(user.c.merged_into == bindparam("row_key"))
    return update(lane).where(lane.c.name.in_(names)).values(state=null())


def forget_merged(pool: str, phone_number_id: str, user_key: str) -> Write:
    """Empty the states of the lanes that a person had under keys of before a merge."""
    start = lane_name(pool, phone_number_id, "")
    return Write(_forget_merged, [{"row_key": user_key, "start": start}])
