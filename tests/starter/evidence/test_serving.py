"""What a browser gets of a file, over the store's real files."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.responses import StreamingResponse

from domain.commands import EvidenceKind
from ledger.evidence import EvidenceRow
from starter.evidence.serving import RangeNotSatisfiable, served, serving
from starter.evidence.store import EvidenceStore
from tests.builders import T0

SOUND = b"ID3" + bytes(range(256)) * 4000
SIZE = len(SOUND)


def a_row(media_type: str = "audio/mpeg", *, file_name: str = "异响.mp3") -> EvidenceRow:
    sha256 = hashlib.sha256(SOUND).hexdigest()
    return EvidenceRow("T-1", sha256, "audio", media_type, SIZE, file_name, T0, "e-1")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def answered(folder: Path, wanted: str, *, only_if: str = "") -> tuple[int, bytes, dict[str, str]]:
    store = EvidenceStore(folder)
    await store.keep(pieces(SOUND), kind=EvidenceKind.AUDIO)
    response = await served(store, a_row(), wanted=wanted, only_if=only_if)
    if isinstance(response, StreamingResponse):
        content = b"".join([piece async for piece in response.body_iterator if isinstance(piece, bytes)])
    else:
        content = bytes(response.body)
    return response.status_code, content, dict(response.headers)


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        pytest.param("bytes=0-", 0, SIZE, id="what a browser asks first"),
        pytest.param("bytes=0-1", 0, 2, id="what Safari asks first"),
        pytest.param("bytes=700000-900000", 700_000, 900_001, id="from the middle"),
        pytest.param("bytes=-100", SIZE - 100, SIZE, id="the tail"),
        pytest.param(f"bytes=5-{SIZE * 2}", 5, SIZE, id="an end behind the end"),
        pytest.param(f"bytes=-{SIZE * 2}", 0, SIZE, id="a tail longer than the file"),
    ],
)
async def test_a_range_is_answered_with_that_part(tmp_path: Path, wanted: str, begin: int, end: int) -> None:
    status, content, headers = await answered(tmp_path, wanted)
    assert (status, content) == (206, SOUND[begin:end])
    assert headers["content-range"] == f"bytes {begin}-{end - 1}/{SIZE}"
    assert headers["content-length"] == str(end - begin)


@pytest.mark.parametrize("wanted", ["", "bytes=", "bytes=-", "bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"])
async def test_what_is_no_range_gets_the_whole_file(tmp_path: Path, wanted: str) -> None:
    status, content, headers = await answered(tmp_path, wanted)
    assert (status, content, headers["accept-ranges"]) == (200, SOUND, "bytes")
    assert "content-range" not in headers


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=-0", "bytes=999999999999-"])
async def test_a_range_behind_the_end_is_refused_with_the_size(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        await answered(tmp_path, wanted)
    assert refused.value.size == SIZE


@pytest.mark.parametrize(("only_if", "status"), [(f'"{a_row().sha256}"', 206), ('"another"', 200)])
async def test_a_part_of_another_file_is_never_sent(tmp_path: Path, only_if: str, status: int) -> None:
    assert (await answered(tmp_path, "bytes=0-9", only_if=only_if))[0] == status


@pytest.mark.parametrize(
    ("media_type", "disposition"),
    [
        ("image/jpeg", "inline"),
        ("video/mp4", "inline"),
        ("audio/amr", "inline"),
        ("application/pdf", "attachment"),  # its viewers do not work in a sandbox
        ("text/plain", "attachment"),  # it may be a page
        ("text/html", "attachment"),  # a row from nowhere
        ("image/svg+xml", "attachment"),
        ("", "attachment"),
    ],
)
def test_only_what_is_safe_to_show_is_shown(media_type: str, disposition: str) -> None:
    headers = serving(a_row(media_type))
    assert headers["Content-Disposition"].startswith(disposition)
    assert headers["Content-Type"] == (media_type if disposition == "inline" else "application/octet-stream")
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_reaches_the_browser_whole_and_breaks_no_header() -> None:
    said = serving(a_row(file_name='异响 "1";\r\nX: y.mp3'))["Content-Disposition"]
    assert said.endswith("filename*=UTF-8''%E5%BC%82%E5%93%8D%20%221%22%3B%0D%0AX%3A%20y.mp3")
    assert said.isascii()
    assert said.isprintable()
    assert serving(a_row(file_name=""))["Content-Disposition"].split('"')[1] == f"{a_row().sha256[:12]}.mp3"
