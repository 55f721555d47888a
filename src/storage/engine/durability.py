"""What a commit survives: a crash of PostgreSQL, the loss of its machine, or neither.

See postgresql.org/docs/current/warm-standby.html and /runtime-config-wal.html.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

#: Values of `synchronous_commit` with which a commit waits until a synchronous standby has it.
_WAITS_FOR_STANDBY = ("on", "remote_apply", "remote_write")

_SETTINGS = text(
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), "
    "current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), "
    "count(*) FROM pg_stat_replication"
)


@dataclass(frozen=True, slots=True)
class Durability:
    """Settings of a PostgreSQL server, and its connected standbys."""

    fsync: str
    full_page_writes: str
    synchronous_commit: str
    #: Standbys that a commit waits for; empty: none.
    synchronous_standby_names: str
    #: Number of standbys that are connected, of either kind.
    standbys: int

    @property
    def survives_crash(self) -> bool:
        """Return whether what is committed outlives a crash of the server or of its machine."""
        return self._survives_power_cut and self.synchronous_commit != "off"

    @property
    def survives_failover(self) -> bool:
        """Return whether a standby has what is committed, so that its promotion loses nothing."""
        waits = self.synchronous_commit in _WAITS_FOR_STANDBY
        return self.survives_crash and waits and bool(self.synchronous_standby_names)

    @property
    def _survives_power_cut(self) -> bool:
        return self.fsync == "on" and self.full_page_writes == "on"

    def __str__(self) -> str:
        if not self._survives_power_cut:
            return "a power cut may damage the database: fsync or full_page_writes is off"
        if not self.survives_crash:
            return (
                "a crash of the server loses what was acknowledged last: synchronous_commit is off"
            )
        if self.survives_failover:
            return "synchronous: a standby has everything that was acknowledged"
        if self.standbys:
            return "asynchronous: a failover loses what the standby has not received"
        return "one server: its loss loses everything since the last backup"


def read_durability(connection: Connection) -> Durability:
    """Read the settings that this connection has."""
    return Durability(*connection.execute(_SETTINGS).one())


def describe_durability(connection: Connection) -> str:
    """Return in words what a commit survives, whatever the database."""
    if connection.dialect.name == "sqlite":
        return "one file: its loss loses everything since the last backup"
    return str(read_durability(connection))
