"""How many pixels a picture says it has, read from its headers alone: decoding it is what a bomb waits for."""

import re
from mmap import ACCESS_READ, mmap
from pathlib import Path

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's start-of-frame markers
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MOST_SEGMENTS = 4096
_MOST_SPATIAL = 1024  # HEIF's sizes, one for each tile, thumbnail and the whole


def pixels_of(path: Path, media_type: str) -> int:
    """Width times height, the largest where there are several; 0 when the headers do not say."""
    if media_type not in _READERS:
        return 0
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return _READERS[media_type](data)


def _png(data: mmap) -> int:
    return _big(data, 16, 4) * _big(data, 20, 4)


def _gif(data: mmap) -> int:
    return _little(data, 6, 2) * _little(data, 8, 2)


def _jpeg(data: mmap) -> int:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 9 > len(data):
            return 0
        marker = data[at + 1]
        if marker in _FRAMES:
            return _big(data, at + 5, 2) * _big(data, at + 7, 2)
        at += 1 if marker in (0xFF, 0x00) else 2 if marker in _BARE else 2 + max(_big(data, at + 2, 2), 2)
    return 0


def _webp(data: mmap) -> int:
    form = data[12:16]
    if form == b"VP8X":
        return (_little(data, 24, 3) + 1) * (_little(data, 27, 3) + 1)
    if form == b"VP8L":
        bits = _little(data, 21, 4)
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    return (_little(data, 26, 2) & 0x3FFF) * (_little(data, 28, 2) & 0x3FFF)


def _heif(data: mmap) -> int:
    sizes = [
        _big(data, found.end() + 4, 4) * _big(data, found.end() + 8, 4)
        for found, _ in zip(re.finditer(rb"\0\0\0\x14ispe", data), range(_MOST_SPATIAL), strict=False)
    ]
    return max(sizes, default=0)


def _big(data: mmap, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _little(data: mmap, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


_READERS = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp, "image/heic": _heif}
