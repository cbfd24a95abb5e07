"""The doctor names a red line that no worker has begun, and one that everybody was called for in vain."""

from datetime import timedelta
from pathlib import Path

from domain.red_line import Act, Calling, Order, Origin, Source, begin, take
from ledger import red_lines
from starter.doctor.red_lines import unanswered
from tests.builders import HOUR, T0
from tests.domain.test_red_line import VP
from tests.ledger.building import a_ledger

MINUTE = timedelta(minutes=1)
CALLING = Calling(chain=("quality.vp", "service.vp"), each=10 * MINUTE, decide_within=HOUR)


async def test_a_red_line_that_no_worker_has_begun_is_named_after_a_minute(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await red_lines.begin_drill(engine, "drill-1", at=T0, by="ops-1")
        assert await unanswered(engine, T0 + MINUTE) == []
        (finding,) = await unanswered(engine, T0 + 2 * MINUTE)
        assert (finding.code, finding.where) == ("red_line_not_begun", "drill-1")
        await red_lines.started(engine, "drill-1", at=T0 + 2 * MINUTE)
        assert await unanswered(engine, T0 + 3 * MINUTE) == []


async def test_one_that_everybody_was_called_for_is_named_until_somebody_acknowledges(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await red_lines.begin_drill(engine, "drill-1", at=T0, by="ops-1")
        await red_lines.started(engine, "drill-1", at=T0)
        origin = Origin(id="drill-1", source=Source.DRILL, matters=(), opened_at=T0, calling=CALLING)
        first = begin(origin, at=T0)
        await red_lines.record(engine, first.red_line, first.happened)
        assert await unanswered(engine, T0 + 19 * MINUTE) == []
        (finding,) = await unanswered(engine, T0 + 20 * MINUTE)
        assert (finding.code, finding.where) == ("red_line_unanswered", "drill-1")
        order = Order(command_id="c", act=Act.ACKNOWLEDGE, actor=VP)
        second = take(first.red_line, order, at=T0 + 21 * MINUTE)
        await red_lines.record(engine, second.red_line, second.happened)
        assert await unanswered(engine, T0 + HOUR) == []
