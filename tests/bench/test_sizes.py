"""The ledgers that are measured are whole ones, and what is said of them follows from what was found."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select

from bench import doors, plots, results, sizes
from bench.filling import fill, number_of, sample
from ledger import search
from ledger import tables as t
from ledger.database import reading
from ledger.verifying import verify
from settings import utc_now
from tests.ledger.building import a_ledger

COMPLAINTS = 50


async def test_a_filled_ledger_is_whole_and_can_be_searched(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        heard: list[tuple[int, int]] = []
        now = utc_now()
        filled = await fill(engine, COMPLAINTS, now=now, on_progress=lambda *said: heard.append(said))
        assert await verify(engine) == ()
        async with reading(engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(t.events))
            is_open = t.complaints.c.closed_at.is_(None)
            still_open = await connection.scalar(select(func.count()).select_from(t.complaints).where(is_open))
        assert (count, still_open) == (filled.events, COMPLAINTS // 10)
        assert heard == [(COMPLAINTS, COMPLAINTS)]
        assert await search.matching(engine, "幽灵", limit=5) == (number_of(7),)


def test_a_sample_is_spread_over_the_whole_ledger() -> None:
    assert sample(4, of_all=1_000) == [number_of(place) for place in (0, 250, 500, 750)]


def found_at(p50_ms: float, p95_ms: float, per_second: float) -> dict[str, dict[str, float]]:
    asked = {name: {"p50_ms": p50_ms, "p95_ms": p95_ms} for name in doors.READ}
    return asked | {name: {"per_second": per_second} for name in doors.WRITTEN}


def test_what_grows_with_the_ledger_misses_its_target() -> None:
    found = {"sqlite": {"1000": found_at(10, 20, 4_000), "100000": found_at(13, 49, 2_000)}}
    figures = sizes.figures(found)
    assert figures["sqlite_queue_p95_ms"] == 49
    assert figures["sqlite_queue_growth"] == pytest.approx(1.3)
    assert figures["sqlite_append_growth"] == pytest.approx(2)
    lines = dict(zip([target.key for target in results.TARGETS], results.table(figures).splitlines()[2:], strict=True))
    assert lines["sqlite_queue_p95_ms"].endswith("| ≤ 50 | 49 | met |")
    assert lines["sqlite_queue_growth"].endswith("| ≤ 1.20 | 1.30 | **not met** |")
    assert lines["sqlite_append_per_second"].endswith("| ≥ 2,000 | 2,000 | met |")
    assert lines["sqlite_rebuild_per_second"].endswith("| ≥ 10,000 | 2,000 | **not met** |")
    assert lines["postgresql_queue_p95_ms"].endswith("| not measured |  |")


def test_one_database_measured_alone_leaves_the_other_as_it_was() -> None:
    kept = {"measured": {"ledger": 1, "starts": 1}, "ledger": {"sqlite": 1}, "help_seconds": 0.3}
    found = {"measured": {"ledger": 2}, "ledger": {"postgresql": 2}}
    told = results.joined(kept, found)
    assert told["ledger"] == {"sqlite": 1, "postgresql": 2}
    assert told["measured"] == {"ledger": 2, "starts": 1}
    assert (told["help_seconds"], told["worker_start_seconds"]) == (0.3, None)


def test_the_drawing_has_a_line_for_each_operation_and_a_point_for_each_size() -> None:
    drawn = ElementTree.fromstring(plots.svg("<costs>", {"a": {1_000: 1.0, 100_000: 1.0}, "b": {1_000: 1.0}}))
    space = "{http://www.w3.org/2000/svg}"
    lines = [line.attrib["points"].split() for line in drawn.iter(f"{space}polyline")]
    assert [len(points) for points in lines] == [2, 1]
    heights = {point.split(",")[1] for point in lines[0]}
    assert len(heights) == 1  # the same cost is as high
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.svg("nothing", {})
