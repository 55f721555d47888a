"""`/signup/<link>`: the page on which somebody connects the number of their business."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from features.signup.links import id_of
from features.signup.page import page, page_headers
from features.signup.steps import SignupResult, SignupSteps
from features.signup.tables import StoredSignup, find_signup

Link = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{20,100}$")]
Id = Annotated[str, Field(pattern="^[0-9]{1,32}$")]

router = APIRouter(prefix="/signup", include_in_schema=False)


class Connected(BaseModel):
    """What the page of Meta has told the browser."""

    model_config = ConfigDict(hide_input_in_errors=True)

    code: str = Field(min_length=1, max_length=4000)
    account_id: Id
    number_id: Id
    is_coexistent: bool = False


@router.get("/{link}")
async def show(request: Request, link: Link) -> Response:
    """Show how far the number is, and what to do next."""
    steps, one = await _found(request, link)
    return HTMLResponse(page(one, steps), headers=page_headers(steps))


@router.post("/{link}/connect")
async def connect(request: Request, link: Link, given: Connected) -> Response:
    """Take the code, and do all steps."""
    steps, one = await _found(request, link)
    return _answer(await steps.connect(one, SignupResult(**given.model_dump())))


@router.post("/{link}/continue")
async def go_on(request: Request, link: Link) -> Response:
    """Try the step again that failed."""
    steps, one = await _found(request, link)
    return _answer(await steps.go_on(one))


async def _found(request: Request, link: str) -> tuple[SignupSteps, StoredSignup]:
    """Return the invitation of a link. Raise HTTPException."""
    steps: SignupSteps | None = request.state.signup
    if steps is None:
        raise HTTPException(404)
    now, id_ = steps.clock(), id_of(link)
    one = await steps.database.reader.run(lambda c, _: find_signup(c, id_, now))
    if one is None:
        raise HTTPException(404, "This link is not valid any more: ask for a new one.")
    return steps, one


def _answer(one: StoredSignup) -> Response:
    return JSONResponse({"step": one.step, "problem": one.problem}, 409 if one.problem else 200)
