"""Where a picture or a video was taken, taken out of the file in place.

It is looked for by its signatures wherever it stands, in whatever container: a phone's picture may hold a second one
behind the first, or a film. Pixels are never decoded, so nothing here can be blown up, and nothing is lost.

Not found: places in timed metadata tracks (action and dashboard cameras), and what can be seen in the picture itself.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path

from starter.evidence import exif

_MOST_FOUND = 256  # of one kind in a file; a phone writes a handful
_MOST_LOOKED_AT = 10_000
_TIFF = {b"II*\0": b"\x08\0\0\0", b"MM\0*": b"\0\0\0\x08"}  # how Exif data begins, and where its first directory stands
_XMP = re.compile(
    rb":(?:(?:GPS|Gps)\w{3,40}|City|State|ProvinceState|Country(?:Name|Code)?|Location\w{0,20}|Sublocation|WorldRegion)"
    rb"(?:\s{0,20}=\s{0,20}(?:\"([^\"\xff]{0,2000})|'([^'\xff]{0,2000}))|(?:\s[^<>\xff]{0,500})?>([^<\xff]{1,2000}))"
)
_IPTC = re.compile(rb"\x1c\x02[\x1a\x1b\x5a\x5c\x5f\x64\x65]([\x00-\x03].)", re.DOTALL)  # city, state, country…
_ISO_6709 = re.compile(rb"[+-]\d{2,6}\.\d{1,12}[+-]\d{3,7}\.\d{1,12}(?:[+-]\d{1,6}(?:\.\d{1,12})?)?")  # +39.9+116.4/
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_PNG_HIDES = (b"Raw profile type", b"XML:com.adobe.xmp")


def forget_places(path: Path, media_type: str) -> None:
    """Take the place out of the picture, video or sound at `path`; its length stays. Other types are left alone."""
    if not media_type.startswith(("image/", "video/", "audio/mp4")):
        return
    with path.open("r+b") as file, mmap(file.fileno(), 0) as data:
        for step in (_forget_exif, _forget_xmp, _forget_iptc, _forget_in_films):
            step(data)
        if media_type == "image/png":
            _mend_png(data)


def _forget_exif(data: mmap) -> None:
    for sign, first in _TIFF.items():
        for start in _begins(data, sign, first):
            exif.forget_place(data, start)


def _begins(data: mmap, sign: bytes, first: bytes) -> list[int]:
    """Where Exif data begins: the sign alone may stand anywhere."""
    found, at = list[int](), -4
    for _ in range(_MOST_LOOKED_AT):
        at = data.find(sign, at + 4)
        if at < 0 or len(found) == _MOST_FOUND:
            break
        before = data[max(at - 8, 0) : at]  # JPEG and HEIC, PNG, WebP
        is_named = before.endswith((b"Exif\0\0", b"eXIf")) or before.startswith(b"EXIF")
        if is_named or data[at + 4 : at + 8] == first:
            found.append(at)
    return found


def _forget_xmp(data: mmap) -> None:
    """Blank the values alone: what is left is well-formed XML of the same length."""
    if data.find(b"adobe") < 0 and data.find(b"xmpmeta") < 0:
        return
    _blank(data, 0, len(data), _XMP)


def _blank(data: mmap, begin: int, end: int, pattern: re.Pattern[bytes]) -> None:
    spans = [
        found.span(found.lastindex or 0) for found in pattern.finditer(data, begin, end)
    ]  # the file must not change under the search
    for start, stop in spans:
        data[start:stop] = b" " * (stop - start)


def _forget_iptc(data: mmap) -> None:
    end = 0
    for _ in range(_MOST_FOUND):
        at = data.find(b"8BIM\x04\x04", end)
        if at < 0:
            return
        end = min(at + (1 << 16), len(data))
        for found in list(_IPTC.finditer(data, at, end)):
            size = int.from_bytes(found[1], "big")
            stop = min(found.end() + size, len(data))
            data[found.end() : stop] = b" " * (stop - found.end())


def _forget_in_films(data: mmap) -> None:
    """QuickTime's and Android's strings, and 3GPP's box, in the headers of a film."""
    for begin, end in _boxes(data, b"moov", most=len(data)):
        _blank(data, begin, end, _ISO_6709)
    for begin, end in _boxes(data, b"loci", most=1024):
        data[begin:end] = bytes(end - begin)
        data[begin - 4 : begin] = b"free"


def _boxes(data: mmap, kind: bytes, *, most: int) -> list[tuple[int, int]]:
    """Where the contents of such boxes begin and end."""
    found: list[tuple[int, int]] = []
    at = data.find(kind)
    while at >= 4 and len(found) < _MOST_FOUND:
        size = int.from_bytes(data[at - 4 : at], "big")
        end = at - 4 + size
        if 8 < size <= most and end <= len(data):
            found.append((at + 4, end))
            at = end
        at = data.find(kind, at + 4)
    return found


def _mend_png(data: mmap) -> None:
    """Blank texts that hide metadata from the search, and make the checksums of what was changed right again."""
    for kind, begin, end in _chunks(data):
        if kind in _PNG_TEXTS and data[begin : begin + 20].startswith(_PNG_HIDES):
            data[begin - 4 : begin] = b"tEXt"
            data[begin:end] = b"Comment\0".ljust(end - begin)
        if kind in (*_PNG_TEXTS, b"eXIf"):
            data[end : end + 4] = struct.pack(">I", zlib.crc32(data[begin - 4 : end]))


def _chunks(data: mmap) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's kind, and where its content begins and ends."""
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + size
        if end + 4 > len(data):
            return
        yield data[at + 4 : at + 8], at + 8, end
        at = end + 4
