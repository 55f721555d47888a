"""The encoding of a PostgreSQL database decides which letters it can hold."""

import pytest
from sqlalchemy import create_engine, text
from tests.fakes.bot import make_settings

from app.composition.database import usable_engine
from storage.engine.database import DatabaseError


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_without_all_letters_stops_the_start(
    postgres_server: str, encoding: str
) -> None:
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        how = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        connection.execute(text(f"CREATE DATABASE {encoding} {how}"))
    admin.dispose()
    url = postgres_server.replace("/postgres?", f"/{encoding.lower()}?")
    refused = pytest.raises(DatabaseError, match=f"has the encoding {encoding}")
    with refused, usable_engine(make_settings(database_url=url)):
        pass
