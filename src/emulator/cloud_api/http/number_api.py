"""What is asked of and told to the business number, apart from messages and files."""

from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.http.block_api import block_edges
from emulator.cloud_api.http.graph_request import Edges, GraphRequest
from emulator.cloud_api.http.paging import one_page
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.shapes import NUMBER, check_shape
from emulator.cloud_api.state.account import Account

#: Longest texts of a business profile, in characters.
MAX_PROFILE_CHARS = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64}
MAX_WEBSITES = 2
#: Limits of the prompts and commands that a chat offers by itself.
MAX_PROMPTS = 4
MAX_PROMPT_CHARS = 80
MAX_COMMANDS = 30
#: What can be changed of a number.
CHANGES = frozenset({"pin", "webhook_configuration", "new_display_name"})
SUCCESS = {"success": True}


def number_edges(account: Account) -> Edges:
    """Under the id of the phone number."""
    api = _NumberApi(account)
    return {
        "": {"POST": api.change},
        "whatsapp_business_profile": {"GET": api.profile, "POST": api.change_profile},
        "register": {"POST": api.register},
        "deregister": {"POST": api.deregister},
        "request_code": {"POST": api.request_code},
        "verify_code": {"POST": api.verify_code},
        "settings": {"GET": api.settings, "POST": api.change_settings},
        "username": {"GET": api.username, "POST": api.take_username, "DELETE": api.drop_username},
        "conversational_automation": {"GET": api.automation, "POST": api.change_automation},
        "message_qrdls": {"GET": api.links, "POST": api.save_link},
        "message_qrdls/*": {"GET": api.link, "DELETE": api.delete_link},
        "contact_book": {"DELETE": api.forget_contact},
        "block_users": block_edges(account),
        "calls": {"POST": api.call},
        "call_permissions": {"GET": api.call_permission},
        "marketing_messages": {"POST": api.send_marketing},
    }


class _NumberApi:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._number = account.number
        self._links = account.links

    async def change(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Set the PIN of the two-step verification, a callback URL, or another name."""
        check_shape(asked.fields, NUMBER)
        if not CHANGES & asked.fields.keys():
            raise GraphError(100, f"One of these is required: {', '.join(sorted(CHANGES))}.")
        if "pin" in asked.fields:
            self._number.set_pin(asked.fields["pin"])
        if webhook := asked.fields.get("webhook_configuration"):
            await self._account.callbacks.set(asked.object_id, webhook)
        return SUCCESS

    async def profile(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": [self._number.profile]}

    async def change_profile(self, asked: GraphRequest) -> Mapping[str, Any]:
        check_shape(asked.fields, NUMBER)
        for name, most in MAX_PROFILE_CHARS.items():
            if len(str(asked.fields.get(name, ""))) > most:
                raise GraphError(100, f"{name} is too long. Max length is {most}")
        if len(asked.fields.get("websites") or []) > MAX_WEBSITES:
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
        check_shape(asked.fields, NUMBER)
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
        check_shape(asked.fields, NUMBER)
        prompts, commands = (asked.fields.get(name) or [] for name in ("prompts", "commands"))
        if len(prompts) > MAX_PROMPTS or any(len(str(one)) > MAX_PROMPT_CHARS for one in prompts):
            raise GraphError(
                100, f"At most {MAX_PROMPTS} prompts of {MAX_PROMPT_CHARS} characters."
            )
        if len(commands) > MAX_COMMANDS:
            raise GraphError(100, f"At most {MAX_COMMANDS} commands.")
        self._number.automation = {"prompts": prompts, "commands": commands}
        return SUCCESS

    async def links(self, asked: GraphRequest) -> Mapping[str, Any]:
        return one_page(asked, self._links.all())

    async def link(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": [self._links.get(asked.item)]}

    async def save_link(self, asked: GraphRequest) -> Mapping[str, Any]:
        return self._links.save(asked.fields)

    async def delete_link(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._links.delete(asked.item)
        return SUCCESS

    async def forget_contact(self, asked: GraphRequest) -> Mapping[str, Any]:
        person = self._account.people.known(None, asked.fields.get("bsuid"))
        return {"messaging_product": "whatsapp", "success": True, "deleted": person is not None}

    async def call(self, asked: GraphRequest) -> Mapping[str, Any]:
        check_shape(asked.fields, NUMBER)
        if asked.fields.get("action") == "connect":
            person = self._account.person_of(asked.fields)
            return self._account.calls.connect(person, asked.fields)
        return self._account.calls.act(asked.fields.get("action"), asked.fields)

    async def call_permission(self, asked: GraphRequest) -> Mapping[str, Any]:
        whom = {"to": asked.text("user_wa_id"), "recipient": asked.text("recipient")}
        return self._account.calls.permissions.shown(self._account.person_of(whom))

    async def send_marketing(self, asked: GraphRequest) -> Mapping[str, Any]:
        if asked.fields.get("type") != "template":
            raise GraphError(131055, "This endpoint takes templates only.")
        return self._account.send(asked.fields)
