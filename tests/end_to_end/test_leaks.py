import base64
import json
from pathlib import Path

import pytest

from tests.end_to_end.leaks import leaks

TEXT = "欧阳春晓"


@pytest.mark.parametrize(
    "content",
    [
        f"say {TEXT} aloud".encode(),
        TEXT.encode("utf-16-le"),
        json.dumps({"name": TEXT}).encode(),
        *(base64.b64encode(b"x" * before + TEXT.encode() + b"yz") for before in range(4)),
        base64.urlsafe_b64encode(json.dumps([TEXT]).encode()),
        repr(TEXT.encode()).encode(),
    ],
)
def test_a_text_is_found_in_each_form(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(b"\x00before" + content + b"after\xff")
    assert leaks([TEXT, "nowhere"], [tmp_path / "file"]) == [f"{TEXT} in file"]
