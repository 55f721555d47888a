"""What Meta says of the account: token, number, subscription, templates, time."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec

from app.doctor.finding import Finding, fail, ok, skip, warn
from services.clients.cloud_api.account_queries import AccountQueries, NumberFacts, TokenFacts
from services.clients.cloud_api.errors import Rejected, Throttled, Unavailable, WhatsAppError

Given = ParamSpec("Given")
Clock = Callable[[], datetime]

SENDS, MANAGES = "whatsapp_business_messaging", "whatsapp_business_management"
SOON = timedelta(days=7)
LARGEST_SKEW = timedelta(seconds=5)
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
MEND_WAY = "Check the network (`curl -I https://graph.facebook.com`), then metastatus.com."
MANAGER = "business.facebook.com > WhatsApp Manager"
REGISTER = f"{API_SETUP}, or POST /{{phone number id}}/register, registers the number."


def told(
    look: Callable[Given, Awaitable[Finding]],
) -> Callable[Given, Awaitable[Finding]]:
    """Meta's refusals and silences are findings too."""

    @wraps(look)
    async def survive(*given: Given.args, **more: Given.kwargs) -> Finding:
        try:
            return await look(*given, **more)
        except WhatsAppError as error:
            return judge_error(error)

    return survive


@told
async def access_token(meta: AccountQueries, *, now: datetime) -> Finding:
    return judge_token(await meta.token(), now)


@told
async def app_secret(meta: AccountQueries, *, secret: str | None) -> Finding:
    if secret is None:
        return skip("not known here")
    app_id = (await meta.token()).app_id
    if not app_id:
        return skip("Meta does not tell which app the token is of")
    if await meta.knows_secret(app_id, secret):
        return ok("that of the token's app")
    return fail("not that of the token's app: every webhook would be refused", APP_SECRET)


@told
async def phone_number(meta: AccountQueries) -> Finding:
    try:
        return judge_number(await meta.number())
    except Rejected as error:
        if error.code != 100:
            raise
        return fail("WP_PHONE_ID is no phone number of this token", PHONE_ID)


@told
async def subscription(meta: AccountQueries, *, account_id: str | None) -> Finding:
    """Whether our app is told what happens in the account."""
    if account_id is None:
        return skip("set WP_BID to look whether webhooks come", ACCOUNT_ID)
    try:
        subscribed = await meta.subscribed_apps(account_id)
    except Rejected as error:
        if error.code != 100:
            raise
        return fail("WP_BID is no business account of this token", ACCOUNT_ID)
    app_id = (await meta.token()).app_id
    if subscribed and (not app_id or app_id in subscribed):
        return ok("the app gets the account's webhooks")
    url = meta.subscribed_apps_url(account_id)
    return fail(
        "only other apps get the account's webhooks" if subscribed else "nobody gets its webhooks",
        f'curl -X POST -H "Authorization: Bearer $WP_ACCESS_TOKEN" {url}',
    )


@told
async def templates(meta: AccountQueries, *, account_id: str | None) -> Finding:
    if account_id is None:
        return skip("set WP_BID to see them", ACCOUNT_ID)
    found = await meta.templates(account_id)
    approved = sum(one.get("status") == "APPROVED" for one in found)
    if approved:
        return ok(f"{approved} approved, of {len(found)}")
    return warn(
        f"none of {len(found)} is approved: only who wrote within 24 hours can be reached",
        f"{MANAGER} > Message templates > Create template.",
    )


async def clock(meta: AccountQueries, *, now: Clock) -> Finding:
    """Whether this machine's clock is right, by Meta's."""
    before = now()
    try:
        theirs = await meta.time()
    except Unavailable:  # the token's line tells why
        theirs = None
    if theirs is None:
        return skip("Meta does not tell its time")
    ahead = before + (now() - before) / 2 - theirs
    seconds = abs(ahead.total_seconds())
    if seconds <= LARGEST_SKEW.total_seconds():
        return ok(f"{seconds:.0f} s from Meta's")
    which = "ahead of" if ahead > timedelta() else "behind"
    return warn(f"{seconds:.0f} s {which} Meta's", "sudo timedatectl set-ntp true")


def judge_token(token: TokenFacts, now: datetime) -> Finding:
    ends = (
        token.expires_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if token.expires_at else ""
    )
    if not token.is_valid or (token.expires_at and token.expires_at <= now):
        return fail(token.problem or f"not valid any more{ends and f', since {ends}'}", NEW_TOKEN)
    if SENDS not in token.scopes:
        return fail(f"it lacks the permission {SENDS}", NEW_TOKEN)
    if token.expires_at and token.expires_at - now < SOON:
        return warn(f"valid only until {ends}", NEW_TOKEN)
    if token.kind == "USER":
        return warn("that of a person: it ends with their session or their job", NEW_TOKEN)
    if MANAGES not in token.scopes:
        return warn(f"without the permission {MANAGES}, templates cannot be read", NEW_TOKEN)
    return ok(f"valid until {ends}" if ends else "valid, does not expire")


def judge_number(number: NumberFacts) -> Finding:
    shown = f"{tail(number.display_phone_number)} ({number.verified_name or 'no name yet'})"
    if number.status not in ("", "CONNECTED"):
        return warn(f"{shown} is {number.status}", f"{MANAGER} > Phone numbers. {REGISTER}")
    if number.platform_type not in ("", "CLOUD_API"):
        return warn(f"{shown} is not at the Cloud API ({number.platform_type})", REGISTER)
    if number.quality_rating in ("YELLOW", "RED"):
        said = f"people block or report {shown}: its quality is {number.quality_rating}"
        return warn(
            said, f"{MANAGER} > Insights shows since when; send less that nobody asked for."
        )
    return ok(f"{shown}, quality {number.quality_rating or 'unknown'}")


def judge_error(error: WhatsAppError) -> Finding:
    if isinstance(error, Throttled):
        return warn("Meta takes no more questions now", "Try again in a few minutes.")
    if isinstance(error, Unavailable):
        return fail(f"no answer that helps: {error}", MEND_WAY)
    if error.code in TOKEN_CODES:
        return fail(str(error), NEW_TOKEN)
    if error.code in PERMISSION_CODES:
        return warn(f"this token may not look at it: {error}", NEW_TOKEN)
    docs = "developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes"
    return fail(str(error), f"{docs} tells what the error means.")


def tail(phone: str) -> str:
    """A number that its owner recognises, and nobody else can call."""
    digits = [one for one in phone if one.isdigit()]
    return f"...{''.join(digits[-4:])}" if len(digits) > 4 else "..."
