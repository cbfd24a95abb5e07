import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.ticket import Ticket, Tier
from policy.reading import load
from starter.importing.reading import Format, read_tickets, sample
from starter.importing.rows import Accepted, ImportFileError, Rejected, Row

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
POLICY = load()
MATRIX = POLICY.policy_at(AT).matrix
HEADER = "投诉编号,投诉品牌,投诉车系,投诉车型,投诉简述,投诉问题,问题类型,投诉日期\n"
MAP = """
[columns]
ticket_no = "no"
created_at = "when"
tags = "fault"
words = "said"
"vehicle.vin" = "vin"
[constants]
channel = "dealer"
[values.tags]
"squeal" = "brakes.noise"
[dates]
zone = "Europe/Berlin"
format = "%d.%m.%Y %H:%M"
"""


def rows_of(path: Path, format_: Format = Format.CN_COMPLAINTS, **options: Path | int) -> list[Row]:
    return list(read_tickets(path, format=format_, policy=POLICY, received_at=AT, **options))  # type: ignore[arg-type]


def written(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(text.encode(encoding))
    return path


def tickets(rows: Iterable[Row]) -> list[Ticket]:
    return [row.ticket for row in rows if isinstance(row, Accepted)]


def test_a_row_becomes_a_ticket_with_its_day_in_shanghai(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + '7,远峰,X5,2024款,"过坎就响,\n两次没修好",悬架系,异响,2024-03-31\n')
    (ticket,) = tickets(rows_of(path))
    assert ticket.created_at == datetime(2024, 3, 30, 16, tzinfo=UTC)
    assert ticket.words == "过坎就响,\n两次没修好"
    assert ticket.tags == ("suspension.noise",)
    assert (ticket.vehicle.brand, ticket.vehicle.model) == ("远峰", "X5 2024款")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("8,a,b,c,words,发动机,异响,", "no date"),
        ("8,a,b,c,words,发动机,异响,2024-02-30", "no date that can be read"),
        ("8,a,b,c,words,发动机,异响,0001-01-01", "no date that can be read"),  # in UTC it lies before the first year
        ("8,a,b,c,,,,2024-02-03", "neither words nor a known fault"),
        ("8,a,b,c,words,发动机,异响", "7 columns and the header 8"),
        (",a,b,c,words,发动机,异响,2024-02-03", "ticket_no"),
        ("投 8,a,b,c,words,发动机,异响,2024-02-03", "ticket_no"),
        (f"8,a,b,c,{'长' * 20_001},发动机,异响,2024-02-03", "words"),
        ("7,a,b,c,words,发动机,异响,2024-02-03", "already on line 2"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_rest_go_on(tmp_path: Path, row: str, reason: str) -> None:
    first = '7,a,b,c,"two\nlines",发动机,异响,2024-02-03\n'
    last = "9,a,b,c,words,发动机,异响,2024-02-03\n"
    good, bad, after = rows_of(written(tmp_path, f"{HEADER}{first}{row}\n{last}"))
    assert isinstance(bad, Rejected)
    assert reason in bad.reason
    assert (good.line, bad.line, after.line) == (2, 4, 5)
    assert isinstance(after, Accepted)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ('5,a,b,c,"open,车身,色差,2024-02-03', "a quote left open"),
        ('5,a,b,c,"open\n说到一半', "a quote left open over two lines"),
        ("5,a,b,c,one, two,车身,色差,2024-02-03", "a comma that was not quoted"),
        (f"5,a,b,c,{'w' * 1_100_000},车身,色差,2024-02-03", "a cell no complaint can be"),
    ],
)
def test_a_broken_row_swallows_none_of_those_after_it(tmp_path: Path, broken: str, why: str) -> None:
    after = (
        '7,a,b,c,"w, ""x""",车身,色差,2024-02-03\n8,a,b,c,"w\nw",车身,色差,2024-02-03\n9,a,b,c,w,车身,色差,2024-02-03\n'
    )
    rows = rows_of(written(tmp_path, f"{HEADER}{broken}\n{after}"))
    assert [ticket.ticket_no for ticket in tickets(rows)] == ["7", "8", "9"], why
    assert isinstance(rows[0], Rejected)
    assert rows[0].line == 2


def test_a_row_with_careless_quotes_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + '7,a,b,c,"他说"没事"就走了",车身,色差,2024-02-03\n')
    (ticket,) = tickets(rows_of(path))
    assert ticket.words.startswith("他说没事")


def test_a_reason_repeats_nothing_the_customer_wrote(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "张三 13800000000,a,b,c,张三在此,发动机,异响,2024-02-03\n")
    (row,) = rows_of(path)
    assert isinstance(row, Rejected)
    assert "张三" not in row.reason
    assert "138" not in row.reason


