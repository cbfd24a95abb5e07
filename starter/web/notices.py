"""The notice centre: what the visitor's post was told, unread first, and by which way each went."""

from typing import Annotated, Any, NamedTuple

from fastapi import Form, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator

from domain import masking
from domain.access import Permission
from domain.commands import Role
from domain.outlets import Audience, NoticeKind
from domain.ticket import Ticket
from domain.wording import Both
from ledger import notice_centre, tickets
from ledger.notice_centre import Post, Shown
from starter.api.answers import At
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.telling import ways
from starter.web import pages

router = pages.router()

_OF_DEPARTMENT = {
    Role.RESPONDER: (Audience.RESPONDERS,),
    Role.MANAGER: (Audience.MANAGER, Audience.RESPONDERS),
    Role.DIRECTOR: (Audience.MANAGER, Audience.RESPONDERS),
    Role.VP: (Audience.VP,),
    Role.ARBITER: (Audience.MANAGER,),  # a dispute is told to the arbiter's own department
    Role.COORDINATOR: (Audience.MANAGER, Audience.RESPONDERS),
}
_OF_THE_COMPANY = {
    Role.CX: (Audience.CX,),
    Role.LEADERSHIP: (Audience.LEADERSHIP,),
    Role.OPS: (Audience.MANAGEMENT_OFFICE, Audience.CX, Audience.LEADERSHIP, Audience.REGIONAL_MANAGER),
}
_KINDS = tuple(kind for kind in NoticeKind if not kind.startswith("customer_"))
_Kind = Annotated[NoticeKind | None, BeforeValidator(lambda value: value or None), Query()]


# How a letter in both languages is put together (activities/letters.py); one that is not is shown as it is.
_BETWEEN_SUBJECTS, _BETWEEN_BODIES = " / ", "\n\n--\n\n"


class Line(NamedTuple):
    """A notice as it is shown, in Chinese and in English, without personal data. `by` is the ways it went."""

    shown: Shown
    subject: Both
    body: Both
    by: Both


def post_of(who: Principal) -> Post:
    """Whose notices the visitor reads."""
    if who.role in _OF_DEPARTMENT and who.department:
        return Post(audiences=_OF_DEPARTMENT[who.role], department=who.department)
    return Post(audiences=_OF_THE_COMPANY.get(who.role, ()) if who.role else (), department="")


@router.get("/notices", dependencies=[needs(Permission.READ)])
async def show(request: Request, who: Who, behind: BehindRoutes, kind: _Kind = None) -> Response:
    post, kinds = post_of(who), (kind,) if kind else ()
    unread = await notice_centre.unread(behind.engine, post, kinds=kinds)
    already = await notice_centre.already_read(behind.engine, post, kinds=kinds)
    context: dict[str, Any] = {
        "count": await notice_centre.count_unread(behind.engine, post),
        "unread": await _lines(behind, unread),
        "already": await _lines(behind, already),
        "kinds": _KINDS,
        "kind": kind or "",
        "has_post": bool(post.audiences),
        "may_export": who.may(Permission.EXPORT),
    }
    template = "notices_list.html" if pages.is_part(request) else "notices.html"
    return pages.page(request, who, template, **context)


@router.post("/notices/read", dependencies=[needs(Permission.READ)])
async def mark_read(
    request: Request,
    who: Who,
    behind: BehindRoutes,
    at: At,
    key: Annotated[str, Form(max_length=160)] = "",
    kind: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """One, or without a key all of them, for everybody who holds the post."""
    await notice_centre.mark_read(behind.engine, post_of(who), at=at, key=key)
    if pages.is_part(request):
        return Response(status_code=204, headers={**pages.HEADERS, "HX-Trigger": "fresh"})
    return pages.see_other(request, f"/notices?kind={kind}" if kind in _KINDS else "/notices")


async def _lines(behind: Behind, found: tuple[Shown, ...]) -> list[Line]:
    about = await tickets.of_many(behind.engine, {each.it.ticket_no for each in found})
    return [_line(each, about.get(each.it.ticket_no)) for each in found]


def _line(shown: Shown, ticket: Ticket | None) -> Line:
    subject, body = masking.told(shown.it.subject, ticket), masking.told(shown.it.body, ticket)
    return Line(
        shown, _parted(subject, _BETWEEN_SUBJECTS), _parted(body, _BETWEEN_BODIES), ways.all_said(shown.sent_by)
    )


def _parted(written: str, between: str) -> Both:
    parts = written.strip().split(between)
    return (parts[0], parts[1]) if len(parts) == 2 else (written, written)
