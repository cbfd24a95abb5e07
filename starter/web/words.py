"""What the pages say, in Chinese and in English: one TOML file a page, and base.toml for what all of them share.

`key = { zh = "…", en = "…" }`; a table of such keys is asked for as "table.key". A page's own file is the one named
like its template up to the first "_": queue.html and queue_rows.html speak queue.toml.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.wording import Both, Language

FOLDER = Path(__file__).parent / "words"
BASE = "base"


class UnspokenWord(KeyError):  # noqa: N818  It names what is absent.
    """A page asks for words that its file and base.toml do not have."""


def speaker(page: str, language: Language) -> Callable[..., str]:
    """`t(key, **values)` for a page's templates. Values fill `{name}` in the words; the template escapes them."""

    def t(key: str, **values: object) -> str:
        return say(page, key, language, **values)

    return t


def say(page: str, key: str, language: Language, **values: object) -> str:
    """The words in one language. Raises UnspokenWord."""
    zh, en = both(page, key)
    words = zh if language == "zh" else en
    return words.format(**values) if values else words


def both(page: str, key: str) -> Both:
    """The words in both languages: the page's own, else the base's. Raises UnspokenWord."""
    for file in (page, BASE):
        if key in (known := of(file)):
            return known[key]
    raise UnspokenWord(f"{page}.toml and {BASE}.toml have no words for {key!r}")


def page_of(template: str) -> str:
    """The words a template speaks: "queue" for queue.html and queue_rows.html."""
    return template.partition(".")[0].partition("_")[0]


@lru_cache(maxsize=64)
def of(page: str) -> Mapping[str, Both]:
    """All words of one file by their key; empty when the page has no file of its own."""
    file = FOLDER / f"{page}.toml"
    return dict(_flat(tomllib.loads(file.read_text("utf-8")))) if file.is_file() else {}


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Both]]:
    for key, value in table.items():
        if set(value) == {"zh", "en"} and isinstance(value["zh"], str):
            yield f"{prefix}{key}", (value["zh"], value["en"])
        else:
            yield from _flat(value, f"{prefix}{key}.")