@pytest.mark.parametrize(
    ("cells", "tags", "why"),
    [
        ("words,发动机,从未见过", ("engine.other",), "an unknown symptom stays within its system"),
        (",车身,锈蚀", ("body.corrosion",), "no words, but a fault"),
        ("半路突然熄火了,,", ("engine.stall",), "no system, so the words decide"),
        ("说不清楚,,", (), "neither: CX classifies it"),
        ("说不清楚,灵异,", (), "a system nobody knows"),
    ],
)
def test_a_row_with_gaps_is_kept(tmp_path: Path, cells: str, tags: tuple[str, ...], why: str) -> None:
    (ticket,) = tickets(rows_of(written(tmp_path, f"{HEADER}7,a,b,c,{cells},2024-02-03\n")))
    assert ticket.tags == tags, why


def test_a_red_line_is_a_high_risk_from_the_start(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "7,a,b,c,w,制动系,刹车失灵,2024-02-03\n8,a,b,c,w,车身,色差,2024-02-03\n")
    assert [ticket.risk_level for ticket in tickets(rows_of(path))] == [4, 1]


def test_a_spreadsheets_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "7,a,b,c,w,车身,色差,2024-02-03\n", encoding="utf-8-sig")
    assert len(tickets(rows_of(path))) == 1


def test_a_row_in_another_encoding_spoils_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    good = "7,a,b,c,w,车身,色差,2024-02-03\n".encode()
    path.write_bytes(HEADER.encode() + "6,a,b,c,车身,x,y,2024-02-03\n".encode("gbk") + good)
    bad, kept = rows_of(path)
    assert isinstance(bad, Rejected)
    assert "UTF-8" in bad.reason
    assert isinstance(kept, Accepted)


@pytest.mark.parametrize(
    ("text", "words"),
    [("a,b\n1,2\n", "has no column 投诉编号"), ("", "has no column"), (HEADER[:-5] + "\n", "has no column 投诉日期")],
)
def test_a_file_of_another_format_is_refused_whole(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ImportFileError, match=words):
        rows_of(written(tmp_path, text))


def test_a_limit_stops_the_reading(tmp_path: Path) -> None:
    body = "".join(f"{n},a,b,c,w,车身,色差,2024-02-03\n" for n in range(1, 9))
    assert len(rows_of(written(tmp_path, HEADER + body), limit=3)) == 3


def test_a_map_says_what_the_columns_of_a_csv_are(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAP, encoding="utf-8")
    path = written(tmp_path, "no,when,fault,said,vin,else\nA-1,01.03.2026 12:00,squeal; squeal;odd,It squeals,,x\n")
    (ticket,) = tickets(rows_of(path, Format.CSV, map_path=tmp_path / "m.toml"))
    assert ticket.created_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert ticket.tags == ("brakes.noise", "odd")
    assert (ticket.channel, ticket.vehicle.vin, ticket.tier) == ("dealer", "", Tier.ORDINARY)


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+08:00", "0001-01-01"])
def test_a_date_beyond_all_calendars_spoils_its_own_row_alone(tmp_path: Path, when: str) -> None:
    (tmp_path / "m.toml").write_text('[columns]\nticket_no = "no"\ncreated_at = "when"\n', encoding="utf-8")
    path = written(tmp_path, f"no,when\nA-1,{when}\nA-2,2026-03-01T12:00:00+08:00\n")
    bad, good = rows_of(path, Format.CSV, map_path=tmp_path / "m.toml")
    assert bad == Rejected(line=2, reason="The row has no date that can be read.")
    assert isinstance(good, Accepted)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"vehicle.vin" =', '"vehicle.wheel" =', "a ticket has no vehicle.wheel"),
        ('ticket_no = "no"', "", "name the column of ticket_no"),
        ("Europe/Berlin", "Europe/Nowhere", "no time zone"),
        ("[constants]", "[constant]", "constant"),
        ("[columns]", "[columns", "is not TOML"),
        ('"vin"', '"chassis"', "has no column chassis"),
    ],
)
def test_a_wrong_map_is_refused_with_what_to_correct(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "m.toml").write_text(MAP.replace(old, new), encoding="utf-8")
    path = written(tmp_path, "no,when,fault,said,vin\n")
    with pytest.raises(ImportFileError, match=words.replace("[", r"\[")):
        rows_of(path, Format.CSV, map_path=tmp_path / "m.toml")


def test_a_csv_of_ones_own_needs_a_map(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="--map"):
        rows_of(written(tmp_path, "a\n"), Format.CSV)


def test_the_sample_shows_every_kind_of_complaint() -> None:
    found = sample(POLICY, AT)
    rulings = [MATRIX.rule(ticket.tags) for ticket in found]
    known = [ruling for ruling in rulings if ruling]
    assert len(found) >= 60
    assert {ticket.created_at for ticket in found} == {AT}
    assert rulings.count(None) >= 4
    assert sum(ruling.is_grey for ruling in known) >= 10
    assert sum(ruling.is_red_line for ruling in known) >= 10
    assert len({ruling.lead for ruling in known}) >= 12
    assert {ticket.customer.language for ticket in found} == {"zh", "en"}
    assert {ticket.tier for ticket in found} == set(Tier)


def test_every_row_of_the_sample_is_a_ticket() -> None:
    path = Path(__file__).parents[3] / "starter/importing/data/sample_tickets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        assert len(sample(POLICY, AT)) == sum(1 for _ in csv.DictReader(file))
