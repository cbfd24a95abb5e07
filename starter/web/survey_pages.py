"""The customer's page behind a survey link. Opening it never acts; one answer counts for each round."""

import asyncio
import contextlib
import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.claims import Claim, Verdict
from domain.complaint import Complaint
from domain.ticket import Ticket
from domain.wording import Language
from ledger import notes, queries, surveys, tickets
from ledger.database import LedgerUnavailable
from policy.reading import PolicyFiles
from settings import utc_now
from starter.commands import KeyReusedError, UnknownComplaintError
from starter.http.behind import Behind, BehindRoutes
from starter.http.problems import preferred
from starter.http.rate_limit import RateLimit
from starter.web.survey_reply import FACTORS, Reply, UnreadableReply
from starter.web.survey_words import say

FIRST_ANSWER_WITHIN = timedelta(seconds=6)  # longer than a command waits for its receipt
VISITS_A_MINUTE = 30

_HERE = Path(__file__).parent
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
_env = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


class Visit:
    """One look at one survey: what was asked of whom, and in which language."""

    def __init__(self, survey: surveys.Survey, ticket: Ticket, complaint: Complaint | None, language: Language) -> None:
        self.survey, self.ticket, self.complaint, self.language = survey, ticket, complaint, language

    @property
    def claim(self) -> Claim | None:
        claims = self.complaint.claims if self.complaint else ()
        return next((claim for claim in claims if claim.round == self.survey.round), None)

    @property
    def is_stale(self) -> bool:
        """The question is settled already. While the ledger lags behind, the workflow has the last word."""
        return self.claim is not None and self.claim.verdict is not Verdict.PENDING


def make_router(*, visits_a_minute: int = VISITS_A_MINUTE) -> APIRouter:
    """The customer's routes, with a limit of their own on how often one address may knock."""
    router = APIRouter(include_in_schema=False)
    limit = RateLimit(visits_a_minute)

    @router.get("/survey.css")
    async def style() -> Response:
        return FileResponse(_HERE / "static" / "survey.css", headers={"Cache-Control": "max-age=3600"})

    @router.get("/c/{token}")
    async def show(token: str, request: Request, behind: BehindRoutes) -> Response:
        return await _guarded(token, request, behind, limit, form=None)

    @router.post("/c/{token}")
    async def take(token: str, request: Request, behind: BehindRoutes) -> Response:
        # Files are none of this form's: one is refused before it is read.
        form = {name: str(value) for name, value in (await request.form(max_files=0)).items()}
        return await _guarded(token, request, behind, limit, form=form)

    return router


router = make_router()


async def _guarded(
    token: str, request: Request, behind: Behind, limit: RateLimit, *, form: dict[str, str] | None
) -> Response:
    """Show the page, or with a form take the answer."""
    fallback = _asked(request) or preferred(request.headers.get("accept-language", ""))
    if not limit.admits(request.client.host if request.client else ""):
        return _said(fallback, "busy", 429)
    try:
        visit = await _visit(behind, token, request)
        if visit is None:
            return _said(fallback, "not_found", 404)
        return await (_take(visit, behind, form) if form is not None else _show(visit, behind))
    except LedgerUnavailable:
        return _said(fallback, "away", 503)


async def _visit(behind: Behind, token: str, request: Request) -> Visit | None:
    """None for a token that was never made, and for one that is too old: both look the same from outside."""
    if not _TOKEN.fullmatch(token):
        return None
    survey = await surveys.find_by_token_hash(behind.engine, hashlib.sha256(token.encode()).hexdigest())
    if survey is None:
        return None
    ticket = await tickets.get(behind.engine, survey.ticket_no)
    complaint = await queries.complaint(behind.engine, survey.ticket_no)
    # A ledger that lags behind has no complaint yet: its policy is the one in force then.
    policy = complaint.policy if complaint else behind.files.policy_at(survey.invited_at)
    if ticket is None or utc_now() > policy.calendar.add(survey.invited_at, policy.verification.link_life):
        return None
    language: Language = "en" if ticket.customer.language == "en" else "zh"
    return Visit(survey, ticket, complaint, _asked(request) or language)


async def _show(visit: Visit, behind: Behind) -> Response:
    if visit.survey.answer is not None:
        return await _thanks(visit, behind.engine, visit.survey.answer)
    if visit.is_stale:
        return _said(visit.language, "stale", 410)
    return _asking(visit, behind.files)


