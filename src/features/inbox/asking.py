"""What the routes of the inbox find in a request."""

from typing import Annotated

from fastapi import Depends, Query, Request

from features.inbox.inbox import Inbox
from features.inbox.operators import Operator
from features.inbox.page_routes import access_of
from utils.storable_text import StorableText

#: A name or an id.
Given = Annotated[StorableText, Query(min_length=1, max_length=300)]


async def operator_of(request: Request) -> Operator:
    """Return who asks. Raise AccessRefused."""
    return await access_of(request).operator(request)


def inbox_of(request: Request) -> Inbox:
    """Return the inbox."""
    inbox: Inbox = request.state.inbox
    return inbox


async def _key(request: Request, key: Given) -> str:
    return await inbox_of(request).masks.plain(key)


#: The key of a person, where the operator may have got another one.
Key = Annotated[str, Depends(_key)]
