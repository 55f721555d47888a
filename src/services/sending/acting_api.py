"""The Cloud API as the number that a job acts as: see `services.numbers`."""

from typing import Any

import httpx

from services.clients.cloud_api.client import CloudApi, NumberAccess
from services.clients.cloud_api.errors import Unavailable
from services.numbers import Number, Numbers


class ActingApi(CloudApi):
    """The Cloud API for all numbers of the bot; `token` is that of numbers without their own."""

    def __init__(
        self, http: httpx.AsyncClient, numbers: Numbers, *, token: str, **more: Any
    ) -> None:
        super().__init__(http, token=token, phone_number_id=numbers.first.id, **more)
        #: The numbers that the bot answers from.
        self.numbers = numbers
        self._token = token
        #: How to act as each number, and the number that it was made for.
        self._made: dict[str, tuple[Number, NumberAccess]] = {}

    @property
    def access(self) -> NumberAccess:
        """How the next request acts as a number.

        Raise Unavailable for a number that is not the bot's: another process may know it before
        this one does.
        """
        phone_number_id = self.numbers.acting_id
        if phone_number_id == self._own.phone_number_id:
            return self._own
        number = self.numbers.of(phone_number_id)
        if number is None:
            raise Unavailable(
                f"the number with the ID ending in {phone_number_id[-4:]} is not one of this bot: "
                "add it again (`python3 watch.py numbers add`), or discard what waits for it",
                ambiguous=False,
            )
        made = self._made.get(phone_number_id)
        if made is None or made[0] is not number:
            token = number.token.get_secret_value() if number.token else self._token
            made = (number, NumberAccess(self._root, phone_number_id, token))
            self._made[phone_number_id] = made
        return made[1]
