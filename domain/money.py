"""Money as people type and read it. Inside, all of it is whole fen."""

import re
import unicodedata

_YUAN = re.compile(r"[¥￥]?\s*(\d{1,10}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2}))?\s*元?")
_FEN = 100


def fen_of(typed: str) -> int | None:
    """1,234.5 yuan are 123450 fen, also as "¥1234.50" or in wide signs. None of what is no amount to the fen: a comma
    parts thousands and nothing else.
    """
    said = _YUAN.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    return int(said[1].replace(",", "")) * _FEN + int((said[2] or "").ljust(2, "0")) if said else None


def yuan(fen: int) -> str:
    """¥6,000 or ¥80.50: the fen where there are any."""
    whole, rest = divmod(fen, _FEN)
    return f"¥{whole:,}.{rest:02}" if rest else f"¥{whole:,}"
