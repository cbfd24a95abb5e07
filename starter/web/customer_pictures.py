"""The customer's form with its pictures, which become files of the complaint without the place they were taken at."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from domain.commands import EvidenceKind
from domain.wording import Both
from ledger import evidence
from starter.evidence.keeping import keep_upload
from starter.evidence.store import EvidenceRefused
from starter.http.behind import Behind
from starter.web.customer_reply import UnreadableReply
from starter.web.customer_visit import CUSTOMER

MOST_PICTURES = 5  # with one answer or word
MOST_OF_ALL = 60  # on one complaint, from this page
FORM_BYTES = 64 * 1024  # what a form is without its pictures
_MOST_FIELDS = 40
_MOST_PARTS = 40  # pictures that are read, so that whoever chose too many keeps their words
_PIECE = 1 << 16


class PictureRefused(ValueError):  # noqa: N818 - an answer to the customer
    """`said` is what to do about it, in Chinese and in English."""

    def __init__(self, said: Both) -> None:
        self.said = said
        super().__init__(said[1])


class Form(NamedTuple):
    fields: dict[str, str]
    pictures: tuple[UploadFile, ...]


@contextlib.asynccontextmanager
async def filled_in(request: Request) -> AsyncIterator[Form]:
    """What was sent; its pictures go when this ends. Raises UnreadableReply; the fields are lost then."""
    try:
        form = await request.form(max_files=_MOST_PARTS, max_fields=_MOST_FIELDS)
    except HTTPException as fault:
        await _hear_out(request)
        too_many = "files" in str(fault.detail)
        raise UnreadableReply("fault.pictures_too_many" if too_many else "fault.answer_wrong") from None
    try:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        sent = [each for each in form.getlist("pictures") if isinstance(each, UploadFile)]
        yield Form(fields, tuple(each for each in sent if each.filename and each.size))
    finally:
        await form.close()


async def kept(behind: Behind, ticket_no: str, pictures: Sequence[UploadFile], *, at: datetime) -> tuple[str, ...]:
    """The SHA-256 each is kept under.

    Raises PictureRefused, UnreadableReply, StoreUnavailable, EvidenceDamaged, LedgerUnavailable.
    """
    if len(pictures) > MOST_PICTURES:
        raise UnreadableReply("fault.pictures_too_many")
    if pictures:
        rows = await evidence.of_ticket(behind.engine, ticket_no)
        if sum(row.by == CUSTOMER for row in rows) + len(pictures) > MOST_OF_ALL:
            raise UnreadableReply("fault.enough")
    found = [await _kept(behind, ticket_no, picture, at=at) for picture in pictures]
    return tuple(dict.fromkeys(found))


async def _kept(behind: Behind, ticket_no: str, picture: UploadFile, *, at: datetime) -> str:
    try:
        stored = await keep_upload(
            *(behind.store, behind.engine, _pieces(picture)),
            ticket_no=ticket_no,
            kind=EvidenceKind.PHOTO,
            at=at,
            file_name=picture.filename or "",
            by=CUSTOMER,
        )
    except EvidenceRefused as refused:
        raise PictureRefused((refused.zh, refused.en)) from None
    return stored.sha256


async def _pieces(picture: UploadFile) -> AsyncIterator[bytes]:
    while piece := await picture.read(_PIECE):
        yield piece


async def _hear_out(request: Request) -> None:
    """Most browsers show no answer before they have sent all. The edge says how much that may be."""
    more = True
    while more:
        message = await request.receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
