"""What a look for copied texts costs beside many others whose hashes are kept.

    .venv/bin/python -m bench.copies [--texts 100000] [--looks 300] [--url …]

Texts are made of 42 words of complaints, 80 signs each, over a quarter of a year; one in a hundred is a copy
with a changed ending. So few words make more texts perhaps alike than people's own do: it is the harder case. A look is
hashing a text, asking the ledger who is perhaps alike, and comparing those whole, beside 1,000 texts and beside all of
them in one run; CPU is this process's.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import are_alike, bands
from ledger import campaigns
from ledger.database import connect, migrate, writing
from policy.kinships import load_alike

KEY = b"bench" * 6
AT = datetime(2026, 3, 2, tzinfo=UTC)
DAYS, SIGNS, AT_ONCE, FEW = 90, 80, 2_000, 1_000
_WORDS = (
    *(
        "发动机",
        "制动",
        "异响",
        "漏油",
        "空调",
        "变速箱",
        "顿挫",
        "高速",
        "熄火",
        "刹车",
        "方向盘",
        "抖动",
        "仪表",
        "黑屏",
    ),
    *("充电", "续航", "座椅", "异味", "门店", "维修", "厂家", "推诿", "降价", "老车主", "要求", "赔偿", "三包", "质保"),
    *("多次", "没有", "解决", "购买", "提车", "公里", "之后", "突然", "严重", "影响", "安全", "客服", "电话", "回复"),
)


def texts(count: int, *, seed: int = 11) -> list[str]:
    """Of the same seed the same ones; the later begin with the earlier."""
    dice, made = random.Random(seed), [""]
    for _ in range(count):
        if dice.random() < 0.01 and len(made) > 1:
            made.append(dice.choice(made[1:])[:-4] + "请答复")
        else:
            made.append("".join(dice.choices(_WORDS, k=SIGNS // 2))[:SIGNS])
    return made[1:]


async def fill(engine: AsyncEngine, said: Sequence[str], *, first: int) -> None:
    """Their hashes alone, from number `first` on."""
    for start in range(first, len(said), AT_ONCE):
        rows = [
            {"ticket_no": f"C-{number}", "place": place, "band": band, "created_at": born(number)}
            for number in range(start, min(start + AT_ONCE, len(said)))
            for place, band in enumerate(bands(said[number], key=KEY))
        ]
        async with writing(engine) as connection:
            await connection.execute(insert(campaigns.signatures), rows)


def born(number: int) -> datetime:
    return AT - timedelta(days=number % DAYS)


async def look(engine: AsyncEngine, said: Sequence[str], *, count: int, seed: int) -> tuple[list[float], float, int]:
    """Milliseconds of each look, milliseconds of CPU of one, and how many copies were found."""
    dice, alike, took, found = random.Random(seed), load_alike(), [], 0
    before = os.times()
    for number in (dice.randrange(len(said)) for _ in range(count)):
        began = time.perf_counter()
        mine = bands(said[number], key=KEY)
        near = await campaigns.perhaps_alike(engine, f"C-{number}", mine, at=born(number), within=alike.within)
        found += sum(are_alike(said[number], said[int(each[2:])], alike) for each in near)
        took.append((time.perf_counter() - began) * 1000)
    after = os.times()
    return took, (after.user + after.system - before.user - before.system) * 1000 / count, found


async def play(url: str, *, count: int, looks: int) -> None:
    await migrate(url)
    engine, said = connect(url), texts(count)
    done = 0
    for size in (FEW, count):
        await fill(engine, said[:size], first=done)
        done = size
        took, cpu, found = await look(engine, said[:size], count=looks, seed=size)
        p95 = statistics.quantiles(took, n=20)[-1]
        print(
            f"{size:>8,} texts: {statistics.median(took):.1f} ms (p95 {p95:.1f}), {cpu:.1f} ms of CPU a look; "
            f"{found} copies in {looks} looks"
        )
    await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--looks", type=int, default=300)
    parser.add_argument("--url", default="", help="an empty database; SQLite in a throw-away file where none is given")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        url = asked.url or f"sqlite+aiosqlite:///{Path(home) / 'ledger.db'}"
        asyncio.run(play(url, count=asked.texts, looks=asked.looks))


if __name__ == "__main__":
    main()
