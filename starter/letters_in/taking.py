"""A letter taken: a ticket of its own, the customer's further words on the complaint it answers, or laid aside."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.commands import EvidenceKind
from domain.complaint import Stage
from domain.ticket import Ticket
from ledger import notes, queries, tickets
from starter.commands import Admission
from starter.evidence.keeping import keep_upload
from starter.evidence.store import EvidenceRefused
from starter.http.behind import Behind
from starter.letters_in.reading import Attachment, Letter, read

CUSTOMER = "customer"  # who wrote a note or handed in a file
MOST_FILES = 10  # of one letter
MOST_WORDS = 100  # letters on one complaint
_KINDS = {"image": EvidenceKind.PHOTO, "video": EvidenceKind.VIDEO, "audio": EvidenceKind.AUDIO}
_SHOWN = 2_000  # of a letter that answers, on its complaint


class What(StrEnum):
    NEW = "new"
    AGAIN = "again"  # it was taken before
    ADDED = "added"  # to the complaint that it answers
    ASIDE = "aside"


class Taken(NamedTuple):
    """`ticket_no` is "" of what was laid aside; `why` says why, or which files were not kept."""

    what: What
    ticket_no: str = ""
    why: str = ""


async def take(behind: Behind, raw: bytes, *, at: datetime) -> Taken:
    """Safe to repeat. Raises LedgerUnavailable, StoreUnavailable and EvidenceDamaged, with nothing of it lost."""
    letter = read(raw, received_at=at, ours=behind.settings.smtp_sender)
    if letter.aside:
        return Taken(What.ASIDE, why=letter.aside)
    if about := await _answered(behind, letter):
        return await _added(behind, about, letter, at=at)
    return await _opened(behind, letter, at=at)


async def _answered(behind: Behind, letter: Letter) -> str:
    """The open complaint that its subject names and whose customer has this very address; "" where there is none."""
    for number, ticket in (await tickets.of_many(behind.engine, letter.named)).items():
        c = await queries.complaint(behind.engine, number)
        is_theirs = letter.sender and ticket.customer.email.lower() == letter.sender
        if is_theirs and c and c.stage is not Stage.CLOSED:
            return number
    return ""


async def _added(behind: Behind, ticket_no: str, letter: Letter, *, at: datetime) -> Taken:
    files, refused = await _kept(behind, ticket_no, letter, at=at)
    words = "\n".join((letter.ticket.words[:_SHOWN], *refused))
    taken = await add(behind, ticket_no, words, of=letter.ticket.ticket_no, at=at)
    return taken._replace(why=taken.why or "; ".join(refused) or f"{len(files)} files")


async def add(behind: Behind, ticket_no: str, words: str, *, of: str, at: datetime) -> Taken:
    """The customer's further words on a complaint, as those from their own page are; nothing is answered or closed by
    them. `of` is what came, so that the same counts once.
    """
    written = [note for note in await notes.of_ticket(behind.engine, ticket_no) if note.author == CUSTOMER]
    if any(note.text.startswith(f"[{of}]") for note in written):
        return Taken(What.AGAIN, ticket_no)
    if len(written) >= MOST_WORDS:
        return Taken(What.ASIDE, why="enough")
    await notes.keep(behind.engine, ticket_no=ticket_no, text=f"[{of}] {words}", author=CUSTOMER, at=at)
    return Taken(What.ADDED, ticket_no)


async def _opened(behind: Behind, letter: Letter, *, at: datetime) -> Taken:
    number = letter.ticket.ticket_no
    if await tickets.get(behind.engine, number):
        return Taken(What.AGAIN, number)
    files, refused = await _kept(behind, number, letter, at=at)
    words = "\n".join((letter.ticket.words, *refused))
    ticket: Ticket = letter.ticket.model_copy(update={"files": files, "words": words})
    admission = await behind.complaints.open(ticket, received_at=at)
    return Taken(What.NEW if admission is Admission.NEW else What.AGAIN, number, "; ".join(refused))


async def _kept(behind: Behind, ticket_no: str, letter: Letter, *, at: datetime) -> tuple[tuple[str, ...], list[str]]:
    """The SHA-256 of what was kept, and a sentence for each file that was not."""
    found: list[str] = []
    refused: list[str] = []
    attached = [*letter.attachments]
    if letter.whole:
        attached.insert(0, Attachment("letter.txt", "text", letter.whole.encode()))
    for each in attached[:MOST_FILES]:
        try:
            found.append(await _one(behind, ticket_no, each, at=at))
        except EvidenceRefused as fault:
            refused.append(f"({each.name}: {fault.en if letter.ticket.customer.language == 'en' else fault.zh})")
    refused += [f"({each.name})" for each in attached[MOST_FILES:]]
    return tuple(dict.fromkeys(found)), refused


async def _one(behind: Behind, ticket_no: str, file: Attachment, *, at: datetime) -> str:
    async def data() -> AsyncIterator[bytes]:
        yield file.data

    kept = await keep_upload(
        *(behind.store, behind.engine, data()),
        ticket_no=ticket_no,
        kind=_KINDS.get(file.media, EvidenceKind.DOCUMENT),
        at=at,
        file_name=file.name,
        by=CUSTOMER,
    )
    return kept.sha256
