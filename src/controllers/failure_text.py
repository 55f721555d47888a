"""What a failed request is called in the log, which may quote nobody."""

from sqlalchemy.exc import SQLAlchemyError

from storage.engine.problems import problem_of


def failure_text(error: Exception) -> str:
    """Return what an error of the database means, or another one's name: both quote nobody."""
    is_of_database = isinstance(error, SQLAlchemyError | OSError)
    return problem_of(error).what if is_of_database else type(error).__name__
