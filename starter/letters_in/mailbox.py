"""A mailbox read by IMAP: each letter is taken and then moved out of the way; none is lost, and none counts twice."""

import asyncio
import contextlib
import imaplib
import logging
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from ledger.database import LedgerUnavailable
from settings import utc_now
from starter.evidence.store import EvidenceDamaged, StoreUnavailable
from starter.http.behind import Behind
from starter.letters_in.taking import What, take
from starter.stopping import CannotGoOn

EVERY = timedelta(seconds=30)
AT_ONCE = 100  # letters in one reading
FOLDERS = {
    What.NEW: "Vocloop-Taken",
    What.AGAIN: "Vocloop-Taken",
    What.ADDED: "Vocloop-Taken",
    What.ASIDE: "Vocloop-Aside",
}
REFUSED = "Vocloop-Refused"  # nothing could be made of it: somebody has to look
_TIMEOUT_S = 30
_AWAY = (LedgerUnavailable, StoreUnavailable, EvidenceDamaged)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")

T = TypeVar("T")
_log = logging.getLogger("vocloop.mailbox")


class MailboxAway(Exception):  # noqa: N818 - it may be back soon
    """It cannot be read now; the text says why, without the password."""


class Mailbox:
    """One connection. Every call waits for the server at most half a minute, in a thread."""

    def __init__(self, where: SplitResult) -> None:
        self._where = where
        self._imap: Any = None  # imaplib's, once it is connected

    async def letters(self) -> list[bytes]:
        """The UIDs of what lies in it, the oldest first. Raises MailboxAway."""
        self._imap = await _asked(self._connected)
        found = await self._do("SEARCH", "ALL")
        return bytes(found[0] or b"").split()[:AT_ONCE]

    async def letter(self, uid: bytes, *, most: int) -> bytes | None:
        """None of one that is longer than `most` bytes."""
        told = await self._do("FETCH", uid.decode(), "(RFC822.SIZE)")
        size = _SIZE.search(b" ".join(each for each in told if isinstance(each, bytes)))
        if size is None or int(size[1]) > most:
            return None
        found = await self._do("FETCH", uid.decode(), "(BODY.PEEK[])")
        return next((each[1] for each in found if isinstance(each, tuple)), None)

    async def move(self, uid: bytes, folder: str) -> None:
        """By copying and then deleting: a letter may be there twice for a moment, and never not at all."""
        await self._do("COPY", uid.decode(), folder)
        await self._do("STORE", uid.decode(), "+FLAGS.SILENT", "(\\Deleted)")
        await _asked(lambda: self._imap.expunge())

    async def close(self) -> None:
        if self._imap is not None:
            with contextlib.suppress(MailboxAway):
                await _asked(self._imap.logout)

    async def _do(self, *command: str) -> list[Any]:
        def ask() -> list[Any]:
            status, found = self._imap.uid(*command)
            if status != "OK":
                raise imaplib.IMAP4.error(f"{command[0]}: {found}")
            return list(found)

        return await _asked(ask)

    def _connected(self) -> Any:
        host, port = self._where.hostname or "", self._where.port
        if self._where.scheme == "imaps":
            imap: Any = imaplib.IMAP4_SSL(
                host, port or 993, ssl_context=ssl.create_default_context(), timeout=_TIMEOUT_S
            )
        else:
            imap = imaplib.IMAP4(host, port or 143, timeout=_TIMEOUT_S)
        try:
            self._enter(imap)
        except BaseException:  # whatever it was: nobody else closes it
            imap.shutdown()
            raise
        return imap

    def _enter(self, imap: Any) -> None:
        if self._where.scheme == "imap" and "STARTTLS" in imap.capabilities:
            imap.starttls(ssl.create_default_context())
        imap.login(unquote(self._where.username or ""), unquote(self._where.password or ""))
        for folder in {*FOLDERS.values(), REFUSED}:
            imap.create(folder)  # says NO where it is there
        status, said = imap.select(unquote(self._where.path.strip("/")) or "INBOX")
        if status != "OK":
            raise imaplib.IMAP4.error(f"SELECT: {said}")


def address_of(setting: str) -> SplitResult:
    """VOCLOOP_MAILBOX: imaps://user:password@host/INBOX. Raises CannotGoOn."""
    where = urlsplit(setting)
    if where.scheme not in ("imap", "imaps") or not (where.hostname and where.username and where.password):
        raise CannotGoOn("VOCLOOP_MAILBOX is no mailbox: write imaps://user:password@host/INBOX.")
    return where


async def read_all(behind: Behind, where: SplitResult) -> Counter[str]:
    """Take what lies in the mailbox; how many became what. Raises MailboxAway; what was not taken lies there still."""
    box, done = Mailbox(where), Counter[str]()
    try:
        for uid in await box.letters():
            raw = await box.letter(uid, most=2 * behind.settings.max_evidence_bytes)
            folder = await _taken(behind, raw, done)
            await box.move(uid, folder)
    finally:
        await box.close()
    return done


async def _taken(behind: Behind, raw: bytes | None, done: Counter[str]) -> str:
    """Where it goes. One letter of which nothing can be made never stands in the way of the others."""
    if raw is None:
        done["refused"] += 1
        return REFUSED
    try:
        taken = await take(behind, raw, at=utc_now())
    except _AWAY as away:
        raise MailboxAway(f"what was read cannot be kept: {type(away).__name__}") from away
    except Exception as error:  # noqa: BLE001 - the edge of a loop that must outlive every letter
        _log.error("a letter could not be read and lies in %s: %s", REFUSED, type(error).__name__)
        done["refused"] += 1
        return REFUSED
    done[taken.what] += 1
    return FOLDERS[taken.what]


@asynccontextmanager
async def reading_mail(behind: Behind) -> AsyncIterator[None]:
    """Read the mailbox, where one is set, for as long as this lasts. Raises CannotGoOn for one that is none."""
    if not behind.settings.mailbox:
        yield
        return
    task = asyncio.create_task(_for_ever(behind, address_of(behind.settings.mailbox)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _for_ever(behind: Behind, where: SplitResult) -> None:
    while True:
        try:
            if done := await read_all(behind, where):
                _log.info("mailbox: %s", ", ".join(f"{count} {what}" for what, count in sorted(done.items())))
        except MailboxAway as away:
            _log.warning("the mailbox cannot be read: %s", away)
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("the mailbox cannot be read: %s", type(error).__name__)
        await asyncio.sleep(EVERY.total_seconds())


async def _asked(call: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(call)
    except (OSError, imaplib.IMAP4.error) as error:
        # A refused login repeats the server's words, which are not ours to trust with a password in them.
        raise MailboxAway(type(error).__name__ if isinstance(error, OSError) else str(error)[:120]) from None
