"""The emulated account, for commands and pages on this machine."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.state.account import Account

#: Names of this machine. A web page whose own name was made to lead here gets no secret.
OURS = frozenset({"127.0.0.1", "localhost"})


def is_from_this_machine(request: Request) -> bool:
    """Return whether the page was opened by a name of this machine."""
    return request.url.hostname in OURS


def account_routes(account: Account) -> list[Route]:
    """/emulator/account. The secret that signs webhooks is not told."""

    async def describe(request: Request) -> Response:
        if not is_from_this_machine(request):
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
