"""Checks of the account at Meta: token, number, subscription, templates, time."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from app.doctor.account_queries import AccountQueries, NumberFacts
from domain.checks import Finding, fail, ok, skip, warn
from schemas.cloud_api_schema import TemplateMessage
from services.clients.cloud_api.errors import Rejected, Throttled, Unavailable, WhatsAppError
from services.clients.cloud_api.token_facts import TokenFacts, describe_token

Parameters = ParamSpec("Parameters")
Clock = Callable[[], datetime]

SENDS, MANAGES = "whatsapp_business_messaging", "whatsapp_business_management"
SOON = timedelta(days=7)
MAX_CLOCK_SKEW = timedelta(seconds=5)
TOKEN_CODES = (0, 190)
PERMISSION_CODES = (3, 10, *range(200, 300))

NEW_TOKEN = (
    "business.facebook.com > Settings > Users > System users > Generate token, with "
    f"{SENDS} and {MANAGES}; put it into .env as WP_ACCESS_TOKEN."
)
API_SETUP = "developers.facebook.com > your app > WhatsApp > API Setup"
PHONE_ID = f"{API_SETUP} shows the Phone number ID: put it into .env as WP_PHONE_ID."
ACCOUNT_ID = f"{API_SETUP} shows the WhatsApp Business Account ID: put it into .env as WP_BID."
APP_SECRET = (
    "developers.facebook.com > your app > App settings > Basic shows the app secret: "
    "put it into .env as WHATSAPP_APP_SECRET."
)
CHECK_NETWORK = "Check the network (`curl -I https://graph.facebook.com`), then metastatus.com."
MANAGER = "business.facebook.com > WhatsApp Manager"
REGISTER = f"{API_SETUP}, or POST /{{phone number id}}/register, registers the number."


def as_finding(
    check: Callable[Parameters, Awaitable[Finding]],
) -> Callable[Parameters, Awaitable[Finding]]:
    """Turn the WhatsAppError of a check into its finding."""

    @wraps(check)
    async def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Finding:
        try:
            return await check(*args, **kwargs)
        except WhatsAppError as error:
            return judge_error(error)

    return checked


@as_finding
async def access_token(meta: AccountQueries, *, now: datetime) -> Finding:
    """Check that the access token is valid and may send."""
    return judge_token(await describe_token(meta), now)


@as_finding
async def app_secret(meta: AccountQueries, *, secret: str | None) -> Finding:
    """Check that the app secret is that of the token's app."""
    if secret is None:
        return skip("not known here")
    app_id = (await describe_token(meta)).app_id
    if not app_id:
        return skip("Meta does not say which app the token belongs to")
    if await meta.knows_secret(app_id, secret):
        return ok("belongs to the token's app")
    return fail("belongs to another app than the token: every webhook would be refused", APP_SECRET)


@as_finding
async def phone_number(meta: AccountQueries) -> Finding:
    """Check that the phone number is connected and of good quality."""
    try:
        return judge_number(await meta.number())
    except Rejected as error:
        if error.code != 100:
            raise
        return fail("WP_PHONE_ID is not a phone number of this token", PHONE_ID)


@as_finding
async def subscription(meta: AccountQueries, *, account_id: str | None) -> Finding:
    """Check that the app gets the webhooks of the account."""
    if account_id is None:
        return skip("WP_BID is not set, so the subscription cannot be read", ACCOUNT_ID)
    try:
        subscribed = await meta.subscribed_apps(account_id)
    except Rejected as error:
        if error.code != 100:
            raise
        return fail("WP_BID is not a business account of this token", ACCOUNT_ID)
    app_id = (await describe_token(meta)).app_id
    if subscribed and (not app_id or app_id in subscribed):
        return ok("the app gets the account's webhooks")
    url = meta.subscribed_apps_url(account_id)
    return fail(
        "only other apps get the account's webhooks"
        if subscribed
        else "no app gets the account's webhooks",
        f'curl -X POST -H "Authorization: Bearer $WP_ACCESS_TOKEN" {url}',
    )


@as_finding
async def templates(meta: AccountQueries, *, account_id: str | None) -> Finding:
    """Check that at least one template is approved."""
    if account_id is None:
        return skip("WP_BID is not set, so the templates cannot be read", ACCOUNT_ID)
    listed = await meta.templates(account_id)
    approved = sum(template.get("status") == "APPROVED" for template in listed)
    if approved:
        return ok(f"{approved} of {len(listed)} approved")
    return warn(
        f"none of {len(listed)} is approved: the bot can write only to people who wrote within the "
        "last 24 hours",
        f"{MANAGER} > Message templates > Create template.",
    )


