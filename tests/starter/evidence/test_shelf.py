"""What evidence asks of a place to stand in, of a disk and of S3 alike."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from domain.commands import EvidenceKind
from settings import Settings
from starter.evidence import checking
from starter.evidence.opening import open_store, store_at
from starter.evidence.store import EvidenceDamaged, EvidenceNotFound, EvidenceStore, StoreUnavailable
from starter.stopping import CannotGoOn
from tests.starter.evidence.buckets import a_store, s3_settings, server

LOG = b"P0301 misfire\n" * 30_000  # more than a piece
SHA256 = hashlib.sha256(LOG).hexdigest()
BOTH = pytest.mark.parametrize("where", ["disk", "s3"])


async def pieces(content: bytes = LOG) -> AsyncIterator[bytes]:
    yield content


async def kept(store: EvidenceStore, content: bytes = LOG) -> str:
    return (await store.keep(pieces(content), kind=EvidenceKind.LOG)).sha256


async def forge(store: EvidenceStore, content: bytes) -> None:
    """Write over what stands there, as only somebody who goes round us can."""
    shelf: Any = store._shelf
    import obstore

    await obstore.put_async(shelf._store, f"{SHA256[:2]}/{SHA256}", content, use_multipart=False)


@BOTH
async def test_a_file_comes_back_as_it_was_and_is_there_once(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    assert [await kept(store) for _ in range(2)] == [SHA256] * 2
    assert await store.read(SHA256) == LOG
    assert [(each.sha256, each.size) async for each in store.every()] == [(SHA256, len(LOG))]


@BOTH
async def test_of_many_who_write_it_at_once_one_does(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    assert sum(await asyncio.gather(*(store.adopt(SHA256, LOG) for _ in range(6)))) == 1


@BOTH
async def test_a_changed_byte_is_never_handed_out_nor_written_over(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    await kept(store)
    proven = await store.proven(SHA256)
    await forge(store, b"!" + LOG[1:])
    for asked in (store.read(SHA256), store.proven(SHA256), kept(store), anext(store.pieces(proven, begin=0, end=9))):
        with pytest.raises(EvidenceDamaged):
            await asked


@BOTH
async def test_a_part_is_that_part(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    await kept(store)
    part = store.pieces(await store.proven(SHA256), begin=7, end=300_007)
    assert b"".join([piece async for piece in part]) == LOG[7:300_007]


@BOTH
async def test_an_erased_file_is_gone_and_erasing_it_again_does_nothing(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    await kept(store)
    assert await store.has(SHA256)
    assert [await store.erase(SHA256), await store.erase(SHA256), await store.has(SHA256)] == [True, False, False]
    with pytest.raises(EvidenceNotFound):
        await store.read(SHA256)


@BOTH
async def test_a_store_is_proven_fit_by_a_file_that_it_keeps_no_longer(where: str, tmp_path: Path) -> None:
    store = a_store(where, tmp_path)
    async with httpx2.AsyncClient(trust_env=False) as http:
        said = [line async for line in checking.check(store, http)]
    assert len(said) == (4 if where == "s3" else 3)
    assert [each async for each in store.every()] == []


async def test_a_link_to_s3_opens_the_file_to_be_saved_under_a_name_of_nobody(tmp_path: Path) -> None:
    store = a_store("s3", tmp_path)
    await store.keep(pieces(), kind=EvidenceKind.LOG, file_name="王小明.html")
    address = await store.link(SHA256, lasting=timedelta(seconds=60))
    assert address
    assert "X-Amz-Expires=60&" in address
    async with httpx2.AsyncClient(trust_env=False) as http:
        opened, bare = await http.get(address), await http.get(address.partition("?")[0])
    assert opened.content == LOG
    assert opened.headers["content-disposition"] == f'attachment; filename="{SHA256[:12]}.txt"'
    assert opened.headers["content-type"] == "application/octet-stream"
    assert bare.status_code == 403


async def test_no_link_to_a_file_that_is_damaged_or_stands_on_a_disk(tmp_path: Path) -> None:
    disk, s3 = a_store("disk", tmp_path), a_store("s3", tmp_path)
    for store in (disk, s3):
        await kept(store)
    assert await disk.link(SHA256, lasting=timedelta(seconds=60)) is None
    await forge(s3, b"forged")
    with pytest.raises(EvidenceDamaged):
        await s3.link(SHA256, lasting=timedelta(seconds=60))


async def test_a_bucket_that_is_not_there_is_said_and_no_file_is_taken_for_lost(tmp_path: Path) -> None:
    store = open_store(Settings(**s3_settings(tmp_path, bucket="nowhere")))
    every = store.every()
    for asked in (store.read(SHA256), kept(store), anext(every)):
        with pytest.raises(StoreUnavailable, match="bucket of the evidence store does not exist"):
            await asked


async def test_an_s3_that_is_away_is_a_store_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.evidence.opening._RETRY", {"max_retries": 0})
    gone = {**s3_settings(tmp_path), "evidence_endpoint": "http://127.0.0.1:9"}
    store = open_store(Settings(**gone))
    for asked in (store.read(SHA256), kept(store), store.erase(SHA256)):
        with pytest.raises(StoreUnavailable):
            await asked


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"evidence_url": "/srv/evidence"}, "address like file:///srv/evidence"),  # a path is no address
        ({"evidence_url": "s3:///prefix"}, "s3://bucket/prefix"),  # no bucket
        ({"evidence_url": "file://server/share"}, "file:///"),  # another machine's
        ({"evidence_url": "s3://b", "evidence_key_id": "k"}, "or neither of them"),
        ({"evidence_url": "file:///proc/nowhere"}, "cannot be written to"),
    ],
)
def test_settings_that_name_no_store_are_said_at_once(fields: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match=said):
        open_store(Settings(home=tmp_path, **fields))


async def test_a_folder_may_stand_anywhere(tmp_path: Path) -> None:
    store = store_at(f"file://{tmp_path}/%E8%AF%81%E6%8D%AE", Settings(home=tmp_path / "home"))
    await kept(store)
    assert (tmp_path / "证据" / "kept" / SHA256[:2] / SHA256).read_bytes() == LOG


def test_the_server_speaks_plain_http_on_this_machine_alone() -> None:
    assert server().startswith("http://127.0.0.1:")
