"""A complaint's page that stands open learns that something has come, and fetches its parts anew."""

from collections.abc import Callable, Mapping
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from fastapi.sse import format_sse_event

from domain.access import Permission
from ledger import marks
from starter.api.answers import TicketNo, known_ticket
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Who, needs
from starter.web import live, pages
from starter.web.live_feed import LiveFeed, Watcher

Marks = Mapping[str, str]

router = pages.router()


@router.get("/complaints/{ticket_no}/live", dependencies=[needs(Permission.READ)])
async def show_live(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes) -> Response:
    """Server-sent events: `changed` with the complaint's mark, at first and then as often as it is another."""
    await known_ticket(behind, ticket_no)
    watching = _feed(request, behind).watch(Watcher(who.held, ticket_no))
    return live.streamed(watching, _when_it_changes(ticket_no))


def _when_it_changes(ticket_no: str) -> Callable[[Marks], bytes]:
    last = ""

    def told(tick: Marks) -> bytes:
        nonlocal last
        mark = tick.get(ticket_no, "")  # who has just come is not in the tick that was made before
        if mark in ("", last):
            return b""
        last = mark
        return format_sse_event(data_str=mark, event="changed")

    return told


def _feed(request: Request, behind: Behind) -> LiveFeed[Marks]:
    """One for the process: however many pages stand open, one question a tick."""
    state = request.app.state
    if not hasattr(state, "complaints_live"):
        state.complaints_live = LiveFeed(partial(marks.of_many, behind.engine), partial(live.may_stay, behind))
    feed: LiveFeed[Marks] = state.complaints_live
    return feed
