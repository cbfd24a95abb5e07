"""File names as people may see them again: what stood in them, without what could mislead."""

import re
import unicodedata

_LONGEST = 120
_RESERVED = re.compile(r'[\\/:*?"<>|]')
_MISLEADING = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # controls; what turns or hides letters; no characters at all


def kept_name(sent: str) -> str:
    """The last part of the path sent, in one line; where it is too long its ending stays. "" when none is left."""
    last = re.split(r"[\\/]", sent)[-1]
    plain = "".join(
        sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in _MISLEADING
    )
    tidy = " ".join(_RESERVED.sub("_", plain).split()).strip(". ")
    if len(tidy) <= _LONGEST:
        return tidy
    stem, dot, ending = tidy.rpartition(".")
    is_ending = bool(dot) and len(ending) <= 10
    return f"{stem[: _LONGEST - len(ending) - 1]}.{ending}" if is_ending else tidy[:_LONGEST]
