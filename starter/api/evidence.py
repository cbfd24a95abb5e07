"""Proof and notes: what is kept in our database and store, so that commands need only name it."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, Header, Path, Query, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from domain.access import Permission
from domain.commands import EvidenceKind
from domain.ticket import TICKET_NO
from ledger import events, evidence, notes, personal
from ledger.evidence import EvidenceRow
from ledger.evidence_uses import Use, uses_of
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.bodies import STRICT, Text, as_sent
from starter.evidence.keeping import keep_upload
from starter.evidence.serving import RangeNotSatisfiable, served
from starter.evidence.store import EvidenceDamaged, EvidenceNotFound, EvidenceRefused, StoreUnavailable
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import MAX_WHY, check_concerned, check_whole, disclose
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, Problem, documented

router = APIRouter(tags=["evidence"])

FORM_BYTES = 64 * 1024  # what a form puts around the file
_PIECE = 1 << 16

_log = logging.getLogger("vocloop.evidence")


class EvidenceBody(BaseModel):
    """Name it by `sha256` in a command. What was said of the file first stays."""

    model_config = ConfigDict(frozen=True)

    ticket_no: str
    sha256: str = Field(
        description="Of the file as it is kept: a picture or film without the place where it was taken."
    )
    original_sha256: str = Field(description="Of the file as it was sent. Commands understand it too.")
    kind: EvidenceKind
    media_type: str
    size: int = Field(description="In bytes.")


class UseView(BaseModel):
    """An act that named the file: the event `seq` of the complaint's timeline, and whose it was."""

    model_config = ConfigDict(frozen=True)

    seq: int
    event: str = Field(examples=["transferred"])
    at: datetime
    role: str = Field(examples=["responder"])
    department: str = Field(examples=["powertrain"])


