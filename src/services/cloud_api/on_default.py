"""Methods that work on an instance, and on the class for its default instance."""

from collections.abc import Callable
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

Owner = TypeVar("Owner")
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class _HasDefault(Protocol):
    @classmethod
    def default(cls) -> Any: ...


class on_default(Generic[Owner, Arguments, Answer]):
    """`Service.send(...)` is `Service.default().send(...)`."""

    def __init__(self, method: Callable[Concatenate[Owner, Arguments], Answer]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, instance: Owner | None, owner: type[Owner]) -> Callable[Arguments, Answer]:
        bound = cast("type[_HasDefault]", owner).default() if instance is None else instance
        return partial(self._method, bound)
