"""What a file is, by its content: a name or a header may say anything."""

from mmap import ACCESS_READ, mmap
from pathlib import Path

PDF, ZIP, TEXT, CSV = "application/pdf", "application/zip", "text/plain", "text/csv"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),  # a Chinese phone's recorded call
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
    b"MSNV",
    b"3gp4",
    b"3gp5",
)
_OFFICE = {b"word/document.xml": DOCX, b"xl/workbook.xml": XLSX}
_ZIP_TAIL = 22 + (1 << 16)  # the end record and the longest comment
_ENCODINGS = ("utf-8", "gb18030")  # a Chinese tool's log is often neither ASCII nor UTF-8
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\x1b")


def media_type_of(path: Path, *, file_name: str = "") -> str:
    """The media type of the file at `path`, "" when it is none that we take. `file_name` only tells CSV from text."""
    with path.open("rb") as file:
        head = file.read(64)
    return _by_start(head) or _by_container(head) or _by_zip(path, head) or _by_text(path, head, file_name)


def _by_start(head: bytes) -> str:
    if found := next((kind for start, kind in _STARTS if head.startswith(start)), ""):
        return found
    is_mpeg_frame = len(head) > 2 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2, 0xFA)
    return "audio/mpeg" if is_mpeg_frame else ""


def _by_container(head: bytes) -> str:
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head else ""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] != b"ftyp":
        return ""
    brand = head[8:12]
    if brand in _HEIF_BRANDS:
        return "image/heic"
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/mp4" if brand in _MP4_BRANDS else ""


def _by_zip(path: Path, head: bytes) -> str:
    """By the list of contents at the end, which is only looked through: unpacking it is what a bomb waits for."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        end = data.rfind(b"PK\x05\x06", max(len(data) - _ZIP_TAIL, 0))
        if end < 0 or end + 22 > len(data):
            return ""
        listed = int.from_bytes(data[end + 16 : end + 20], "little")
        return next((kind for part, kind in _OFFICE.items() if data.find(part, listed, end) >= 0), ZIP)


def _by_text(path: Path, head: bytes, file_name: str) -> str:
    encodings = ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else _ENCODINGS
    if not head or not any(_reads_as(path, encoding) for encoding in encodings):
        return ""
    return CSV if file_name.lower().endswith(".csv") else TEXT


def _reads_as(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as file:
            while piece := file.read(1 << 16):
                if not _CONTROLS.isdisjoint(piece):
                    return False
    except UnicodeError:
        return False
    return True
