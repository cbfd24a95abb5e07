"""The customer's own page, behind the link that is theirs alone. Opening it never acts; one answer counts a round.

It needs no script, no cookie and no sign-in. Whatever does not open it looks the same: a page that says whom to call.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.wording import Language
from ledger import notes
from ledger.database import LedgerUnavailable
from settings import utc_now
from starter.evidence.store import EvidenceDamaged, StoreUnavailable
from starter.http.behind import Behind, BehindRoutes
from starter.http.problems import Problem
from starter.http.rate_limit import RateLimit
from starter.web import words
from starter.web.customer_answer import Overtaken, Unrecorded, add, answer
from starter.web.customer_frame import RETRY_AFTER, asked_language, rendered
from starter.web.customer_pictures import FORM_BYTES, MOST_PICTURES, PictureRefused, filled_in
from starter.web.customer_reply import FACTORS, Reply, UnreadableReply, words_of
from starter.web.customer_told import told
from starter.web.customer_visit import Visit, visit
from starter.web.languages import language_of

BELOW = "/c/"  # where the customer's links lead
VISITS_A_MINUTE = 30  # of one link
MISSES_A_MINUTE = 20  # of one address: nobody guesses a link, and nobody shall try
POSTS_A_MINUTE = 6  # of one link, answers and words; each may bring pictures
TOKEN_LENGTH = 22


class Limits:
    """How often one link may be opened and used, and how often one address may miss."""

    def __init__(self, *, visits: int, misses: int, posts: int) -> None:
        self.visits, self.misses, self.posts = RateLimit(visits), RateLimit(misses), RateLimit(posts)


def form_bytes(max_picture_bytes: int) -> int:
    """How long the form may be. Twice what is taken: who chose too many pictures is told so on their page."""
    return 2 * MOST_PICTURES * max_picture_bytes + FORM_BYTES


def make_router(
    *,
    visits_a_minute: int = VISITS_A_MINUTE,
    misses_a_minute: int = MISSES_A_MINUTE,
    posts_a_minute: int = POSTS_A_MINUTE,
) -> APIRouter:
    """The customer's routes, with limits of their own."""
    router = APIRouter(include_in_schema=False)
    limits = Limits(visits=visits_a_minute, misses=misses_a_minute, posts=posts_a_minute)

    @router.get("/c/{token}")
    async def show(token: str, request: Request, behind: BehindRoutes) -> Response:
        return await _guarded(token, request, behind, limits)

    @router.post("/c/{token}")
    async def take(token: str, request: Request, behind: BehindRoutes) -> Response:
        return await _guarded(token, request, behind, limits)

    return router


def refused(request: Request, problem: Problem) -> Response:
    """What kept a request from the routes, told on a page of the customer's."""
    page = _Page(request, request.app.state.behind)
    heading = "too_large" if problem.code == "too_large" else "away"
    return page.said(heading, problem.status_code, headers=problem.headers)


class _Busy(Exception):  # noqa: N818 - an answer to the visitor
    """That was too often for one link, or for one address that misses."""


async def _guarded(token: str, request: Request, behind: Behind, limits: Limits) -> Response:
    """Whatever goes wrong is told on a page."""
    page = _Page(request, behind)
    try:
        seen = await _opened(token, request, behind, page, limits)
        if seen is None:
            return page.said("not_found", 404)
        page.language = seen.language
        return await (_taken(token, request, behind, seen, page) if request.method == "POST" else page.shown(seen))
    except _Busy:
        return page.said("busy", 429, headers=RETRY_AFTER)
    except Overtaken:
        return await page.again(token, 409, said="overtaken")
    except Unrecorded:
        return page.said("unrecorded", 409)
    except (LedgerUnavailable, StoreUnavailable, EvidenceDamaged):
        return page.said("away", 503)
    except Problem:  # the edge's: more than the form may be
        return page.said("too_large", 413)


async def _opened(token: str, request: Request, behind: Behind, page: "_Page", limits: Limits) -> Visit | None:
    """Before a byte of what was sent is read: a stranger's form is never taken in. Raises _Busy."""
    if not limits.visits.admits(token[:TOKEN_LENGTH]):
        raise _Busy
    seen = await visit(behind, token, asked=page.asked, at=utc_now()) if len(token) == TOKEN_LENGTH else None
    if seen is None and not limits.misses.admits(request.client.host if request.client else ""):
        raise _Busy
    if seen and request.method == "POST" and not limits.posts.admits(token):
        raise _Busy
    return seen


async def _taken(token: str, request: Request, behind: Behind, seen: Visit, page: "_Page") -> Response:
    """What was sent: an answer, or something to add. A form filled in wrongly comes back as it was."""
    fields: dict[str, str] = {}
    try:
        async with filled_in(request) as form:
            fields = form.fields
            if fields.get("what") != "add":
                if seen.survey and seen.survey.answer is not None and not seen.asked:
                    return await page.shown(seen)  # a second click
                await answer(seen, behind, Reply(fields), form.pictures)
                return await page.again(token, 200)
            await add(seen, behind, words_of(fields), form.pictures)
            return await page.again(token, 200, said="added")
    except UnreadableReply as fault:
        return await page.shown(seen, fields, fault=page.t(str(fault)))
    except PictureRefused as refused:
        return await page.shown(seen, fields, fault=refused.said[0 if page.language == "zh" else 1])


class _Page:
    """In the language of the link, of the customer or, before they are known, of the browser."""

    def __init__(self, request: Request, behind: Behind) -> None:
        self.asked = asked_language(request)
        self.language: Language = self.asked or language_of(request)
        self._behind = behind

    def t(self, key: str) -> str:
        return words.say("customer", key, self.language)

    async def again(self, token: str, status: int, *, said: str = "") -> Response:
        """As it stands after what was sent."""
        seen = await visit(self._behind, token, asked=self.asked, at=utc_now())
        return self.said("not_found", 404) if seen is None else await self.shown(seen, status=status, said=said)

    async def shown(
        self, seen: Visit, form: Mapping[str, str] | None = None, *, status: int = 200, fault: str = "", said: str = ""
    ) -> Response:
        texts = {note.note_id: note.text for note in await notes.of_ticket(self._behind.engine, seen.ticket.ticket_no)}
        return rendered(
            "customer.html",
            self.language,
            422 if fault else status,
            factors=FACTORS,
            form=form or {},
            fault=fault,
            said=said,
            most_pictures=MOST_PICTURES,
            max_mb=self._behind.settings.max_evidence_bytes // (1 << 20),
            **told(seen, self._behind.files, texts),
        )

    def said(self, heading: str, status: int, *, headers: Mapping[str, str] | None = None) -> Response:
        phone = self._behind.files.customer_phone
        return rendered("customer_said.html", self.language, status, headers=headers, heading=heading, phone=phone)
