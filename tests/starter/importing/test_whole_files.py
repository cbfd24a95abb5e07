"""The real files, whole. They lie beside the repository and are never copied into it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.reading import load
from starter.importing.reading import Format, read_tickets
from starter.importing.rows import Accepted, Row

DATA = Path(__file__).parents[3] / "../shared/data"
CHINESE = DATA / "cn_auto_complaints_2024/complaints.csv"
CLOSURES = DATA / "nhtsa_ford_closures_2020_2024/complaints.csv"
FLAT = DATA / "nhtsa_flatfile_schema_and_random100/FLAT_CMPL_random100_utf8.txt"
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
POLICY = load()
MATRIX = POLICY.policy_at(AT).matrix


def read(path: Path, format_: Format) -> list[Row]:
    if not path.exists():
        pytest.skip(f"{path.parent.name} is not beside the repository in shared/data")
    return list(read_tickets(path, format=format_, policy=POLICY, received_at=AT))


def accepted(rows: list[Row]) -> list[Accepted]:
    return [row for row in rows if isinstance(row, Accepted)]


def source(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dispatched_share(rows: list[Accepted]) -> float:
    return sum(MATRIX.rule(row.ticket.tags) is not None for row in rows) / len(rows)


def test_no_chinese_row_with_text_and_date_is_lost() -> None:
    rows = read(CHINESE, Format.CN_COMPLAINTS)
    whole = {row["投诉编号"] for row in source(CHINESE) if row["投诉简述"].strip() and row["投诉日期"].strip()}
    assert whole
    assert whole <= {row.ticket.ticket_no for row in accepted(rows)}


def test_chinese_rows_with_a_system_are_dispatched_without_triage() -> None:
    rows = {row.ticket.ticket_no: row for row in accepted(read(CHINESE, Format.CN_COMPLAINTS))}
    with_system = [rows[row["投诉编号"]] for row in source(CHINESE) if row["投诉问题"].strip()]
    assert dispatched_share(with_system) >= 0.95


def test_every_chinese_pair_of_system_and_symptom_has_a_tag_of_its_own_choosing() -> None:
    read(CHINESE, Format.CN_COMPLAINTS)
    pairs = {(row["投诉问题"], row["问题类型"]) for row in source(CHINESE) if row["投诉问题"]}
    missing = {pair for pair in pairs if pair[1] not in POLICY.mappings.cn[pair[0]] and pair[1] != "其他"}
    assert missing == set()


def test_a_chinese_ticket_keeps_the_customers_words() -> None:
    rows = {row.ticket.ticket_no: row.ticket for row in accepted(read(CHINESE, Format.CN_COMPLAINTS))}
    assert all(rows[row["投诉编号"]].words == row["投诉简述"].strip() for row in source(CHINESE))


def test_the_closures_file_is_whole_and_dispatched() -> None:
    rows = accepted(read(CLOSURES, Format.NHTSA_CSV))
    assert len(rows) == len(source(CLOSURES))
    assert dispatched_share(rows) == 1
    known = [row for row in rows if row.ticket.tags[0] != POLICY.mappings.closures_default]
    assert len(known) / len(rows) >= 0.9


def test_every_burnt_closure_is_a_red_line_of_the_highest_risk() -> None:
    rows = {row.ticket.ticket_no: row.ticket for row in accepted(read(CLOSURES, Format.NHTSA_CSV))}
    burnt = [rows[f"NHTSA-{row['cmplid']}"] for row in source(CLOSURES) if row["fire"] == "Y"]
    rulings = [MATRIX.rule(ticket.tags) for ticket in burnt]
    assert burnt
    assert all(ruling and ruling.is_red_line for ruling in rulings)
    assert {ticket.risk_level for ticket in burnt} == {5}


def test_the_flat_file_is_whole_and_dispatched() -> None:
    rows = accepted(read(FLAT, Format.NHTSA_FLAT))
    assert len(rows) == FLAT.read_bytes().count(b"\n")
    assert dispatched_share(rows) >= 0.95
    assert sum(row.ticket.risk_level >= 4 for row in rows) > 10


def test_every_component_of_the_flat_file_but_the_unknown_has_a_tag() -> None:
    read(FLAT, Format.NHTSA_FLAT)
    components = {line.split("\t")[11] for line in FLAT.read_text(encoding="utf-8").splitlines()}
    unmapped = {each for each in components if not POLICY.mappings.tag_for_component(each)}
    assert unmapped == {"UNKNOWN OR OTHER"}
