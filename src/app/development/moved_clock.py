"""The database's clock, as far ahead as that of the emulator."""

from sqlalchemy import Connection

from storage.engine.database import database_time


class MovedClock:
    """Gives each transaction its time; moved for all of the bot at once."""

    def __init__(self) -> None:
        #: Seconds ahead of the database's clock.
        self.ahead = 0.0

    def __call__(self, connection: Connection) -> float:
        return database_time(connection) + self.ahead
