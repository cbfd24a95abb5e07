"""An Excel file as its XML says, read without the library that wrote it."""

import io
import zipfile
from datetime import datetime, timedelta
from xml.etree import ElementTree

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def rows_of(content: bytes) -> list[list[str]]:
    """The cells of the first sheet. Raises where a cell holds a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names, sheet = archive.namelist(), ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert not [name for name in names if "rels" in name and "sheet" in name]  # no links to anywhere
    assert sheet.find(".//x:f", _NS) is None
    return [[_text(cell) for cell in row.findall("x:c", _NS)] for row in sheet.iterfind(".//x:row", _NS)]


def _text(cell: ElementTree.Element) -> str:
    kind, value = cell.get("t", "n"), cell.find("x:v", _NS)
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iterfind(".//x:t", _NS))
    return (value.text or "") if value is not None else ""


def instant_of(serial: str) -> datetime:
    """What Excel shows for the number."""
    return datetime(1899, 12, 30) + timedelta(days=round(float(serial) * 86400) / 86400)  # noqa: DTZ001
