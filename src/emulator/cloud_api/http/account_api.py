"""Tells commands on this machine which account `watch.py` has made up for its bot."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.state.account import Account

#: The names that this machine has for itself: a page of the web that was made to lead here by a
#: name of its own learns nothing.
OURS = frozenset({"127.0.0.1", "localhost"})


def account_routes(account: Account) -> list[Route]:
    """/emulator/account. The secret that signs webhooks is not told."""

    async def describe(request: Request) -> Response:
        if request.url.hostname not in OURS:
            return Response(status_code=403)
        config = account.config
        return JSONResponse(
            {
                "access_token": config.access_token,
                "verify_token": config.verify_token,
                "phone_number_id": config.phone_number_id,
                "business_account_id": config.business_account_id,
                "callback_url": config.callback_url,
            }
        )

    return [Route("/emulator/account", describe)]
