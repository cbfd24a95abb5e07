"""The board's tables as files for a spreadsheet, whole where it shows the first few.

Nothing in them is personal.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from domain.access import Permission
from ledger import wall
from starter.api.exporting import FILE, Asks, Ending, Exporting, Spoken
from starter.exports import board_tables
from starter.exports.columns import Column
from starter.exports.exporting import each
from starter.http.principals import needs
from starter.http.problems import ACCESS, documented
from starter.telling import board

router = APIRouter(tags=["exports"], dependencies=[needs(Permission.EXPORT)])


class BoardTable(StrEnum):
    DEPARTMENTS = "departments"
    SYSTEMS = "systems"
    REDS = "reds"
    OLDEST = "oldest"
    RATES = "rates"
    HAND_OFFS = "hand-offs"


_Whole = tuple[AsyncGenerator[Any, None], tuple[Column, ...]]
_Table = Annotated[
    BoardTable,
    Path(
        description="`departments` and `systems`: open complaints by light. `reds`: today's, and whose VP was copied. "
        "`oldest`: every open complaint, the oldest first. `rates`: response in time and first-fix, day by day. "
        "`hand-offs`: how often who handed to whom. The last two look back 30 days."
    ),
]


@router.get(
    "/board/{table}.{ending}",
    summary="A table of the board",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "too_many_rows", "malformed")},
)
async def export_board(table: _Table, ending: Ending, asks: Asks, language: Spoken = None) -> StreamingResponse:
    """As of now, in one snapshot. At most 100,000 rows."""
    rows, columns = await _WHOLE[table](asks)
    return await asks.file(rows, columns, ending=ending, called=f"vocloop-{table}", language=language)


async def _departments(asks: Exporting) -> _Whole:
    return each((await _walls(asks)).desks), board_tables.of_lamps(("部门", "Department"))


async def _systems(asks: Exporting) -> _Whole:
    return each((await _walls(asks)).systems), board_tables.of_lamps(("系统", "Vehicle system"))


async def _walls(asks: Exporting) -> board.Walls:
    tick = await wall.tick(asks.behind.engine, at=asks.at, reds_since=asks.at, limit=1)
    return board.walls(tick, asks.behind.files)


async def _reds(asks: Exporting) -> _Whole:
    since = board.midnight(asks.at, zone=asks.zone)
    return each(await wall.every_red(asks.behind.engine, since=since)), board_tables.of_reds(asks.names)


async def _oldest(asks: Exporting) -> _Whole:
    return wall.every_open(asks.behind.engine), board_tables.of_oldest(asks.names, at=asks.at)


async def _rates(asks: Exporting) -> _Whole:
    hours = await wall.rates(asks.behind.engine, since=asks.at - timedelta(days=board.DAYS))
    return each(board.days(hours, zone=asks.zone, at=asks.at, count=board.DAYS)), board_tables.of_rates()


async def _hand_offs(asks: Exporting) -> _Whole:
    handed = await wall.handed(asks.behind.engine, since=asks.at - timedelta(days=board.DAYS))
    return each(handed), board_tables.of_hand_offs(asks.names)


_WHOLE: dict[BoardTable, Callable[[Exporting], Awaitable[_Whole]]] = {
    BoardTable.DEPARTMENTS: _departments,
    BoardTable.SYSTEMS: _systems,
    BoardTable.REDS: _reds,
    BoardTable.OLDEST: _oldest,
    BoardTable.RATES: _rates,
    BoardTable.HAND_OFFS: _hand_offs,
}