@as_finding
async def window_template(
    meta: AccountQueries, *, account_id: str | None, template: TemplateMessage
) -> Finding:
    """Check that the template for people outside the window can be sent."""
    if account_id is None:
        return skip("WP_BID is not set, so the template cannot be read", ACCOUNT_ID)
    return judge_window_template(template, await meta.templates(account_id))


def judge_window_template(
    template: TemplateMessage, listed: Sequence[Mapping[str, Any]]
) -> Finding:
    """Say whether the template for people outside the window can be sent."""
    shown = f"{template.name} ({template.language})"
    found = [one for one in listed if one.get("name") == template.name]
    by_language = [one for one in found if one.get("language") == template.language]
    if not by_language:
        others = ", ".join(str(one.get("language")) for one in found)
        there = f"it is there in {others}" if others else "the account has no template of this name"
        fix = "Correct OUTSIDE_WINDOW_TEMPLATE (name:language), or create the template."
        return fail(f"{shown} does not exist: {there}", f"{fix} {MANAGER} > Message templates.")
    [one, *_] = by_language
    if one.get("status") != "APPROVED":
        fix = f"{MANAGER} > Message templates says why."
        return fail(f"{shown} is {one.get('status')}, so it cannot be sent", fix)
    if "{{" in json.dumps(one.get("components") or [], ensure_ascii=False):
        fix = "Choose a template without variables as OUTSIDE_WINDOW_TEMPLATE."
        return fail(f"{shown} has variables, which nothing fills in", fix)
    return ok(f"{shown} can be sent")


async def clock(meta: AccountQueries, *, now: Clock) -> Finding:
    """Compare this machine's clock with Meta's."""
    before = now()
    try:
        theirs = await meta.time()
    except Unavailable:  # the line of the token says why
        theirs = None
    if theirs is None:
        return skip("Meta does not send its time")
    ahead = before + (now() - before) / 2 - theirs
    seconds = abs(ahead.total_seconds())
    if seconds <= MAX_CLOCK_SKEW.total_seconds():
        return ok(f"{seconds:.0f} s from Meta's")
    which = "ahead of" if ahead > timedelta() else "behind"
    return warn(f"{seconds:.0f} s {which} Meta's", "sudo timedatectl set-ntp true")


def judge_token(token: TokenFacts, now: datetime) -> Finding:
    """Say whether a token can be used, and for how long."""
    ends = (
        token.expires_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if token.expires_at else ""
    )
    if not token.is_valid or (token.expires_at and token.expires_at <= now):
        return fail(token.problem or f"no longer valid{ends and f', since {ends}'}", NEW_TOKEN)
    if SENDS not in token.scopes:
        return fail(f"it lacks the permission {SENDS}", NEW_TOKEN)
    if token.expires_at and token.expires_at - now < SOON:
        return warn(f"valid only until {ends}", NEW_TOKEN)
    if token.kind == "USER":
        return warn("it belongs to a person, and ends when they log out or leave", NEW_TOKEN)
    if MANAGES not in token.scopes:
        return warn(f"it lacks the permission {MANAGES}: templates cannot be read", NEW_TOKEN)
    return ok(f"valid until {ends}" if ends else "valid, does not expire")


def judge_number(number: NumberFacts) -> Finding:
    """Say whether a phone number can be used."""
    shown = f"{tail(number.display_phone_number)} ({number.verified_name or 'no name yet'})"
    if number.status not in ("", "CONNECTED"):
        return warn(f"{shown} is {number.status}", f"{MANAGER} > Phone numbers. {REGISTER}")
    if number.platform_type not in ("", "CLOUD_API"):
        return warn(
            f"{shown} is not registered at the Cloud API ({number.platform_type})", REGISTER
        )
    if number.quality_rating in ("YELLOW", "RED"):
        said = f"people block or report {shown}: its quality is {number.quality_rating}"
        return warn(said, f"{MANAGER} > Insights shows since when; send fewer unwanted messages.")
    return ok(f"{shown}, quality {number.quality_rating or 'unknown'}")


def judge_error(error: WhatsAppError) -> Finding:
    """Say what an error of Meta means for this installation."""
    if isinstance(error, Throttled):
        return warn("Meta takes no more requests now", "Try again in a few minutes.")
    if isinstance(error, Unavailable):
        return fail(f"no usable answer: {error}", CHECK_NETWORK)
    if error.code in TOKEN_CODES:
        return fail(str(error), NEW_TOKEN)
    if error.code in PERMISSION_CODES:
        return warn(f"this token may not read it: {error}", NEW_TOKEN)
    docs = "developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes"
    return fail(str(error), f"{docs} explains the error.")


def tail(phone: str) -> str:
    """Return the last digits of a number: its owner recognises it, and nobody can call it."""
    digits = [char for char in phone if char.isdigit()]
    return f"...{''.join(digits[-4:])}" if len(digits) > 4 else "..."
