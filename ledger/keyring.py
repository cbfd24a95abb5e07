"""Keys by their ids, and sealing with them: AES-256-GCM. The first seals, each opens what it sealed.

Rotation is to put a new key first, and to take the last one out once nothing is sealed with it any more.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_NONCE_BYTES = 12


class UnknownKey(LookupError):  # noqa: N818 - a state that passes when the key is given
    """No key of this id is in the ring: whoever reads it lacks a key that whoever wrote it had."""


class Damaged(ValueError):  # noqa: N818 - it names what was found
    """What was sealed was changed, or stands where it was not put."""


class Sealed(NamedTuple):
    """`content` is the nonce and what was sealed. `key_id` names the key and is no secret."""

    key_id: str
    content: bytes


class KeyRing:
    """`keys` by their ids, the sealing one first. Raises ValueError for a key that is not of 256 bits."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key ring needs keys of {KEY_BYTES} bytes")
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.first = next(iter(self._keys))

    @classmethod
    def read(cls, written: str, *, setting: str) -> Self | None:
        """`id:base64,…` as the setting of this name has it; None when it is empty. Raises ValueError with a sentence
        that quotes no key.
        """
        if not written.strip():
            return None
        keys: dict[str, bytes] = {}
        for part in filter(None, (each.strip() for each in written.split(","))):
            key_id, _, encoded = part.partition(":")
            key = _decoded(encoded)
            if not _ID.fullmatch(key_id) or len(key) != KEY_BYTES or key_id in keys:
                raise ValueError(
                    f"{setting} cannot be read at its key {len(keys) + 1}: write id:key,… with ids of letters, digits"
                    " and dots, each once, and keys as `vocloop keys make` makes them."
                )
            keys[key_id] = key
        return cls(keys)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def seal(self, plain: bytes, *, about: bytes) -> Sealed:
        """Seal with the first key. `about` is not kept: it must be the same when it is opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = self._keys[self.first].encrypt(nonce, plain, _bound(self.first, about))
        return Sealed(self.first, nonce + content)

    def open(self, sealed: Sealed, *, about: bytes) -> bytes:
        """Raises UnknownKey, Damaged."""
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise UnknownKey(sealed.key_id)
        nonce, content = sealed.content[:_NONCE_BYTES], sealed.content[_NONCE_BYTES:]
        try:
            return key.decrypt(nonce, content, _bound(sealed.key_id, about))
        except (InvalidTag, ValueError):
            raise Damaged(sealed.key_id) from None


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def written(key: bytes) -> str:
    """As `KeyRing.read` reads it, after the id."""
    return base64.urlsafe_b64encode(key).decode()


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), altchars=b"-_" if set(encoded) & set("-_") else None, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _bound(key_id: str, about: bytes) -> bytes:
    return b"vocloop/1\0" + key_id.encode() + b"\0" + about
