"""The evidence store, on a real folder."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.commands import EvidenceKind
from starter.evidence.store import (
    MAX_EVIDENCE_BYTES,
    EvidenceDamaged,
    EvidenceNotFound,
    EvidenceRefused,
    EvidenceStore,
    Stored,
    StoreUnavailable,
)
from tests.starter.evidence.pictures import TURNED, a_flood, a_picture, opened

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def a_zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_content_is_kept_under_its_hash_and_read_back(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    stored = await store.keep(pieces(PNG[:5], PNG[5:]), kind=EvidenceKind.PHOTO)
    digest = hashlib.sha256(PNG).hexdigest()
    assert stored == Stored(digest, len(PNG), "image/png", digest)
    assert await store.read(stored.sha256) == PNG


async def test_the_same_content_twice_is_one_file(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    assert await store.keep(pieces(PNG), kind=EvidenceKind.PHOTO) == await store.keep(
        pieces(PNG), kind=EvidenceKind.PHOTO
    )
    assert len(files_in(tmp_path)) == 1


async def test_what_is_kept_is_never_written_over(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    await store.keep(pieces(PNG), kind=EvidenceKind.PHOTO)
    (kept,) = files_in(tmp_path)
    kept.write_bytes(b"forged")
    with pytest.raises(EvidenceDamaged):
        await store.keep(pieces(PNG), kind=EvidenceKind.PHOTO)
    assert kept.read_bytes() == b"forged"


async def test_a_file_changed_behind_our_back_is_not_handed_out(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    stored = await store.keep(pieces(PNG), kind=EvidenceKind.PHOTO)
    files_in(tmp_path)[0].write_bytes(PNG + b"!")
    with pytest.raises(EvidenceDamaged):
        await store.read(stored.sha256)


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", "", "A" * 64, "0" * 65])
async def test_a_hash_nobody_handed_in_is_not_found(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(EvidenceNotFound):
        await EvidenceStore(tmp_path).read(sha256)


@pytest.mark.parametrize(
    ("content", "file_name", "media_type"),
    [
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(9), "a.png", "image/jpeg", id="the content counts, not the name"),
        pytest.param(b"GIF89a" + bytes(9), "", "image/gif", id="gif"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", "", "image/webp", id="webp"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", "", "audio/wav", id="wav"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0", "", "image/heic", id="an iPhone's photo"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0", "", "video/mp4", id="mp4"),
        pytest.param(b"\0\0\0\x14ftypqt  \0\0\0\0", "", "video/quicktime", id="an iPhone's video"),
        pytest.param(b"\0\0\0\x18ftypM4A \0\0\0\0", "", "audio/mp4", id="m4a"),
        pytest.param(b"ID3\x04" + bytes(9), "", "audio/mpeg", id="mp3 with tags"),
        pytest.param(b"\xff\xfb\x90\x64" + bytes(9), "", "audio/mpeg", id="mp3 without"),
        pytest.param(b"OggS" + bytes(9), "", "audio/ogg", id="ogg"),
        pytest.param(b"#!AMR\n" + bytes(9), "", "audio/amr", id="a phone's recorded call"),
        pytest.param(b"\xff\xf1\x50\x80" + bytes(9), "", "audio/aac", id="aac"),
        pytest.param(b"\x1aE\xdf\xa3\x93\x42\x82\x84webm", "", "video/webm", id="a browser's recording"),
        pytest.param(b"GIF89a=1;/*<script>alert(1)</script>*/", "a.html", "image/gif", id="a picture that is a script"),
        pytest.param(b"<svg onload='alert(1)'></svg>", "a.svg", "text/plain", id="a drawing with a script is text"),
        pytest.param(b"<html><script>alert(1)</script>", "a.jpg", "text/plain", id="a page named as a photo is text"),
        pytest.param(b"%PDF-1.7\n", "", "application/pdf", id="pdf"),
        pytest.param("日志：失火".encode(), "x.log", "text/plain", id="text in UTF-8"),
        pytest.param("故障码".encode("gb18030"), "x.txt", "text/plain", id="text of an older tool"),
        pytest.param("P0301".encode("utf-16"), "x.txt", "text/plain", id="text with a byte order mark"),
        pytest.param(b"t,v\r\n1,2\r\n", "Trace.CSV", "text/csv", id="csv by its name"),
        pytest.param(a_zip("trace.blf"), "", "application/zip", id="zip"),
    ],
)
async def test_the_content_says_what_it_is(tmp_path: Path, content: bytes, file_name: str, media_type: str) -> None:
    kept = await EvidenceStore(tmp_path).keep(pieces(content), kind=EvidenceKind.LOG, file_name=file_name)
    assert kept.media_type == media_type


@pytest.mark.parametrize(("part", "ending"), [("word/document.xml", "document"), ("xl/workbook.xml", "sheet")])
async def test_an_office_file_is_told_from_an_archive(tmp_path: Path, part: str, ending: str) -> None:
    content = a_zip("[Content_Types].xml", part)
    kept = await EvidenceStore(tmp_path).keep(pieces(content), kind=EvidenceKind.SUPPLIER_REPORT)
    assert kept.media_type.endswith(f"ml.{ending}")


@pytest.mark.parametrize(
    ("parts", "kind", "code"),
    [
        pytest.param([b"MZ\x90\0" + bytes(64)], EvidenceKind.LOG, "unsupported_media_type", id="a program"),
        pytest.param([b"\x7fELF" + bytes(64)], EvidenceKind.LOG, "unsupported_media_type", id="another program"),
        pytest.param([b"PK\x03\x04 torn"], EvidenceKind.LOG, "unsupported_media_type", id="a broken archive"),
        pytest.param([b"<svg>\0</svg>"], EvidenceKind.LOG, "unsupported_media_type", id="text with a NUL in it"),
        pytest.param([b"<svg/>"], EvidenceKind.PHOTO, "not_of_this_kind", id="a drawing handed in as a photo"),
        pytest.param(
            [b"\x1aE\xdf\xa3matroska"], EvidenceKind.VIDEO, "unsupported_media_type", id="no browser plays it"
        ),
        pytest.param([a_flood(60_000, 60_000)], EvidenceKind.PHOTO, "too_many_pixels", id="a pixel flood"),
        pytest.param([PNG], EvidenceKind.VIDEO, "not_of_this_kind", id="a photo handed in as a video"),
        pytest.param([], EvidenceKind.PHOTO, "empty", id="nothing"),
        pytest.param([PNG, bytes(MAX_EVIDENCE_BYTES)], EvidenceKind.PHOTO, "too_large", id="a byte too many"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    tmp_path: Path, parts: list[bytes], kind: EvidenceKind, code: str
) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        await EvidenceStore(tmp_path).keep(pieces(*parts), kind=kind)
    assert refused.value.code == code
    assert all(said.endswith(("。", ".")) for said in (refused.value.zh, refused.value.en))
    assert files_in(tmp_path) == []


async def test_a_file_of_the_largest_size_is_taken(tmp_path: Path) -> None:
    content = b"a" * MAX_EVIDENCE_BYTES
    stored = await EvidenceStore(tmp_path).keep(pieces(content), kind=EvidenceKind.LOG)
    assert stored.size == MAX_EVIDENCE_BYTES


async def test_a_picture_is_kept_without_its_place_and_known_by_both_hashes(tmp_path: Path) -> None:
    store, sent = EvidenceStore(tmp_path), a_picture("jpeg")
    stored = await store.keep(pieces(sent), kind=EvidenceKind.PHOTO)
    kept = await store.read(stored.sha256)
    assert stored.original_sha256 == hashlib.sha256(sent).hexdigest() != stored.sha256
    assert opened(kept).getexif()[0x0112] == TURNED
    assert not opened(kept).getexif().get_ifd(0x8825)


async def test_the_limit_is_a_setting_and_is_named(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, max_bytes=1 << 19)
    with pytest.raises(EvidenceRefused, match=r"over 0\.5 MB"):
        await store.keep(pieces(bytes(1 << 20)), kind=EvidenceKind.LOG)


async def test_a_file_changed_after_it_was_proven_is_found_out(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    stored = await store.keep(pieces(PNG), kind=EvidenceKind.PHOTO)
    assert (await store.proven(stored.sha256)).size == len(PNG)
    files_in(tmp_path)[0].write_bytes(PNG[::-1])
    with pytest.raises(EvidenceDamaged):
        await store.proven(stored.sha256)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        EvidenceStore(tmp_path / "file" / "evidence")
