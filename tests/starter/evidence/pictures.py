"""Pictures and films as phones make them, with the place where they were taken in every corner that may hold it."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo

pillow_heif.register_heif_opener()

TURNED = 6  # the orientation of a phone held upright
PLACE = b"+39.9075+116.3913"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    b'exif:GPSLatitude="39,54.45N" exif:GPSLongitude=\'116,23.48E\' photoshop:City="Beijing" exif:ISO="100">'
    b"<exif:GPSAltitude>4350/100</exif:GPSAltitude><photoshop:Country>China</photoshop:Country>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
PLACES_IN_XMP = (b"39,54", b"116,23", b"4350", b"Beijing", b"China")


def an_exif(**more: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Xiaomi"
    exif[0x0112] = TURNED
    details = exif.get_ifd(0x8769)
    details[0x9003] = "2026:01:02 03:04:05"
    details[0x927C] = b"maker's note: Tiananmen"
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (39.0, 54.0, 27.0), 3: "E", 4: (116.0, 23.0, 29.0), 29: "2026:01:02"})
    return exif


def a_picture(form: str, *, exif: bool = True, xmp: bytes = b"", **options: Any) -> bytes:
    """A real picture of noise. `form` is jpeg, png, webp or heif."""
    image = Image.effect_noise((64, 48), 60).convert("RGB")
    if xmp:
        options |= {"pnginfo": _texts(xmp)} if form == "png" else {"xmp": xmp}
    if exif:
        options["exif"] = an_exif()
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _texts(xmp: bytes) -> PngInfo:
    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
    texts.add_text("Raw profile type exif", "\nexif\n 4\n" + PLACE.hex(), zip=True)
    texts.add_text("Software", "Vocloop")
    return texts


def opened(content: bytes) -> Image.Image:
    """Decoded to the last pixel. Raises where the file is not whole."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def a_film(brand: bytes = b"isom") -> bytes:
    """The headers of a film with its place as iPhones, Androids and 3GPP write it."""
    text = PLACE + b"+043.500/"
    android = box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text)
    value = box(b"data", struct.pack(">II", 1, 0) + text)
    apple = box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709") + box(b"ilst", box(b"\0\0\0\1", value)))
    loci = box(b"loci", bytes(6) + b"Tiananmen\0\0" + struct.pack(">III", 7627000, 2615000, 0) + b"earth\0\0")
    moov = box(b"moov", box(b"mvhd", bytes(100)) + box(b"udta", android + loci) + apple)
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", b"frames" * 100) + moov


def a_flood(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + bytes(64)
