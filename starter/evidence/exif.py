"""Exif data without the place, edited where it stands: no byte moves, so that all other offsets in the file stay true.

Orientation, date and camera stay: they are part of the proof. The maker's own notes go with the place: nobody documents
them, and some makers write place names there.
"""

import struct
from mmap import mmap
from typing import NamedTuple

_GPS, _EXIF_IFD, _MAKER_NOTE = 0x8825, 0x8769, 0x927C
_ENTRY = 12
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # TIFF 6.0, section 2

# What no camera exceeds; a forged file must not keep us busy.
_MOST_IFDS, _MOST_ENTRIES, _MOST_BYTES = 4, 512, 1 << 20


class _Tiff(NamedTuple):
    """A TIFF structure inside `data`: it begins at `start`, and its offsets count from there."""

    data: mmap | bytearray
    start: int
    order: str

    def number(self, at: int, code: str) -> int:
        """Raises struct.error beyond the end of the file."""
        return int(struct.unpack_from(self.order + code, self.data, self.start + at)[0])

    def write(self, at: int, code: str, value: int) -> None:
        struct.pack_into(self.order + code, self.data, self.start + at, value)

    def wipe(self, at: int, length: int) -> None:
        begin = min(self.start + at, len(self.data))
        end = min(begin + min(length, _MOST_BYTES), len(self.data))
        self.data[begin:end] = bytes(end - begin)

    def count(self, ifd: int) -> int:
        return min(self.number(ifd, "H"), _MOST_ENTRIES)

    def find(self, ifd: int, tag: int) -> int | None:
        """Where the entry with this tag stands."""
        entries = range(ifd + 2, ifd + 2 + self.count(ifd) * _ENTRY, _ENTRY)
        return next((entry for entry in entries if self.number(entry, "H") == tag), None)

    def wipe_value(self, entry: int) -> None:
        size = _SIZES.get(self.number(entry + 2, "H"), 1) * self.number(entry + 4, "I")
        if size > 4:  # otherwise it stands in the entry itself
            self.wipe(self.number(entry + 8, "I"), size)

    def remove(self, ifd: int, entry: int) -> None:
        """Take the entry out; those behind it, and the link to the next directory, move up."""
        stated = self.number(ifd, "H")
        end = self.start + ifd + 2 + stated * _ENTRY + 4
        rest = self.data[self.start + entry + _ENTRY : end]
        self.data[self.start + entry : self.start + entry + len(rest)] = rest
        self.wipe(entry + len(rest), _ENTRY)
        self.write(ifd, "H", stated - 1)


def forget_place(data: mmap | bytearray, start: int) -> None:
    """Take the place out of the Exif data whose TIFF header is at `start`. What is torn off is left as it is."""
    tiff = _Tiff(data, start, "<" if data[start : start + 2] == b"II" else ">")
    try:
        ifd = tiff.number(4, "I")
        for _ in range(_MOST_IFDS):
            if not ifd:
                return
            _forget_in(tiff, ifd)
            ifd = tiff.number(ifd + 2 + tiff.count(ifd) * _ENTRY, "I")
    except struct.error:
        return


def _forget_in(tiff: _Tiff, ifd: int) -> None:
    while (entry := tiff.find(ifd, _GPS)) is not None:
        _wipe_directory(tiff, tiff.number(entry + 8, "I"))
        tiff.remove(ifd, entry)
    details = tiff.find(ifd, _EXIF_IFD)
    if details is None:
        return
    inner = tiff.number(details + 8, "I")
    while (entry := tiff.find(inner, _MAKER_NOTE)) is not None:
        tiff.wipe_value(entry)
        tiff.remove(inner, entry)


def _wipe_directory(tiff: _Tiff, ifd: int) -> None:
    try:
        count = min(tiff.count(ifd), 64)  # there are 32 GPS tags
        for entry in range(ifd + 2, ifd + 2 + count * _ENTRY, _ENTRY):
            tiff.wipe_value(entry)
        tiff.wipe(ifd, 2 + count * _ENTRY + 4)
    except struct.error:
        return
