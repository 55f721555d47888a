"""What is asked of and told to the business number, apart from messages and files."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from emulator.cloud_api.http.graph_request import Endpoint, GraphRequest, Guard, object_routes
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.account import Account

#: Longest texts of a business profile, in characters.
MAX_PROFILE_CHARS = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64}
MAX_WEBSITES = 2
#: Limits of the prompts and commands that a chat offers by itself.
MAX_PROMPTS = 4
MAX_PROMPT_CHARS = 80
MAX_COMMANDS = 30
SUCCESS = {"success": True}


def number_routes(account: Account, guarded: Guard) -> list[Route]:
    """Under the id of the phone number."""
    api = _NumberApi(account)
    endpoints: dict[str, dict[str, Endpoint]] = {
        "whatsapp_business_profile": {"GET": api.profile, "POST": api.change_profile},
        "register": {"POST": api.register},
        "deregister": {"POST": api.deregister},
        "request_code": {"POST": api.request_code},
        "verify_code": {"POST": api.verify_code},
        "settings": {"GET": api.settings, "POST": api.change_settings},
        "username": {"GET": api.username, "POST": api.take_username, "DELETE": api.drop_username},
        "conversational_automation": {"GET": api.automation, "POST": api.change_automation},
        "message_qrdls": {"GET": api.links, "POST": api.create_link},
        "contact_book": {"DELETE": api.forget_contact},
        "block_users": {"GET": api.blocked, "POST": api.block, "DELETE": api.unblock},
        "calls": {"POST": api.call},
        "call_permissions": {"GET": api.call_permission},
        "marketing_messages": {"POST": api.send_marketing},
    }
    return object_routes(account.config.phone_number_id, endpoints, guarded)


class _NumberApi:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._number = account.number
        self._links: list[dict[str, str]] = []

    async def profile(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": [self._number.profile]}

    async def change_profile(self, asked: GraphRequest) -> Mapping[str, Any]:
        for name, most in MAX_PROFILE_CHARS.items():
            if len(str(asked.fields.get(name, ""))) > most:
                raise GraphError(100, f"{name} is too long. Max length is {most}")
        if len(asked.fields.get("websites", [])) > MAX_WEBSITES:
            raise GraphError(100, f"A profile has at most {MAX_WEBSITES} websites.")
        known = {*MAX_PROFILE_CHARS, "websites"} & asked.fields.keys()
        self._number.profile |= {name: asked.fields[name] for name in known}
        return SUCCESS

    async def register(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._number.register(asked.fields.get("pin"))
        return SUCCESS

    async def deregister(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._number.is_registered = False
        return SUCCESS

    async def request_code(self, asked: GraphRequest) -> Mapping[str, Any]:
        if asked.fields.get("code_method") not in ("SMS", "VOICE"):
            raise GraphError(100, "code_method is SMS or VOICE.")
        return SUCCESS

    async def verify_code(self, asked: GraphRequest) -> Mapping[str, Any]:
        """No code was really sent: any of six digits is right."""
        code = str(asked.fields.get("code", ""))
        if not (code.isdecimal() and len(code) == 6):
            raise GraphError(100, "code has 6 digits.")
        return SUCCESS

    async def settings(self, asked: GraphRequest) -> Mapping[str, Any]:
        return self._number.settings

    async def change_settings(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._number.change_settings(asked.fields)
        return SUCCESS

    async def username(self, asked: GraphRequest) -> Mapping[str, Any]:
        username = self._number.username
        return {"username": username, "status": "approved"} if username else {}

    async def take_username(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._number.take_username(asked.fields.get("username"))
        return {"status": "approved"}

    async def drop_username(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._number.username = None
        return SUCCESS

    async def automation(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"conversational_automation": self._number.automation}

    async def change_automation(self, asked: GraphRequest) -> Mapping[str, Any]:
        prompts, commands = asked.fields.get("prompts", []), asked.fields.get("commands", [])
        if len(prompts) > MAX_PROMPTS or any(len(str(one)) > MAX_PROMPT_CHARS for one in prompts):
            raise GraphError(
                100, f"At most {MAX_PROMPTS} prompts of {MAX_PROMPT_CHARS} characters."
            )
        if len(commands) > MAX_COMMANDS:
            raise GraphError(100, f"At most {MAX_COMMANDS} commands.")
        self._number.automation = {"prompts": prompts, "commands": commands}
        return SUCCESS

    async def links(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": self._links}

    async def create_link(self, asked: GraphRequest) -> Mapping[str, Any]:
        """A link that opens a chat with words filled in."""
        words = asked.fields.get("prefilled_message")
        if not isinstance(words, str) or not words:
            raise GraphError(131008, "prefilled_message is required.")
        code = secrets.token_hex(7).upper()
        link = {
            "code": code,
            "prefilled_message": words,
            "deep_link_url": f"https://wa.me/message/{code}",
        }
        self._links.append(link)
        return link

    async def forget_contact(self, asked: GraphRequest) -> Mapping[str, Any]:
        person = self._account.people.known(None, asked.http.query_params.get("bsuid"))
        return {"messaging_product": "whatsapp", "success": True, "deleted": person is not None}

    async def blocked(self, asked: GraphRequest) -> Mapping[str, Any]:
        people = [one for one in self._account.people.recent(1000) if one.is_blocked]
        return {"data": [{"messaging_product": "whatsapp", "wa_id": one.wa_id} for one in people]}

    async def block(self, asked: GraphRequest) -> Mapping[str, Any]:
        return self._set_blocked(asked, is_blocked=True, key="added_users")

    async def unblock(self, asked: GraphRequest) -> Mapping[str, Any]:
        return self._set_blocked(asked, is_blocked=False, key="removed_users")

    def _set_blocked(self, asked: GraphRequest, *, is_blocked: bool, key: str) -> Mapping[str, Any]:
        done, failed = [], []
        for each in asked.fields.get("block_users", []):
            person = self._account.people.known(each.get("user"), each.get("user_id"))
            given = {"input": each.get("user") or each.get("user_id")}
            if person is None:
                failed.append(given)
                continue
            person.is_blocked = is_blocked
            done.append({**given, "wa_id": person.wa_id})
        answer = {key: done} | ({"failed_users": failed} if failed else {})
        return {"messaging_product": "whatsapp", "block_users": answer}

    async def call(self, asked: GraphRequest) -> Mapping[str, Any]:
        if asked.fields.get("action") == "connect":
            person = self._account.person_of(asked.fields)
            return self._account.calls.connect(person, asked.fields)
        return self._account.calls.act(asked.fields.get("action"), asked.fields)

    async def call_permission(self, asked: GraphRequest) -> Mapping[str, Any]:
        query = asked.http.query_params
        whom = {"to": query.get("user_wa_id"), "recipient": query.get("recipient")}
        return self._account.calls.permission(self._account.person_of(whom))

    async def send_marketing(self, asked: GraphRequest) -> Mapping[str, Any]:
        if asked.fields.get("type") != "template":
            raise GraphError(131055, "This endpoint takes templates only.")
        return self._account.send(asked.fields)
