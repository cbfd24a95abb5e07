from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.ticket import Ticket
from policy.reading import load
from starter.importing.reading import Format, read_tickets
from starter.importing.rows import Accepted, Rejected, Row

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
POLICY = load()
FIELDS = {
    "cmplid": "77",
    "make": "FORD",
    "model": "EDGE",
    "model_year": "2018",
    "date_received": "2020-01-03",
    "crash": "N",
    "fire": "N",
    "injured": "0",
    "deaths": "0",
    "miles": "1000.0",
    "cdescr": "IT IS ODD.",
}


def csv_row(folder: Path, **changed: str) -> Row:
    fields = {**FIELDS, **changed}
    path = folder / "file.csv"
    path.write_text(",".join(fields) + "\n" + ",".join(fields.values()) + "\n", encoding="utf-8")
    (row,) = read_tickets(path, format=Format.NHTSA_CSV, policy=POLICY, received_at=AT)
    return row


def csv_ticket(folder: Path, **changed: str) -> Ticket:
    row = csv_row(folder, **changed)
    assert isinstance(row, Accepted)
    return row.ticket


def flat_line(component: str, words: str, *, fire: str = "N", received: str = "20200103") -> str:
    cells = [""] * 49
    cells[0], cells[3], cells[4], cells[5], cells[8] = "77", "FORD", "EDGE", "9999", fire
    cells[11], cells[15], cells[16], cells[17], cells[19] = component, "20200104", received, "1000", words
    return "\t".join(cells) + "\n"


def flat_rows(folder: Path, *lines: bytes) -> list[Row]:
    path = folder / "flat.txt"
    path.write_bytes(b"".join(lines))
    return list(read_tickets(path, format="nhtsa-flat", policy=POLICY, received_at=AT))


def flat_ticket(folder: Path, line: str) -> Ticket:
    (row,) = flat_rows(folder, line.encode())
    assert isinstance(row, Accepted)
    return row.ticket


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("REAR WINDOW SHATTERED", "glass.shattered"),
        ("tailgate opened while driving", "closures.opens_while_driving"),
        ("The door ajar light stays on", "closures.door_ajar"),
        ("wipers stop in the rain", "wipers.failure"),
        ("water leaks? water leak in the roof", "body.water_leak"),
        ("IT IS ODD.", "closures.other"),
    ],
)
def test_without_a_component_the_words_name_the_fault(tmp_path: Path, words: str, tag: str) -> None:
    assert csv_ticket(tmp_path, cdescr=words).tags == (tag,)


@pytest.mark.parametrize(
    ("event", "tags", "risk"),
    [
        ({"fire": "Y"}, ("closures.other", "safety.fire"), 5),
        ({"crash": "Y"}, ("closures.other", "safety.crash"), 4),
        ({"crash": "Y", "injured": "2"}, ("closures.other", "safety.injury", "safety.crash"), 5),
        ({"deaths": "1"}, ("closures.other", "safety.injury"), 5),
        ({}, ("closures.other",), 1),
    ],
)
def test_fire_and_people_hurt_raise_the_risk(
    tmp_path: Path, event: dict[str, str], tags: tuple[str, ...], risk: int
) -> None:
    ticket = csv_ticket(tmp_path, **event)
    assert ticket.tags == tags
    assert ticket.risk_level == risk


def test_the_faults_owner_leads_also_when_it_burnt(tmp_path: Path) -> None:
    ruling = POLICY.policy_at(AT).matrix.rule(csv_ticket(tmp_path, fire="Y").tags)
    assert ruling is not None
    assert (ruling.lead, ruling.supporters, ruling.is_red_line) == ("body", ("quality",), True)


@pytest.mark.parametrize(("miles", "km"), [("1000.0", 1609), ("", None), ("9999999.0", None), ("inf", None)])
def test_miles_become_kilometres_and_an_impossible_mileage_is_left_out(
    tmp_path: Path, miles: str, km: int | None
) -> None:
    assert csv_ticket(tmp_path, miles=miles).vehicle.mileage_km == km


def test_a_row_without_a_date_is_rejected(tmp_path: Path) -> None:
    row = csv_row(tmp_path, date_received="")
    assert isinstance(row, Rejected)
    assert row.reason == "The row has no date."


@pytest.mark.parametrize(
    ("component", "words", "tag"),
    [
        ("STEERING:COLUMN", "odd", "steering.other"),
        ("STRUCTURE:BODY:DOOR ", "odd", "closures.other"),
        ("STRUCTURE:BODY:DOOR:HINGE AND ATTACHMENTS", "odd", "closures.hinge"),
        ("ELECTRICAL SYSTEM: INSTRUMENT PANEL", "odd", "electrics.instruments"),
        ("AIR BAGS:FRONTAL", "THE AIR BAG DID NOT DEPLOY", "restraints.airbag_not_deployed"),
        ("SERVICE BRAKES", "THE BRAKES FAILED ON A HILL", "brakes.failure"),
        ("UNKNOWN OR OTHER", "IT STALLED TWICE", "engine.stall"),
    ],
)
def test_a_component_is_mapped_by_its_longest_known_part(tmp_path: Path, component: str, words: str, tag: str) -> None:
    assert flat_ticket(tmp_path, flat_line(component, words)).tags == (tag,)


def test_an_unknown_component_without_known_words_is_for_triage(tmp_path: Path) -> None:
    ticket = flat_ticket(tmp_path, flat_line("UNKNOWN OR OTHER", "IT IS ODD"))
    assert ticket.tags == ()
    assert POLICY.policy_at(AT).matrix.rule(ticket.tags) is None


def test_a_flat_row_is_a_ticket_in_english(tmp_path: Path) -> None:
    ticket = flat_ticket(tmp_path, flat_line("STEERING", 'HE SAID "NO', received=""))
    assert ticket.ticket_no == "NHTSA-77"
    assert ticket.created_at == datetime(2020, 1, 4, tzinfo=UTC)
    assert ticket.words == 'HE SAID "NO'
    assert (ticket.vehicle.model, ticket.customer.language) == ("EDGE", "en")


def test_a_short_line_is_rejected_and_an_old_encoding_is_read(tmp_path: Path) -> None:
    latin = flat_line("STEERING", "THE WHEEL WON’T TURN").encode("cp1252")
    short, kept = flat_rows(tmp_path, b"1\t2\t3\n", latin)
    assert isinstance(short, Rejected)
    assert (short.line, short.reason) == (1, "The row has 3 columns instead of 20 or more.")
    assert isinstance(kept, Accepted)
    assert kept.ticket.words == "THE WHEEL WON’T TURN"


def test_a_count_of_thousands_of_digits_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert "safety.injury" in csv_ticket(tmp_path, injured="9" * 5000).tags
