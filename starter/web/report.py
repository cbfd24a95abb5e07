"""A form of ours by which anybody reports a complaint: from the carmaker's website, or by a code on a counter.

It needs no script, no cookie and no sign-in. What is typed comes back with whatever was wrong; sent twice it is one.
"""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from domain.wording import Language
from ledger.database import LedgerUnavailable
from settings import utc_now
from starter.commands import Admission
from starter.evidence.store import EvidenceDamaged, StoreUnavailable
from starter.http.behind import Behind, BehindRoutes
from starter.http.problems import Problem
from starter.http.rate_limit import RateLimit
from starter.web import report_form, report_slip, times, words
from starter.web.customer_frame import HEADERS, RETRY_AFTER, asked_language, rendered
from starter.web.customer_pictures import MOST_PICTURES, PictureRefused, filled_in, kept
from starter.web.customer_reply import UnreadableReply
from starter.web.languages import language_of
from starter.web.report_form import Report
from starter.web.report_slip import Slip

AT = "/report"
VISITS_A_MINUTE = 30  # of one address
POSTS_A_MINUTE = 5  # of one address
ALL_A_MINUTE = 120  # reports that are taken of all together: a flood must not fill the ledger


def make_router(
    *, visits_a_minute: int = VISITS_A_MINUTE, posts_a_minute: int = POSTS_A_MINUTE, all_a_minute: int = ALL_A_MINUTE
) -> APIRouter:
    """The form's routes, with limits of their own."""
    router = APIRouter(include_in_schema=False)
    visits, posts, everybody = (RateLimit(each) for each in (visits_a_minute, posts_a_minute, all_a_minute))

    @router.get(AT)
    async def show(request: Request, behind: BehindRoutes) -> Response:
        page = _Page(request, behind)
        return page.shown({}) if visits.admits(_address(request)) else page.said("busy", 429, headers=RETRY_AFTER)

    @router.post(AT)
    async def take(request: Request, behind: BehindRoutes) -> Response:
        page = _Page(request, behind)
        if not posts.admits(_address(request)) or not everybody.admits(""):
            return page.said("busy", 429, headers=RETRY_AFTER)
        try:
            return await _taken(request, behind, page)
        except Problem:  # the edge's: more than the form may be
            return page.said("too_large", 413)

    @router.get(f"{AT}/done")
    async def done(request: Request, behind: BehindRoutes, slip: str = "", via: str = "") -> Response:
        page, found = _Page(request, behind), report_slip.read(slip, behind.secret)
        return page.thanked(found, via=via) if found else page.said("not_found", 404)

    return router


async def _taken(request: Request, behind: Behind, page: "_Page") -> Response:
    fields: dict[str, str] = {}
    try:
        async with filled_in(request) as form:
            fields = form.fields
            if fields.get("website"):  # no person sees that field
                return page.said("busy", 429, headers=RETRY_AFTER)
            return await _reported(behind, page, fields, form.pictures)
    except UnreadableReply as fault:
        return page.shown(fields, said=words.say("customer", str(fault), page.language), status=422)
    except PictureRefused as refused:
        return page.shown(fields, said=refused.said[0 if page.language == "zh" else 1], status=422)
    except (LedgerUnavailable, StoreUnavailable, EvidenceDamaged):
        return page.shown(fields, faults={"form": "away"}, status=503)


async def _reported(
    behind: Behind, page: "_Page", fields: dict[str, str], pictures: tuple[UploadFile, ...]
) -> Response:
    at, slip, report = page.at, report_slip.read(fields.get("slip", ""), behind.secret), report_form.read(fields)
    if slip is None or slip.is_stale(at) or slip.is_hasty(at):
        fault = "hasty" if slip and slip.is_hasty(at) else "again"
        return page.shown(fields, faults=report.faults | {"form": fault}, status=422)
    if report.faults:
        return page.shown(fields, faults=report.faults, slip=slip, status=422)
    number = f"{'QR' if report.channel == 'qr' else 'WEB'}-{slip.number}"
    files = await kept(behind, number, pictures, at=at)
    ticket = report_form.ticket_of(
        report, number=slip.number, created_at=slip.made_at, language=page.language, files=files
    )
    if ticket is None:
        return page.shown(fields, faults={"form": "long"}, slip=slip, status=422)
    if await behind.complaints.open(ticket, received_at=at) is Admission.CONFLICT:
        return page.shown(fields, faults={"form": "sent_before"}, status=409)
    done = f"{AT}/done?slip={slip.text}&via={report.channel}&lang={page.language}"
    return RedirectResponse(done, status_code=303, headers=HEADERS)


class _Page:
    """In the language that a link chose, else the browser's."""

    def __init__(self, request: Request, behind: Behind) -> None:
        if not behind.settings.report_page:
            raise Problem("not_found")
        self.language: Language = asked_language(request) or language_of(request)
        self.at = utc_now()
        self._behind, self._query = behind, request.query_params

    def shown(
        self,
        fields: dict[str, str],
        *,
        faults: dict[str, str] | None = None,
        said: str = "",
        slip: Slip | None = None,
        status: int = 200,
    ) -> Response:
        """The form, with what was typed; its slip is a new one where the old one is worth nothing."""
        slip = slip or self._good(fields.get("slip", "")) or report_slip.new(self._behind.secret, at=self.at)
        form: dict[str, str] = {name: self._query.get(name, "")[:40] for name in ("via", "station")} | fields
        told: Report = report_form.read(form)
        return self._rendered(
            "customer_report.html",
            status,
            form=form,
            kept="".join(f"{urlencode({name: form[name]})}&" for name in ("via", "station") if form[name]),
            faults={
                name: words.say("customer", "report.fault." + key, self.language)
                for name, key in (faults or {}).items()
            },
            said=said,
            slip=slip.text,
            vin_sure=told.fields["vin"] if (faults or {}).get("vin") == "vin_sure" else "",
            most_words=report_form.MAX_WORDS,
            most_pictures=MOST_PICTURES,
            max_mb=self._behind.settings.max_evidence_bytes // (1 << 20),
        )

    def thanked(self, slip: Slip, *, via: str) -> Response:
        policy = self._behind.files.policy_at(self.at)
        read_by = times.local(policy.calendar.add(slip.made_at, policy.clocks.triage), policy.calendar.zone, at=self.at)
        number = f"{'QR' if via == 'qr' else 'WEB'}-{slip.number}"
        kept = f"{urlencode({'slip': slip.text, 'via': via})}&"
        return self._rendered("customer_reported.html", 200, number=number, read_by=read_by, kept=kept)

    def said(self, heading: str, status: int, *, headers: dict[str, str] | None = None) -> Response:
        phone = self._behind.files.customer_phone
        return rendered("customer_said.html", self.language, status, headers=headers, heading=heading, phone=phone)

    def _good(self, text: str) -> Slip | None:
        found = report_slip.read(text, self._behind.secret)
        return None if found is None or found.is_stale(self.at) else found

    def _rendered(self, template: str, status: int, **facts: Any) -> Response:
        phone = self._behind.files.customer_phone
        return rendered(template, self.language, status, phone=phone, **facts)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
