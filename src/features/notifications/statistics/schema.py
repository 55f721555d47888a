"""Statistics, as OpenAPI shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from features.notifications.stage import Status


class Rate(BaseModel):
    """A part of a number of messages. `of` says which ones `whole` counts."""

    rate: float | None = Field(description="None if `whole` is 0.")
    part: int
    whole: int
    of: str


class StatisticsGroup(BaseModel):
    """Numbers of one group."""

    group: dict[str, str] = Field(description="What it was grouped by; empty without grouping.")
    total: int = Field(description="Messages that were accepted from a caller or an operator.")
    by_status: dict[Status, int]
    held: int = Field(description="Meta has them, and waits; they count as accepted.")
    pending_over_an_hour: int
    failed_by_code: dict[str, int] = Field(
        description="By Meta's error code; `none` for those that the bot did not send."
    )
    delivery: Rate = Field(description="Delivered or read.")
    read: Rate = Field(description="Read: a lower bound, since people can turn receipts off.")
    failure: Rate = Field(description="Failed.")
    median_seconds_to_delivered: float | None = Field(description="From Meta's answer on.")
    median_seconds_to_read: float | None
    billable_by_category: dict[str, int] = Field(description="Messages that Meta charges for.")


class StatisticsResult(BaseModel):
    """Messages that were accepted in a time, by what became of them."""

    since: datetime
    until: datetime
    groups: list[StatisticsGroup]
