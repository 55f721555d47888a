"""Blocking people, by phone number or user id.

Source: developers.facebook.com/docs/whatsapp/cloud-api/block-users
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from emulator.cloud_api.http.graph_request import Endpoint, GraphRequest
from emulator.cloud_api.http.paging import one_page
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.shapes import NUMBER, check_shape
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import Person
from emulator.json import JsonObject

#: Most people in one request, and in one page.
MAX_PEOPLE = 1000
TOO_LATE = "Only people who wrote to the business in the last 24 hours can be blocked."


def block_edges(account: Account) -> dict[str, Endpoint]:
    """By method."""
    api = _BlockApi(account)
    return {"GET": api.listed, "POST": api.block, "DELETE": api.unblock}


class _BlockApi:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def listed(self, asked: GraphRequest) -> Mapping[str, Any]:
        people = [one for one in self._account.people.recent(MAX_PEOPLE) if one.is_blocked]
        return one_page(asked, [{"messaging_product": "whatsapp", **_id_of(one)} for one in people])

    async def block(self, asked: GraphRequest) -> Mapping[str, Any] | Response:
        return self._set_blocked(asked, is_blocked=True, key="added_users")

    async def unblock(self, asked: GraphRequest) -> Mapping[str, Any] | Response:
        return self._set_blocked(asked, is_blocked=False, key="removed_users")

    def _set_blocked(
        self, asked: GraphRequest, *, is_blocked: bool, key: str
    ) -> Mapping[str, Any] | Response:
        people = self._people_in(asked)
        done, failed = [], []
        for each in people:
            given = {"input": each.get("user") or each.get("user_id")}
            person = self._account.people.known(each.get("user"), each.get("user_id"))
            if person is None or (is_blocked and not self._wrote_lately(person)):
                known = _named_as(each, person) if person else {}
                failed.append({**given, **known, "errors": [_error(131047, TOO_LATE)]})
                continue
            person.is_blocked = is_blocked
            done.append({**given, **_named_as(each, person)})
        if not failed:
            return {"messaging_product": "whatsapp", "block_users": {key: done}}
        told = GraphError(139100, "Failed for some users: see block_users for details.")
        result = {key: done, "failed_users": failed}
        body = {"messaging_product": "whatsapp", "block_users": result, **told.envelope()}
        return JSONResponse(body, told.status)

    def _people_in(self, asked: GraphRequest) -> list[JsonObject]:
        check_shape(asked.fields, NUMBER)
        people = asked.fields.get("block_users")
        if asked.fields.get("messaging_product") != "whatsapp":
            required = "The parameter messaging_product is required."
            raise GraphError(100, "messaging_product must be whatsapp.", required)
        if not people or not all(one.get("user") or one.get("user_id") for one in people):
            text = "The parameter block_users is required."
            raise GraphError(100, "block_users names people by user, or by user_id.", text)
        if len(people) > MAX_PEOPLE:
            raise GraphError(100, f"block_users has at most {MAX_PEOPLE} people.")
        return list(people)

    def _wrote_lately(self, person: Person) -> bool:
        window, wrote_at = self._account.config.window_seconds, person.wrote_at
        return not window or (wrote_at is not None and self._account.clock() - wrote_at <= window)


def _id_of(person: Person) -> JsonObject:
    return {"user_id": person.user_id} if person.hides_phone else {"wa_id": person.wa_id}


def _named_as(given: JsonObject, person: Person) -> JsonObject:
    """Name a person as the request did: the number of those who hide it is not told."""
    return {"wa_id": person.wa_id} if given.get("user") else {"user_id": person.user_id}


def _error(code: int, details: str) -> JsonObject:
    error = GraphError(code, details)
    return {"message": error.message, "code": code, "error_data": {"details": details}}
