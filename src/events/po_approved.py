"""A purchase order was approved: the supplier is told."""

from decimal import Decimal

from pydantic import AliasChoices, Field

from features.events.rules import EventData, EventRule, money


class PoApproved(EventData):
    supplier_phone: str = Field(validation_alias=AliasChoices("supplier_phone", "phone"))
    supplier_name: str
    po_number: str = Field(validation_alias=AliasChoices("po_number", "po_id"))
    total_amount: Decimal = Field(validation_alias=AliasChoices("total_amount", "total"))
    currency: str = "EUR"


po_approved = EventRule(
    types=("po.approved", "purchase_order.approved"),
    data=PoApproved,
    to="supplier_phone",
    template_key="po_notification",
    parameters=("supplier_name", "po_number", money("total_amount", "currency")),
    entity="po_number",
    once_per=("po_number",),
)
