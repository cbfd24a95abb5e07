"""Proving that a store does what evidence asks of it, with a file of no content that is deleted again."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx2

from starter.evidence.store import EvidenceDamaged, EvidenceNotFound, EvidenceStore, StoreUnavailable
from starter.stopping import CannotGoOn

_OVERWRITES = "The store writes over what stands there: choose one that honours If-None-Match on PUT."
_CHANGES = "The store gives back other bytes than it took: do not use it."
_NO_LINKS = "A link to the store does not open: let the endpoint's address be reached from here as from browsers."
_SHOWN = "The store does not say that a file is to be saved: it must keep Content-Disposition."
_PUBLIC = "The bucket opens its files to anybody: take its public access away."
_STAYS = "The store does not delete: give this key the right to, or evidence cannot be erased."


async def check(store: EvidenceStore, http: httpx2.AsyncClient) -> AsyncIterator[str]:
    """What was proven, line by line. Raises CannotGoOn with what is wrong."""
    content = f"vocloop {secrets.token_hex(16)}\n".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    is_proven = False
    try:
        await store.adopt(sha256, content)
        yield "takes a file and gives it back whole"
        if await store.adopt(sha256, content):
            raise CannotGoOn(_OVERWRITES)
        yield "refuses to write over it"
        address = await store.link(sha256, lasting=timedelta(minutes=1))
        if address:
            await _check_links(address, content, http)
            yield "opens it to a link, to be saved, and to nobody else"
        is_proven = True
    except StoreUnavailable as away:
        raise CannotGoOn(str(away)) from None
    except (EvidenceDamaged, EvidenceNotFound):
        raise CannotGoOn(_CHANGES) from None
    finally:
        try:
            await _delete(store, sha256)
        except CannotGoOn:
            if is_proven:  # else what was wrong before is what to mend first: a store that is down deletes nothing
                raise
    yield "deletes it"


async def _check_links(address: str, content: bytes, http: httpx2.AsyncClient) -> None:
    try:
        signed = await http.get(address)
        bare = await http.get(urlunsplit(urlsplit(address)._replace(query="")))
    except httpx2.HTTPError:
        raise CannotGoOn(_NO_LINKS) from None
    if signed.content != content:
        raise CannotGoOn(_NO_LINKS)
    if not signed.headers.get("content-disposition", "").startswith("attachment"):
        raise CannotGoOn(_SHOWN)
    if bare.status_code == httpx2.codes.OK:
        raise CannotGoOn(_PUBLIC)


async def _delete(store: EvidenceStore, sha256: str) -> None:
    try:
        is_gone = await store.erase(sha256) or not await store.has(sha256)
    except StoreUnavailable:
        is_gone = False
    if not is_gone or await store.has(sha256):
        raise CannotGoOn(_STAYS)
