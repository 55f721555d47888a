"""What Meta accepts in an interactive message: one table of its types.

Source: developers.facebook.com/docs/whatsapp/cloud-api/messages (the interactive types)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from emulator.cloud_api.rules.carousel import check_cards, check_file_header, check_link
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.orders import check_order, check_order_status
from emulator.cloud_api.rules.text import within
from emulator.json import JsonObject

Check = Callable[[JsonObject], None]

MAX_BUTTONS = 3
MAX_SECTIONS = 10
MAX_ROWS = 10
MAX_PRODUCTS = 30
MAX_CALL_MINUTES = 43_200
#: Words that say how a Flow is opened; the first is usual.
FLOW_WORDS = {"mode": ("published", "draft"), "flow_action": ("navigate", "data_exchange")}
ANY_HEADER = frozenset({"text", "image", "video", "document"})
NO_HEADER: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """What stands around the action of one type, and what must be in it."""

    check: Check
    headers: frozenset[str] = NO_HEADER
    needs_header: bool = False
    needs_body: bool = True
    #: name of the limit of its body, in `text.MAX_UTF16_UNITS`
    body: str = "body"
    has_footer: bool = True


def check_interactive(interactive: JsonObject) -> None:
    """Raise the GraphError that Meta would answer, if any."""
    kind = interactive.get("type")
    rule = RULES.get(str(kind))
    if rule is None:
        raise GraphError(131009, f"interactive type {kind} is not known.")
    action = interactive.get("action")
    if not isinstance(action, dict):
        raise GraphError(131008, "action is required.")
    _check_surroundings(rule, interactive)
    rule.check(action)


def _check_surroundings(rule: Rule, interactive: JsonObject) -> None:
    body = (interactive.get("body") or {}).get("text")
    if rule.needs_body or body is not None:
        within(rule.body, body, least=1)
    footer = interactive.get("footer")
    if footer and not rule.has_footer:
        raise GraphError(131009, "A footer is not allowed here.")
    if footer:
        within("footer", footer.get("text"), least=1)
    header = interactive.get("header")
    if header is None and rule.needs_header:
        raise GraphError(131008, "header is required.")
    if header is not None and header.get("type") not in rule.headers:
        raise GraphError(131009, f"A header of type {header.get('type')} is not allowed here.")
    if header is not None and header["type"] != "text":
        check_file_header(header)
    elif header is not None:
        within("header", header.get("text"), least=1)
        if "\n" in header["text"]:
            raise GraphError(131009, "A header has no new lines.")


def _check_buttons(action: JsonObject) -> None:
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        raise GraphError(
            131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"
        )
    if any(button.get("type") != "reply" for button in buttons):
        raise GraphError(131009, "type of a button must be reply.")
    replies = [button.get("reply") or {} for button in buttons]
    for reply in replies:
        within("button id", reply.get("id"), least=1)
        within("button title", reply.get("title"), least=1)
        if reply["id"] != reply["id"].strip():
            raise GraphError(131009, "A button id has no spaces around it.")
    _check_unique("Button ids", [reply["id"] for reply in replies])
    _check_unique("Button titles", [reply["title"] for reply in replies])


def _check_list(action: JsonObject) -> None:
    within("list button", action.get("button"), least=1)
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MAX_SECTIONS:
        raise GraphError(131009, "Invalid sections count. Min allowed: 1, Max allowed: 10")
    rows = [row for section in sections for row in section.get("rows") or []]
    if len(rows) > MAX_ROWS:
        raise GraphError(131009, "Total row count exceed max allowed count: 10")
    for section in sections:
        within("section title", section.get("title") or "", least=1 if len(sections) > 1 else 0)
        if not section.get("rows"):
            raise GraphError(131009, "A section has one row at least.")
    for row in rows:
        within("row id", row.get("id"), least=1)
        within("row title", row.get("title"), least=1)
        within("row description", row.get("description") or "")
    _check_unique("Row ids", [row["id"] for row in rows])


def _check_unique(what: str, values: Sequence[str]) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{what} must be unique.")


def _check_named(
    name: str, check: Callable[[JsonObject], None] = lambda _: None
) -> Callable[[JsonObject], None]:
    """An action that says its own name; `check` gets its parameters."""

    def check_action(action: JsonObject) -> None:
        if action.get("name") != name:
            raise GraphError(131009, f"action.name must be {name}.")
        check(action.get("parameters") or {})

    return check_action


def _check_flow(parameters: JsonObject) -> None:
    if str(parameters.get("flow_message_version")) != "3":
        raise GraphError(131009, "flow_message_version must be 3.")
    if bool(parameters.get("flow_id")) == bool(parameters.get("flow_name")):
        raise GraphError(131009, "A flow needs exactly one of flow_id and flow_name.")
    within("flow_cta", parameters.get("flow_cta"), least=1)
    for name, allowed in FLOW_WORDS.items():
        if parameters.get(name, allowed[0]) not in allowed:
            raise GraphError(131009, f"{name} must be one of {', '.join(allowed)}.")
    payload = parameters.get("flow_action_payload")
    if parameters.get("flow_action") == "navigate" and not (payload or {}).get("screen"):
        raise GraphError(131009, "flow_action_payload.screen is required to navigate.")
    if payload is not None and "data" in payload and not payload["data"]:
        raise GraphError(131009, "flow_action_payload.data must not be empty.")


def _check_address(parameters: JsonObject) -> None:
    if not parameters.get("country"):
        raise GraphError(131008, "country is required.")


def _check_voice_call(parameters: JsonObject) -> None:
    within("display_text", parameters.get("display_text", ""))
    within("voice payload", parameters.get("payload", ""))
    minutes = parameters.get("ttl_minutes", 1)
    if not isinstance(minutes, int) or not 1 <= minutes <= MAX_CALL_MINUTES:
        raise GraphError(131009, f"ttl_minutes is 1 to {MAX_CALL_MINUTES}.")


def _check_product(action: JsonObject) -> None:
    if not action.get("catalog_id") or not action.get("product_retailer_id"):
        raise GraphError(131008, "catalog_id and product_retailer_id are required.")


def _check_products(action: JsonObject) -> None:
    sections = action.get("sections") or []
    items = [one for section in sections for one in section.get("product_items") or []]
    if not action.get("catalog_id") or not items:
        raise GraphError(131008, "catalog_id and sections with product_items are required.")
    if len(sections) > MAX_SECTIONS or len(items) > MAX_PRODUCTS:
        raise GraphError(131009, "At most 10 sections and 30 products in all.")
    for section in sections:
        within("section title", section.get("title") or "", least=1 if len(sections) > 1 else 0)


RULES: Mapping[str, Rule] = {
    "button": Rule(_check_buttons, ANY_HEADER),
    "list": Rule(_check_list, frozenset({"text"}), body="list body"),
    "cta_url": Rule(_check_named("cta_url", check_link), ANY_HEADER),
    "flow": Rule(_check_named("flow", _check_flow), ANY_HEADER),
    "location_request_message": Rule(_check_named("send_location"), has_footer=False),
    "address_message": Rule(_check_named("address_message", _check_address), ANY_HEADER),
    "product": Rule(_check_product, needs_body=False),
    "product_list": Rule(_check_products, frozenset({"text"}), needs_header=True),
    "catalog_message": Rule(_check_named("catalog_message")),
    "carousel": Rule(check_cards, has_footer=False),
    "order_details": Rule(
        _check_named("review_and_pay", check_order), frozenset({"image", "document", "video"})
    ),
    "order_status": Rule(_check_named("review_order", check_order_status)),
    "call_permission_request": Rule(
        _check_named("call_permission_request"), needs_body=False, has_footer=False
    ),
    "voice_call": Rule(_check_named("voice_call", _check_voice_call), has_footer=False),
    # Meta's pages disagree about the name of the last one: both are taken.
    "request_contact_info": Rule(_check_named("request_contact_info"), has_footer=False),
    "contact_request": Rule(_check_named("request_contact_info"), has_footer=False),
}
