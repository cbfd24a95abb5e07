"""A picture forgets where it was taken and nothing else. The pictures are real ones, decoded before and after."""

import time
from pathlib import Path

import pytest

from starter.evidence.places import forget_places
from tests.starter.evidence.pictures import PLACE, PLACES_IN_XMP, TURNED, XMP, a_film, a_picture, opened

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heif": "image/heic"}
GPS, DETAILS, ORIENTATION, MAKER_NOTE = 0x8825, 0x8769, 0x0112, 0x927C


def forgotten(content: bytes, media_type: str, folder: Path) -> bytes:
    path = folder / "draft"
    path.write_bytes(content)
    forget_places(path, media_type)
    return path.read_bytes()


@pytest.mark.parametrize("form", TYPES)
def test_the_place_goes_and_the_picture_stays(form: str, tmp_path: Path) -> None:
    sent = a_picture(form)
    kept = forgotten(sent, TYPES[form], tmp_path)
    before, after = opened(sent).getexif(), opened(kept).getexif()
    assert before.get_ifd(GPS)[2]
    assert GPS not in after
    assert not after.get_ifd(GPS)
    assert len(kept) == len(sent)
    assert opened(kept).tobytes() == opened(sent).tobytes()


@pytest.mark.parametrize("form", TYPES)
def test_what_is_proof_stays_in_the_exif_data(form: str, tmp_path: Path) -> None:
    sent = a_picture(form)
    before, after = opened(sent).getexif(), opened(forgotten(sent, TYPES[form], tmp_path)).getexif()
    assert after[ORIENTATION] == before[ORIENTATION] == (1 if form == "heif" else TURNED)  # HEIC turns by its own box
    assert after[0x010F] == "Xiaomi"
    assert after.get_ifd(DETAILS)[0x9003] == "2026:01:02 03:04:05"
    assert MAKER_NOTE not in after.get_ifd(DETAILS)


@pytest.mark.parametrize("form", TYPES)
def test_adobe_s_copy_of_the_place_goes_too(form: str, tmp_path: Path) -> None:
    sent = a_picture(form, xmp=XMP)
    kept = forgotten(sent, TYPES[form], tmp_path)
    assert not [place for place in PLACES_IN_XMP if place in kept]
    image = opened(kept)
    image.getexif()
    assert image.info.get("xmp") is None if form == "png" else b'exif:ISO="100"' in kept
    assert PLACE.hex() not in str(image.info)
    assert image.info.get("Software") == ("Vocloop" if form == "png" else None)


def test_a_second_picture_behind_the_first_forgets_too(tmp_path: Path) -> None:
    sent = a_picture("jpeg") + a_picture("jpeg") + a_film()
    kept = forgotten(sent, "image/jpeg", tmp_path)
    second = kept.index(b"\xff\xd8\xff", 100)
    assert not opened(kept[second:]).getexif().get_ifd(GPS)
    assert PLACE not in kept


def test_words_of_a_desktop_tool_go_too(tmp_path: Path) -> None:
    city, caption = b"\x1c\x02\x5a\0\x07Beijing", b"\x1c\x02\x78\0\x05brake"
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + (len(city) + len(caption)).to_bytes(4, "big") + city + caption
    segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc
    plain = a_picture("jpeg", exif=False)
    kept = forgotten(plain[:2] + segment + plain[2:], "image/jpeg", tmp_path)
    assert b"Beijing" not in kept
    assert b"brake" in kept
    assert opened(kept).tobytes() == opened(plain).tobytes()


@pytest.mark.parametrize(("brand", "media_type"), [(b"isom", "video/mp4"), (b"qt  ", "video/quicktime")])
def test_a_film_s_headers_forget_and_its_frames_stay(brand: bytes, media_type: str, tmp_path: Path) -> None:
    sent = a_film(brand)
    kept = forgotten(sent, media_type, tmp_path)
    assert (PLACE in kept, b"Tiananmen" in kept) == (False, False)
    assert len(kept) == len(sent)
    assert kept[: sent.index(b"moov")] == sent[: sent.index(b"moov")]


@pytest.mark.parametrize("form", TYPES)
def test_without_a_place_not_a_byte_changes(form: str, tmp_path: Path) -> None:
    sent = a_picture(form, exif=False)
    assert forgotten(sent, TYPES[form], tmp_path) == sent


@pytest.mark.parametrize("kept_bytes", [12, 30, 60, 120, 180, 240])
def test_a_torn_picture_does_no_harm(kept_bytes: int, tmp_path: Path) -> None:
    torn = a_picture("jpeg")[:kept_bytes]
    assert len(forgotten(torn, "image/jpeg", tmp_path)) == kept_bytes


@pytest.mark.parametrize(
    "filling",
    [
        pytest.param(b"MM\0*\0\0\0\x08\xff\xff" + b"\x88\x25\0\x05\xff\xff\xff\xff\0\0\0\0" * 30, id="exif in exif"),
        pytest.param(b"II*\0", id="signs of exif without end"),
        pytest.param(b":GPSLatitude>" + b"x" * 40, id="places without an end"),
        pytest.param(b"adobe:City=\"" + b" " * 50, id="a value without an end"),
        pytest.param(b"\x00\x00\xff\xffmoov" + b"+12.3" * 20, id="films in a film"),
        pytest.param(b"8BIM\x04\x04\x1c\x02\x5a\x03\xff", id="tags in tags"),
    ],
)  # fmt: skip
def test_a_file_made_to_keep_us_busy_does_not(filling: bytes, tmp_path: Path) -> None:
    content = b"\xff\xd8\xff\xe0adobe" + filling * (4_000_000 // len(filling))
    begun = time.process_time()
    forgotten(content, "image/jpeg", tmp_path)
    assert time.process_time() - begun < 5


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    trace = b"GPS log: " + PLACE
    assert forgotten(trace, "text/plain", tmp_path) == trace
