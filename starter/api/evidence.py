"""Proof and notes: what is kept in our database and store, so that commands need only name it."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from domain.commands import EvidenceKind
from domain.ticket import TICKET_NO
from ledger import evidence, notes
from starter.api.answers import At, known_ticket
from starter.api.bodies import STRICT, Text, as_sent
from starter.evidence.store import (
    MAX_EVIDENCE_BYTES,
    EvidenceDamaged,
    EvidenceNotFound,
    EvidenceRefused,
    StoreUnavailable,
)
from starter.http.behind import BehindRoutes
from starter.http.problems import Problem, documented

router = APIRouter(tags=["evidence"])

MAX_REQUEST_BYTES = MAX_EVIDENCE_BYTES + 64 * 1024  # the file, and what a form puts around it
_PIECE = 1 << 16


class EvidenceBody(BaseModel):
    """Name it by `sha256` in a command. What was said of the file first stays."""

    model_config = ConfigDict(frozen=True)

    ticket_no: str
    sha256: str
    kind: EvidenceKind
    media_type: str
    size: int = Field(description="In bytes.")


class NoteBody(BaseModel):
    """`author` is who says it, by an id of yours."""

    model_config = STRICT

    ticket_no: str = Field(pattern=TICKET_NO)
    text: Text
    author: str = Field(default="", max_length=200)


class NoteKept(BaseModel):
    model_config = ConfigDict(frozen=True)

    note_id: str = Field(examples=["note-0123456789abcdef0123456789abcdef"])


@router.post(
    "/evidence",
    status_code=201,
    summary="Upload a file as evidence on a ticket",
    responses={
        200: {"model": EvidenceBody, "description": "It was uploaded for this ticket before."},
        **documented(
            *("unknown_complaint", "too_large", "unsupported_media_type", "not_of_this_kind"),
            *("empty", "malformed", "store_unavailable"),
        ),
    },
)
async def upload(
    file: Annotated[UploadFile, File()],
    kind: Annotated[EvidenceKind, Form()],
    ticket_no: Annotated[str, Form(pattern=TICKET_NO)],
    response: Response,
    behind: BehindRoutes,
    at: At,
    by: Annotated[str, Form(max_length=200, description="Who uploads it, by an id of yours.")] = "",
) -> EvidenceBody:
    """Kept under its SHA-256, for ever; its type is judged by its content. 25 MB at most."""
    await known_ticket(behind, ticket_no)
    file_name = (file.filename or "").replace("\x00", "")[-255:]
    try:
        stored = await behind.store.keep(_pieces(file), kind=kind, file_name=file_name)
    except EvidenceRefused as refused:
        raise Problem(refused.code, detail=(refused.zh, refused.en)) from None
    except (StoreUnavailable, EvidenceDamaged):
        raise Problem("store_unavailable") from None
    is_new = await evidence.keep(
        behind.engine,
        ticket_no=ticket_no,
        sha256=stored.sha256,
        kind=kind,
        media_type=stored.media_type,
        size=stored.size,
        file_name=file_name,
        stored_at=at,
        by=by.replace("\x00", ""),
    )
    response.status_code = 201 if is_new else 200
    row = await evidence.get(behind.engine, ticket_no=ticket_no, sha256=stored.sha256)
    kept = row.kind if row else kind
    return EvidenceBody(
        ticket_no=ticket_no,
        sha256=stored.sha256,
        kind=EvidenceKind(kept),
        media_type=stored.media_type,
        size=stored.size,
    )


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


@router.get(
    "/evidence/{sha256}",
    summary="Download a file of evidence",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file, to be saved and not opened."},
        **documented("evidence_not_found", "malformed", "store_unavailable"),
    },
)
async def download(sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], behind: BehindRoutes) -> Response:
    try:
        content = await behind.store.read(sha256)
    except EvidenceNotFound:
        raise Problem("evidence_not_found") from None
    except (StoreUnavailable, EvidenceDamaged):
        raise Problem("store_unavailable") from None
    headers = {
        "Content-Disposition": f'attachment; filename="{sha256}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post(
    "/notes",
    status_code=201,
    summary="Keep a text, for systems that send signals",
    responses=documented("unreadable_body", "unknown_complaint", "too_large", "malformed"),
)
async def keep_note(note: NoteBody, behind: BehindRoutes, at: At) -> NoteKept:
    """Free text never travels through Temporal: a signal carries this id. The same text again is the same note."""
    as_sent(note)
    await known_ticket(behind, note.ticket_no)
    kept = await notes.keep(behind.engine, ticket_no=note.ticket_no, text=note.text, author=note.author, at=at)
    return NoteKept(note_id=kept)
