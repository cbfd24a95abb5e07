"""Which line of a TOML text says what. tomllib reads the values but tells no lines."""

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL)
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of every table, key and array item, by its path: ("tag", 3, "owner").

    `text` must be valid TOML: tomllib is asked first, so this scanner judges nothing.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Path, int] = {}  # the last index of each array of [[tables]]
        self._lines: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._next("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> Path:
        start, brackets = self._at, "]]" if self._next("[[") else "]"
        self._at += len(brackets)
        *parents, name = self._key()
        path: Path = (*self._inside(tuple(parents)), name)
        self._note(path, start)
        if brackets == "]]":
            self._tables[path] = self._tables.get(path, -1) + 1
            path = (*path, self._tables[path])
            self._note(path, start)
        self._at += len(brackets)
        return path

    def _inside(self, keys: tuple[str, ...]) -> Path:
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self._note(path, self._at)
            if path in self._tables:
                path = (*path, self._tables[path])
        return path

    def _pair(self, table: Path) -> None:
        start, path = self._at, table
        for key in self._key():
            path = (*path, key)
            self._note(path, start)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            bare = _BARE_KEY.match(self._text, self._at)
            keys.append(bare[0] if bare else tomllib.loads(f"key = {self._peek(_STRING)}")["key"])
            self._skip(_BARE_KEY if bare else _STRING)
            self._skip(_SPACE)
            if not self._next("."):
                return tuple(keys)
            self._at += 1

    def _value(self, path: Path) -> None:
        self._note(path, self._at)
        if self._next("["):
            self._items(path)
        elif self._next("{"):
            self._pairs(path)
        else:
            self._skip(_STRING if self._text[self._at] in "\"'" else _BARE_VALUE)

    def _items(self, path: Path) -> None:
        self._step()
        index = 0
        while not self._next("]"):
            self._value((*path, index))
            index += 1
            self._comma()
        self._at += 1

    def _pairs(self, path: Path) -> None:
        self._step()
        while not self._next("}"):
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self._next(","):
            self._step()

    def _step(self) -> None:
        self._at += 1
        self._skip(_BLANK)

    def _next(self, token: str) -> bool:
        return self._text.startswith(token, self._at)

    def _peek(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        return match[0] if match else ""

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._at += len(self._peek(pattern))

    def _note(self, path: Path, offset: int) -> None:
        self._lines.setdefault(path, bisect_right(self._newlines, offset - 1) + 1)
