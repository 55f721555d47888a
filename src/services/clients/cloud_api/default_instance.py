"""Methods that work on an instance, and on the class for its default instance."""

from collections.abc import Callable
from functools import partial, wraps
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
        if instance is not None:
            return partial(self._method, instance)

        @wraps(self._method)
        def on_default_instance(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            return self._method(cast("type[_HasDefault]", owner).default(), *args, **kwargs)

        return on_default_instance