async def _take(visit: Visit, behind: Behind, form: dict[str, str]) -> Response:
    if visit.survey.answer is not None or visit.is_stale:
        return await _show(visit, behind)
    try:
        reply = Reply(form)
    except UnreadableReply as fault:
        return _asking(visit, behind.files, form=form, fault=str(fault))
    return await _submit(visit, behind, reply)


async def _submit(visit: Visit, behind: Behind, reply: Reply) -> Response:
    """The inbox first: were the survey's row marked before, a crash between the two would lose the customer's word."""
    now, survey = utc_now(), visit.survey
    note_id = await _keep_words(behind.engine, survey.ticket_no, reply)
    try:
        receipt = await behind.complaints.submit(
            survey.ticket_no,
            "customer_reply",
            reply.as_command(round=survey.round, note_id=note_id),
            command_id=_command_id(survey),
            received_at=now,
        )
    except UnknownComplaintError:
        return _said(visit.language, "not_found", 404)
    except KeyReusedError:
        return await _first_answer(visit, behind.engine, within=FIRST_ANSWER_WITHIN)
    if receipt is not None and not receipt.accepted:
        return _said(visit.language, "stale", 410)
    given = {**reply.given(), "note_id": note_id}
    await surveys.answer(behind.engine, ticket_no=survey.ticket_no, round=survey.round, answer=given, answered_at=now)
    return await _thanks(visit, behind.engine, given)


def _command_id(survey: surveys.Survey) -> str:
    """Known only to whoever holds the link: an id that others could guess, they could use up before the customer."""
    return f"survey-{survey.token_hash[:32]}"


async def _keep_words(engine: AsyncEngine, ticket_no: str, reply: Reply) -> str:
    if not reply.words:
        return ""
    return await notes.keep(engine, ticket_no=ticket_no, text=reply.words, author="customer", at=utc_now())


async def _first_answer(visit: Visit, engine: AsyncEngine, *, within: timedelta) -> Response:
    """Two clicks, two answers: the first one counts, once it is kept. Without one the customer is told to call."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within.total_seconds()):
            while True:
                survey = await surveys.find_by_token_hash(engine, visit.survey.token_hash)
                if survey is not None and survey.answer is not None:
                    return await _thanks(visit, engine, survey.answer)
                await asyncio.sleep(0.1)
    return _said(visit.language, "unrecorded", 409)


async def _thanks(visit: Visit, engine: AsyncEngine, given: dict[str, Any]) -> Response:
    note = await notes.get(engine, given["note_id"]) if given.get("note_id") else None
    return _page(
        "survey_said.html",
        visit.language,
        heading="thanks",
        why=f"after_{given['answer']}",
        given=given,
        words=note.text if note else "",
    )


def _asking(visit: Visit, files: PolicyFiles, *, form: dict[str, str] | None = None, fault: str = "") -> Response:
    return _page(
        "survey_form.html",
        visit.language,
        status=422 if fault else 200,
        ticket_no=visit.ticket.ticket_no,
        problem=_problem(visit, files),
        claimed=_claimed(visit, files),
        factors=FACTORS,
        form=form or {},
        fault=fault,
    )


def _problem(visit: Visit, files: PolicyFiles) -> str:
    """The tags in words; one the matrix does not know says nothing to a customer."""
    tags = visit.complaint.tags if visit.complaint else visit.ticket.tags
    known = [tag for code in tags if (tag := files.tag(code))]
    return "、".join(tag.zh for tag in known) if visit.language == "zh" else ", ".join(tag.en for tag in known)


def _claimed(visit: Visit, files: PolicyFiles) -> str:
    claim = visit.claim
    department = files.department(claim.department) if claim else None
    if claim is None or department is None or visit.complaint is None:
        return say("claimed_without_name", visit.language)
    name = department.zh if visit.language == "zh" else department.en
    day = claim.claimed_at.astimezone(ZoneInfo(visit.complaint.policy.calendar.zone)).date().isoformat()
    return say("claimed", visit.language).format(department=name, day=day)


def _said(language: Language, heading: str, status: int) -> Response:
    return _page("survey_said.html", language, status=status, heading=heading, why=f"{heading}_why", given=None)


def _page(template: str, language: Language, *, status: int = 200, **facts: Any) -> Response:
    content = _env.get_template(template).render(language=language, say=lambda key: say(key, language), **facts)
    headers = {**_HEADERS, "Content-Language": "zh-CN" if language == "zh" else "en"}
    return HTMLResponse(content, status_code=status, headers=headers)


def _asked(request: Request) -> Language | None:
    match request.query_params.get("lang", ""):
        case "zh":
            return "zh"
        case "en":
            return "en"
    return None
