"""The files of a complaint: taken from a form, and shown with what they are, who handed them in and what for."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from domain.commands import EvidenceKind
from domain.events import Event
from domain.ticket import Ticket
from domain.wording import Both
from ledger import evidence, personal
from ledger.evidence import EvidenceRow
from ledger.evidence_uses import Use, uses_of
from starter.evidence.keeping import keep_upload
from starter.evidence.store import EvidenceDamaged, EvidenceRefused, StoreUnavailable
from starter.http.behind import Behind
from starter.http.disclosures import check_concerned
from starter.http.principals import Principal
from starter.http.problem_kinds import KINDS
from starter.web.complaint_forms import MOST_EVIDENCE, Attached

MOST_AT_ONCE = 4  # files of the largest size in one form sent without scripts
CUSTOMER = "customer"  # by whom a file is that the customer sent from their own page
_PIECE = 1 << 16
# What browsers show or play themselves; the rest is saved.
_SHOWN = {
    "image": ("image/jpeg", "image/png", "image/gif", "image/webp"),
    "video": ("video/mp4", "video/quicktime", "video/webm"),
    "audio": ("audio/mpeg", "audio/mp4", "audio/aac", "audio/wav", "audio/ogg"),
}


class FileRefused(NamedTuple):
    """A file that was not taken, and why, in Chinese and in English."""

    file_name: str
    why: Both


class KeptFile(NamedTuple):
    """`medium` is "image", "video", "audio" or "". `uses` are the acts that named it; they stay when it is erased."""

    sha256: str
    address: str
    kind: str
    medium: str
    file_name: str
    size: int
    stored_at: datetime
    uses: tuple[Use, ...]
    is_erased: bool


class Files(NamedTuple):
    """The customer's own, those handed in as evidence, and hashes the ticket names of files that have not come."""

    customers: tuple[KeptFile, ...]
    evidence: tuple[KeptFile, ...]
    awaited: tuple[str, ...]


async def files_of(behind: Behind, ticket: Ticket, events: Iterable[Event]) -> Files:
    originals = await evidence.originals(behind.engine, ticket.ticket_no)
    rows = await evidence.of_ticket(behind.engine, ticket.ticket_no)
    named = [originals.get(sha256, sha256) for sha256 in ticket.files]
    named += [row.sha256 for row in rows if row.by == CUSTOMER and row.sha256 not in named]
    used = uses_of(events)
    erased_at = await personal.erased_at(behind.engine, ticket.ticket_no)
    shown = {row.sha256: _kept(row, used.get(row.sha256, ()), is_erased=row.went_by(erased_at)) for row in rows}
    return Files(
        customers=tuple(shown[sha256] for sha256 in named if sha256 in shown),
        evidence=tuple(file for sha256, file in shown.items() if sha256 not in named),
        awaited=tuple(sha256 for sha256 in named if sha256 not in shown),
    )


def _kept(row: EvidenceRow, uses: tuple[Use, ...], *, is_erased: bool) -> KeptFile:
    return KeptFile(
        sha256=row.sha256,
        address=f"/api/v1/evidence/{row.sha256}?ticket_no={row.ticket_no}",
        kind=row.kind,
        medium=next((medium for medium, types in _SHOWN.items() if row.media_type in types), ""),
        file_name=row.file_name,
        size=row.size,
        stored_at=row.stored_at,
        uses=uses,
        is_erased=is_erased,
    )


async def taken(
    behind: Behind, ticket_no: str, form: FormData, *, who: Principal, at: datetime
) -> tuple[tuple[Attached, ...], tuple[FileRefused, ...]]:
    """The form's files: those it names as uploaded before, and those it brings, which are kept. And what was refused.

    Raises the problem `not_concerned` when it brings any on a complaint that is not this principal's.
    """
    brought = [file for file in form.getlist("file") if isinstance(file, UploadFile) and file.filename]
    refused: list[FileRefused] = []
    new: list[str] = []
    if brought:
        await check_concerned(behind, ticket_no, who=who)
    for file in brought:
        try:
            new.append(await _keep(behind, ticket_no, file, kind=_kind_of(form), who=who, at=at))
        except EvidenceRefused as error:
            refused.append(FileRefused(file.filename or "", (error.zh, error.en)))
        except (StoreUnavailable, EvidenceDamaged):
            refused.append(FileRefused(file.filename or "", KINDS["store_unavailable"].detail))
    named = [str(each) for each in form.getlist("attached")] + new
    rows = {row.sha256: row for row in await evidence.of_ticket(behind.engine, ticket_no)} if named else {}
    kept = [rows[sha256] for sha256 in dict.fromkeys(named) if sha256 in rows][:MOST_EVIDENCE]
    return tuple(Attached(EvidenceKind(row.kind), row.sha256, row.file_name, row.size) for row in kept), tuple(refused)


def _kind_of(form: FormData) -> EvidenceKind:
    said = form.get("evidence_kind", "")
    return EvidenceKind(said) if said in tuple(EvidenceKind) else EvidenceKind.DOCUMENT


async def _keep(
    behind: Behind, ticket_no: str, file: UploadFile, *, kind: EvidenceKind, who: Principal, at: datetime
) -> str:
    kept = await keep_upload(
        *(behind.store, behind.engine, _pieces(file)),
        ticket_no=ticket_no,
        kind=kind,
        at=at,
        file_name=file.filename or "",
        by=who.id,
    )
    return kept.sha256


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece
