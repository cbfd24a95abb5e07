"""Texts that are copies of one another, or nearly: told by the pairs of neighbouring signs that they share.

A campaign groups complaints and changes none: who copied a text is a customer as well, with every right and clock.
MinHash with bands (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3) finds who may be alike without
reading all texts; `are_alike` then says it exactly.
"""

import struct
import unicodedata
from datetime import timedelta
from hashlib import blake2b
from itertools import pairwise

from domain.ticket import Ticket
from domain.values import Value

_BLOCKS, _A_BLOCK = 4, 16  # 64 hashes, in four digests of 64 bytes
_ROWS = 4  # to a band: of two texts that share 0.8 of their pairs, 1 in 5,000 is missed; of 0.1, 1 in 600 is compared


class Alike(Value):
    """What makes a campaign: `share` is of pairs in common (Jaccard, 0 to 1), `least_signs` are letters and digits."""

    share: float
    least_signs: int
    within: timedelta


def signs(text: str) -> str:
    """Letters and digits alone: who copies a text changes spaces, width and punctuation without knowing it."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def pairs(text: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(signs(text)))


def is_long_enough(text: str, alike: Alike) -> bool:
    """Short texts are alike by chance."""
    return len(signs(text)) >= alike.least_signs


def share(one: str, other: str) -> float:
    """Of all pairs of both, those in common; 0 where there are none."""
    ours, theirs = pairs(one), pairs(other)
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 0.0


def are_alike(one: str, other: str, alike: Alike) -> bool:
    return is_long_enough(one, alike) and is_long_enough(other, alike) and share(one, other) >= alike.share


def are_of_one(one: Ticket, other: Ticket) -> bool:
    """Whether both are known to come from one customer or vehicle: that is a repeat, and no campaign."""
    ours, theirs = (
        {signs(each) for each in (of.customer.phone, of.customer.email, of.vehicle.vin)} - {""} for of in (one, other)
    )
    return bool(ours & theirs)


def bands(text: str, *, key: bytes) -> tuple[str, ...]:
    """16 hashes; texts that are alike have one in common at the same place, all but surely. Nobody who lacks `key` (64
    bytes at most) can try a text against them. () for a text without pairs.
    """
    found = pairs(text)
    if not found:
        return ()
    least = [least for block in range(_BLOCKS) for least in _least(found, block, key)]
    rows = range(0, len(least), _ROWS)
    return tuple(_digest(struct.pack(f"<{_ROWS}I", *least[row : row + _ROWS]), row, key, 8).hex() for row in rows)


def _least(found: frozenset[str], block: int, key: bytes) -> list[int]:
    hashed = (struct.unpack(f"<{_A_BLOCK}I", _digest(pair.encode(), block, key, 64)) for pair in found)
    return [min(column) for column in zip(*hashed, strict=True)]


def _digest(said: bytes, salt: int, key: bytes, size: int) -> bytes:
    return blake2b(said, digest_size=size, key=key, salt=salt.to_bytes(4, "big"), person=b"campaign").digest()
