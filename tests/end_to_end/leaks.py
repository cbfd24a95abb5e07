"""Finds a text in files, in whichever form a program may have written it."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def leaks(texts: Iterable[str], files: Iterable[Path]) -> list[str]:
    """ "<text> in <file>" for each text found there."""
    contents = [(path, path.read_bytes()) for path in files]
    return [
        f"{text} in {path.name}"
        for text in texts
        for path, content in contents
        if any(form in content for form in forms(text))
    ]


def forms(text: str) -> Iterator[bytes]:
    escaped = json.dumps(text)[1:-1].encode()
    yield from (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("gb18030"))
    yield from (
        escaped,
        escaped.upper().replace(rb"\U", rb"\u"),
        quote(text).encode(),
        repr(text.encode()).encode()[2:-1],
    )
    for said in (text.encode(), escaped):
        yield from _in_base64(said)


def _in_base64(said: bytes) -> Iterator[bytes]:
    """Base64 looks different at each of three places; what depends on its neighbours is cut away."""
    for place in range(3):
        whole = base64.b64encode(bytes(place) + said)
        inner = whole[-(-place * 8 // 6) : len(whole.rstrip(b"=")) - 1]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
