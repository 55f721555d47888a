"""Questions that the bot could not answer, as a page, and the answers that operators write."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from features.inbox.api_route import InboxRoute
from features.inbox.asking import Given, inbox_of, operator_of
from features.inbox.page_routes import PAGE_HEADERS, access_of, to_sign_in
from features.inbox.questions_page import page
from features.inbox.schema import FaqAnswer, QuestionIds
from services.open_questions import WrittenAnswer

router = APIRouter(route_class=InboxRoute)


@router.get("/questions")
async def questions(request: Request) -> Response:
    """Return the page, or lead to the sign-in page."""
    operator = await access_of(request).find(request)
    if operator is None:
        return to_sign_in(request)
    inbox = inbox_of(request)
    groups, answers = await inbox.questions.groups(operator), await inbox.questions.answers()
    shown = page(groups, answers, zone=inbox.zone, is_supervisor=operator.is_supervisor)
    return HTMLResponse(shown, headers=PAGE_HEADERS)


@router.post("/api/questions", status_code=204)
async def answer(request: Request, body: FaqAnswer) -> None:
    """Keep an answer that the bot gives from now on."""
    operator = await operator_of(request)
    written = WrittenAnswer(
        body.question.strip(), body.answer.strip(), body.language, tuple(body.also), operator.name
    )
    await inbox_of(request).questions.answer(operator, body.ids, written)


@router.post("/api/questions/aside", status_code=204)
async def put_aside(request: Request, body: QuestionIds) -> None:
    """Show questions no more."""
    await inbox_of(request).questions.put_aside(await operator_of(request), body.ids)


@router.delete("/api/questions", status_code=204)
async def remove(request: Request, question: Given) -> None:
    """Forget an answer that was written here."""
    await inbox_of(request).questions.remove(await operator_of(request), question)