class EvidenceItem(BaseModel):
    """A file, listed once, with each of its `uses`; its name is shown where it is opened."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    kind: EvidenceKind
    media_type: str
    size: int = Field(description="In bytes.")
    stored_at: datetime
    is_erased: bool = Field(default=False, description="It went with the customer's data; its hash stays.")
    uses: tuple[UseView, ...]


class EvidenceList(BaseModel):
    model_config = ConfigDict(frozen=True)

    ticket_no: str
    items: tuple[EvidenceItem, ...]


class NoteBody(BaseModel):
    """`author` is who says it, by an id of yours; who has no `on_behalf` says it themself."""

    model_config = STRICT

    ticket_no: str = Field(pattern=TICKET_NO)
    text: Text
    author: str = Field(default="", max_length=200)


class NoteKept(BaseModel):
    model_config = ConfigDict(frozen=True)

    note_id: str = Field(examples=["note-0123456789abcdef0123456789abcdef"])


@router.post(
    "/evidence",
    dependencies=[needs(Permission.ACT)],
    status_code=201,
    summary="Upload a file as evidence on a ticket",
    responses={
        200: {"model": EvidenceBody, "description": "It was uploaded for this ticket before."},
        **documented(
            *ACCESS,
            *(
                "unreadable_body",
                "not_concerned",
                "unknown_complaint",
                "too_large",
                "too_many_pixels",
                "unsupported_media_type",
                "not_of_this_kind",
            ),
            *("empty", "malformed", "store_unavailable"),
        ),
    },
)
async def upload(
    file: Annotated[UploadFile, File()],
    kind: Annotated[EvidenceKind, Form()],
    ticket_no: Annotated[str, Form(pattern=TICKET_NO)],
    response: Response,
    who: Who,
    behind: BehindRoutes,
    at: At,
    by: Annotated[
        str, Form(max_length=200, description="For whom a system with on_behalf uploads it, by an id of yours.")
    ] = "",
) -> EvidenceBody:
    """Kept for ever under the SHA-256 of its content, by which its type is judged. 25 MB at most, unless set otherwise.

    A picture or film loses the place where it was taken first; pixels, orientation, date and camera stay.
    """
    await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    whose = (who.may(Permission.ON_BEHALF) and by) or who.id
    try:
        kept = await keep_upload(
            *(behind.store, behind.engine, _pieces(file)),
            ticket_no=ticket_no,
            kind=kind,
            at=at,
            file_name=file.filename or "",
            by=whose,
        )
    except EvidenceRefused as refused:
        raise Problem(refused.code, detail=(refused.zh, refused.en)) from None
    except (StoreUnavailable, EvidenceDamaged):
        raise Problem("store_unavailable") from None
    response.status_code = 201 if kept.is_new else 200
    shown = {name: value for name, value in kept._asdict().items() if name != "is_new"}
    return EvidenceBody(ticket_no=ticket_no, **shown)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


@router.get(
    "/complaints/{ticket_no}/evidence",
    dependencies=[needs(Permission.READ)],
    summary="Its evidence, and each act that used it",
    responses=documented(*ACCESS, "unknown_complaint", "malformed"),
)
async def list_evidence(ticket_no: TicketNo, behind: BehindRoutes) -> EvidenceList:
    """In the order it was stored. A file that several departments relied on says so once for each."""
    await known_ticket(behind, ticket_no)
    used = uses_of(each.event for each in await events.timeline(behind.engine, ticket_no))
    rows = await evidence.of_ticket(behind.engine, ticket_no)
    erased_at = await personal.erased_at(behind.engine, ticket_no)
    items = tuple(_item(row, used.get(row.sha256, ()), is_erased=row.went_by(erased_at)) for row in rows)
    return EvidenceList(ticket_no=ticket_no, items=items)


def _item(row: EvidenceRow, uses: tuple[Use, ...], *, is_erased: bool) -> EvidenceItem:
    return EvidenceItem(
        **{name: value for name, value in row._asdict().items() if name in EvidenceItem.model_fields},
        is_erased=is_erased,
        uses=tuple(
            UseView(
                seq=use.seq,
                event=use.event,
                at=use.at,
                role=use.actor.role if use.actor else "",
                department=use.actor.department if use.actor else "",
            )
            for use in uses
        ),
    )


_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/evidence/{sha256}",
    dependencies=[needs(Permission.SEE_FILES)],
    summary="Download a file of evidence",
    response_class=Response,
    responses={
        200: {
            "content": _FILE,
            "description": "The file. Pictures, sound and films may be shown, the rest is to be saved.",
        },
        206: {"content": _FILE, "description": "The part of it that `Range` asks for."},
        307: {"description": "Asked for directly: where it stands, for a minute unless set otherwise."},
        **documented(
            *(*ACCESS, "not_concerned", "unknown_complaint", "evidence_not_found", "personal_gone"),
            *("range_not_satisfiable", "malformed", "evidence_damaged", "store_unavailable"),
        ),
    },
)
async def download(
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    ticket_no: Annotated[str, Query(pattern=TICKET_NO, description="The ticket it is evidence on.")],
    who: Who,
    behind: BehindRoutes,
    at: At,
    why: Annotated[str, Query(max_length=MAX_WHY, description="Kept with the name of who looks.")] = "",
    direct: Annotated[bool, Query(description="From S3 itself, where evidence stands there; else as without.")] = False,
    wanted: Annotated[str, Header(alias="Range", max_length=200)] = "",
    if_range: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """By the hash it is kept under, or was sent with. Who looked is written down, once for a film played in pieces."""
    await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    await check_whole(behind, ticket_no)
    row = await _row(behind, ticket_no, sha256)
    link = await _linked(behind, row) if direct else None
    response = link or await _answer(behind, row, wanted=wanted, only_if=if_range)
    watched = (who.id, ticket_no, row.sha256)
    if link or not wanted or not behind.watching.goes_on(watched, at=at):
        await disclose(behind, ticket_no, who=who, what=f"evidence:{row.sha256}", why=why, at=at)
    behind.watching.saw(watched, at=at)
    return response


async def _row(behind: Behind, ticket_no: str, sha256: str) -> EvidenceRow:
    """The file on this ticket: evidence, or one that came with the ticket, of which nothing more is known."""
    ticket = await known_ticket(behind, ticket_no)
    stored = (await evidence.originals(behind.engine, ticket_no)).get(sha256, sha256)
    row = await evidence.get(behind.engine, ticket_no=ticket_no, sha256=stored)
    # A ticket may name any hash: that opens no file which was handed in on another ticket alone.
    if row is None and (sha256 not in ticket.files or await evidence.is_kept(behind.engine, sha256)):
        raise Problem("evidence_not_found")
    return row or EvidenceRow(ticket_no, sha256, "", "", 0, "", ticket.created_at, "")


async def _answer(behind: Behind, row: EvidenceRow, *, wanted: str, only_if: str) -> Response:
    with _refused(row):
        return await served(behind.store, row, wanted=wanted, only_if=only_if)


async def _linked(behind: Behind, row: EvidenceRow) -> Response | None:
    with _refused(row):
        lasting = timedelta(seconds=behind.settings.evidence_link_seconds)
        address = await behind.store.link(row.sha256, lasting=lasting)
    no_trace = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(address, status_code=307, headers=no_trace) if address else None


@contextmanager
def _refused(row: EvidenceRow) -> Iterator[None]:
    try:
        yield
    except RangeNotSatisfiable as beyond:
        raise Problem("range_not_satisfiable", headers={"Content-Range": f"bytes */{beyond.size}"}) from None
    except EvidenceNotFound:
        raise Problem("evidence_not_found") from None
    except EvidenceDamaged:
        _log.error("%s of %s is not what its hash says: restore it from a backup", row.sha256, row.ticket_no)
        raise Problem("evidence_damaged") from None
    except StoreUnavailable:
        raise Problem("store_unavailable") from None


@router.post(
    "/notes",
    dependencies=[needs(Permission.ACT)],
    status_code=201,
    summary="Keep a text, for systems that send signals",
    responses=documented("unreadable_body", *ACCESS, "not_concerned", "unknown_complaint", "too_large", "malformed"),
)
async def keep_note(note: NoteBody, who: Who, behind: BehindRoutes, at: At) -> NoteKept:
    """Free text never travels through Temporal: a signal carries this id. The same text again is the same note."""
    as_sent(note)
    await known_ticket(behind, note.ticket_no)
    await check_concerned(behind, note.ticket_no, who=who)
    author = note.author if who.may(Permission.ON_BEHALF) else who.id
    kept = await notes.keep(behind.engine, ticket_no=note.ticket_no, text=note.text, author=author, at=at)
    return NoteKept(note_id=kept)
