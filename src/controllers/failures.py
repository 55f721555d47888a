"""Errors in words for logs, which quote nothing that a person wrote."""

from sqlalchemy.exc import SQLAlchemyError

from storage.engine.problems import problem_of


def failure_text(error: Exception) -> str:
    """Return what an error of the database means, or the name of another error."""
    is_of_database = isinstance(error, SQLAlchemyError | OSError)
    return problem_of(error).what if is_of_database else type(error).__name__
