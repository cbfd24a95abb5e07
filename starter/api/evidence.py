"""Proof and notes: what is kept in our database and store, so that commands need only name it."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from domain.access import Permission
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
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import MAX_WHY, check_concerned, disclose
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, Problem, documented

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
    """`author` is who says it, by an id of yours; a person's own id where a person asks."""

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
    who: Who,
    behind: BehindRoutes,
    at: At,
    by: Annotated[str, Form(max_length=200, description="For whom a system uploads it, by an id of yours.")] = "",
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
        by=(who.is_system and by.replace("\x00", "")) or who.id,
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
    dependencies=[needs(Permission.SEE_FILES)],
    summary="Download a file of evidence",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file, to be saved and not opened."},
        **documented(
            *ACCESS, "not_concerned", "unknown_complaint", "evidence_not_found", "malformed", "store_unavailable"
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
) -> Response:
    """Pictures, sound and films say what they are, so that a page may show them; all else is a file to be saved."""
    ticket = await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    row = await evidence.get(behind.engine, ticket_no=ticket_no, sha256=sha256)
    if row is None and sha256 not in ticket.files:
        raise Problem("evidence_not_found")
    content = await _read(behind, sha256)
    await disclose(behind, ticket_no, who=who, what=f"evidence:{sha256}", why=why, at=at)
    return Response(
        content, media_type=_shown_as(row.media_type if row else ""), headers={**_GUARDED, **_named(sha256)}
    )


_GUARDED = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store"}


def _named(sha256: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{sha256}"', "X-Content-Type-Options": "nosniff"}


def _shown_as(media_type: str) -> str:
    """Its own type where a browser only draws or plays it. We judged the type by the content: none holds scripts."""
    is_drawn = media_type.partition("/")[0] in ("image", "audio", "video")
    return media_type if is_drawn else "application/octet-stream"


async def _read(behind: Behind, sha256: str) -> bytes:
    try:
        return await behind.store.read(sha256)
    except EvidenceNotFound:
        raise Problem("evidence_not_found") from None
    except (StoreUnavailable, EvidenceDamaged):
        raise Problem("store_unavailable") from None


@router.post(
    "/notes",
    dependencies=[needs(Permission.ACT)],
    status_code=201,
    summary="Keep a text, for systems that send signals",
    responses=documented("unreadable_body", *ACCESS, "unknown_complaint", "too_large", "malformed"),
)
async def keep_note(note: NoteBody, who: Who, behind: BehindRoutes, at: At) -> NoteKept:
    """Free text never travels through Temporal: a signal carries this id. The same text again is the same note."""
    as_sent(note)
    await known_ticket(behind, note.ticket_no)
    author = note.author if who.is_system else who.id
    kept = await notes.keep(behind.engine, ticket_no=note.ticket_no, text=note.text, author=author, at=at)
    return NoteKept(note_id=kept)
