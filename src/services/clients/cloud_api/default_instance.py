"""Methods that work on an instance, and on the class for its default instance."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

Owner = TypeVar("Owner")
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class on_default(Generic[Owner, Arguments, Answer]):
    """Let `Service.send(...)` mean `Service.default().send(...)`.

    Both are coroutine functions. The default instance is looked up when the coroutine runs, so
    that `asyncio.run(Service.send(...))` works.
    """

    def __init__(
        self, method: Callable[Concatenate[Owner, Arguments], Coroutine[Any, Any, Answer]]
    ) -> None:
        self._method = method
        self.__doc__ = method.__doc__
        _self, *others = inspect.signature(method).parameters.values()
        self._class_signature = inspect.signature(method).replace(parameters=others)

    def __get__(
        self, instance: Owner | None, owner: type[Owner]
    ) -> Callable[Arguments, Coroutine[Any, Any, Answer]]:
        if instance is not None:
            return MethodType(self._method, instance)

        @wraps(self._method)
        async def on_default_instance(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            default = await cast(Any, owner).default()
            return await self._method(default, *args, **kwargs)

        vars(on_default_instance)["__signature__"] = self._class_signature
        return on_default_instance
