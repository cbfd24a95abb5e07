"""Addresses that came with a request, before anybody is sent there."""

import contextlib
from urllib.parse import SplitResult, urlsplit


def local_address(address: str, *, otherwise: str = "/") -> str:
    """`address` when it leads to a page of ours, so that nobody is sent elsewhere by a link to us."""
    parts = parts_of(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_ours and address.isprintable() else otherwise


def parts_of(address: str) -> SplitResult:
    """Of an address that anybody may have written: all "" when it is none at all, as `http://[`."""
    with contextlib.suppress(ValueError):
        return urlsplit(address)
    return SplitResult("", "", "", "", "")
