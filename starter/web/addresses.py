"""Addresses that came with a request, before anybody is sent there."""

from urllib.parse import urlsplit


def local_address(address: str, *, otherwise: str = "/") -> str:
    """`address` when it leads to a page of ours, so that nobody is sent elsewhere by a link to us."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_ours and address.isprintable() else otherwise
