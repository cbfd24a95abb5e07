from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from starter.evidence.pixels import pixels_of
from tests.starter.evidence.pictures import a_flood, a_picture

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heif": "image/heic", "gif": "image/gif"}


def counted(content: bytes, media_type: str, folder: Path) -> int:
    path = folder / "draft"
    path.write_bytes(content)
    return pixels_of(path, media_type)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        *((form, {}) for form in TYPES if form != "gif"),
        ("webp", {"lossless": True, "exif": False}),  # another kind of header
        ("webp", {"exif": False}),  # a third
        ("jpeg", {"progressive": True}),
    ],
)
def test_the_headers_say_how_many_pixels(form: str, options: dict[str, Any], tmp_path: Path) -> None:
    coded = 64 * 64 if form == "heif" else 64 * 48  # HEIC counts the squares it is coded in
    assert counted(a_picture(form, **options), TYPES[form], tmp_path) == coded


def test_a_gif_says_so_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    Image.new("P", (30, 20)).save(path)
    assert pixels_of(path, "image/gif") == 600


def test_a_flood_is_seen_without_decoding_it(tmp_path: Path) -> None:
    assert counted(a_flood(60_000, 60_000), "image/png", tmp_path) == 3_600_000_000


@pytest.mark.parametrize("media_type", TYPES.values())
def test_a_header_that_is_torn_off_says_nothing(media_type: str, tmp_path: Path) -> None:
    assert counted(b"\xff\xd8\xff", media_type, tmp_path) in (0, 1)
