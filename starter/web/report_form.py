"""What somebody filled in on our form, read into a ticket; each fault by its field."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.ticket import Customer, Ticket, Vehicle
from domain.vin import SHAPE, fits_its_check_digit
from domain.wording import Language

MAX_WORDS = 20_000 - 200  # what else the form says of itself stands below them
FIELDS = ("words", "vin", "plate", "model", "mileage", "name", "phone", "email", "consent")
_STATION = re.compile(r"[A-Za-z0-9._-]{1,40}")
_SHAPES = {
    "mileage": re.compile(r"[0-9]{1,6}"),
    "phone": re.compile(r"\+?[0-9][0-9 ()/-]{5,30}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
}


class Report(NamedTuple):
    """`faults` are sentences' keys by field, empty where it can be sent."""

    fields: dict[str, str]
    faults: dict[str, str]
    station: str

    @property
    def channel(self) -> str:
        return "qr" if self.fields.get("via") == "qr" else "website"


def read(form: Mapping[str, str]) -> Report:
    """A VIN whose check digit does not fit is asked for once: they differ in Europe, and slips of the pen are many."""
    fields = {name: _clean(form.get(name, "")) for name in (*FIELDS, "via", "station", "vin_sure")}
    fields["vin"] = re.sub(r"[\s-]", "", fields["vin"]).upper()
    station = fields["station"] if _STATION.fullmatch(fields["station"]) else ""
    return Report(fields, dict(_faults(fields)), station)


def ticket_of(
    report: Report, *, number: str, created_at: datetime, language: Language, files: tuple[str, ...]
) -> Ticket | None:
    """None where a field is longer than a ticket takes, which no browser lets through."""
    said = report.fields
    words = f"{said['words']}\n\n({report.station})" if report.station else said["words"]
    vehicle: dict[str, Any] = {name: said[name] for name in ("vin", "plate", "model")}
    if said["mileage"]:
        vehicle["mileage_km"] = int(said["mileage"])
    try:
        return Ticket(
            ticket_no=f"{'QR' if report.channel == 'qr' else 'WEB'}-{number}",
            created_at=created_at,
            channel=report.channel,
            words=words,
            files=files,
            customer=Customer(name=said["name"], phone=said["phone"], email=said["email"], language=language),
            vehicle=Vehicle(**vehicle),
        )
    except ValidationError:
        return None


def _faults(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not said["words"] or len(said["words"]) > MAX_WORDS:
        yield "words", "words_long" if said["words"] else "words"
    if said["vin"] and (fault := _fault_of_vin(said["vin"], sure=said["vin_sure"])):
        yield "vin", fault
    for name, shape in _SHAPES.items():
        if said[name] and not shape.fullmatch(said[name]):
            yield name, name
    if not said["phone"] and not said["email"]:
        yield "phone", "reach"
    if said["consent"] != "yes":
        yield "consent", "consent"


def _fault_of_vin(vin: str, *, sure: str) -> str:
    if not SHAPE.fullmatch(vin):
        return "vin"
    return "" if sure == vin or fits_its_check_digit(vin) else "vin_sure"


def _clean(value: str) -> str:
    """As typed, without what no ledger keeps: a NUL, and a browser's two signs for a line's end."""
    return value.replace("\x00", "").replace("\r\n", "\n").strip()
