"""`make rolling`: open complaints go from another release's code to this one, while they are played and grow older.

    .venv/bin/python -m tests.chaos.rolling --from v0.1.0 [--complaints 110] [--database postgresql]

In the order of docs/operations.md: the ledger is migrated under the old processes, a new worker comes beside the old
one, the old one is asked to stop, and then the API is replaced. Both releases run with this environment's packages.
"""

import argparse
import asyncio
import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from ledger import tables as t
from ledger.database import migrate, reading
from starter.embedded import parts
from starter.embedded.supervising import Part
from tests.chaos.actors import Book
from tests.chaos.household import POSTGRESQL, SQLITE, Household, Member, a_household
from tests.chaos.run import Asked, kept, run
from tests.starter.api_server import a_ledger
from tests.starter.processes import ROOT

CALM = Asked(complaints=110, faults=0, horizon_s=90.0, pause_s=12.0, at_once=200, play_s=300.0)


class Step(NamedTuple):
    """One step of the change: how long it took, and how much was going on when it was over."""

    what: str
    seconds: float
    open_: int
    answered: int


@dataclass
class Rolling:
    """Brings this release's processes in, and the other's out, once `complaints` have begun. Both workers share it
    for `overlap_s`.
    """

    household: Household
    complaints: int
    overlap_s: float = 10.0
    steps: list[Step] = field(default_factory=list)

    async def roll(self, book: Book) -> None:
        async with self._step("all complaints have begun", book):
            while len(book.created) < self.complaints or await self._begun() < self.complaints:  # noqa: ASYNC110 - others' work
                await asyncio.sleep(0.2)
        async with self._step("ledger migrated under the old processes", book):
            await migrate(self.household.settings.ledger_url)
        async with self._step("new worker ready beside the old", book):
            old = self.household.members["worker"]
            await self._begin("worker", parts.worker(self.household.behind))
        async with self._step("both at work", book):
            await asyncio.sleep(self.overlap_s)
        async with self._step("old worker gone", book):
            await old.retire()
        async with self._step("API replaced", book):
            await self.household.members["api"].retire()
            await self._begin("api", parts.api(self.household.behind))

    async def end(self) -> None:
        await asyncio.gather(*(self.household.members[name].end() for name in ("worker", "api")))

    async def _begin(self, name: str, part: Part) -> None:
        """It stands in the log of its own name, after what the old one said."""
        member = Member(part, self.household.settings.home / "logs")
        self.household.members[name] = member
        await member.begin()

    @asynccontextmanager
    async def _step(self, what: str, book: Book) -> AsyncIterator[None]:
        begun = time.monotonic()
        yield
        self.steps.append(Step(what, time.monotonic() - begun, await self._open(), len(book.answered)))

    async def _begun(self) -> int:
        async with a_ledger(self.household.settings) as engine, reading(engine) as connection:
            return int(await connection.scalar(select(func.count()).select_from(t.complaints)) or 0)

    async def _open(self) -> int:
        opened = select(func.count()).select_from(t.complaints).where(t.complaints.c.closed_at.is_(None))
        async with a_ledger(self.household.settings) as engine, reading(engine) as connection:
            return int(await connection.scalar(opened) or 0)


def unpack(commit: str, folder: Path) -> None:
    """That commit's files. Raises LookupError when this checkout does not have it."""
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", commit], capture_output=True, check=False
    )
    if asked.returncode:
        raise LookupError(f"{commit} is not in this checkout: fetch the whole history, or name another with --from.")
    with tarfile.open(fileobj=io.BytesIO(asked.stdout)) as archive:
        archive.extractall(folder, filter="data")


def newest_tag() -> str:
    """Raises LookupError when nothing is tagged."""
    asked = subprocess.run(
        ["git", "-C", ROOT, "describe", "--tags", "--abbrev=0"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise LookupError('No release is tagged here: name a commit, make rolling ARGS="--from <commit>".')
    return asked.stdout.strip()


def table(steps: Sequence[Step]) -> str:
    """Step × seconds × open complaints × answers so far."""
    lines = [f"{'step':<44}{'seconds':>8}{'open':>6}{'answers':>9}"]
    return "\n".join(
        lines + [f"{step.what:<44}{step.seconds:>8.1f}{step.open_:>6}{step.answered:>9}" for step in steps]
    )


async def rolled(code: Path, home: Path, asked: Asked, *, database: str = SQLITE, overlap_s: float = 10.0) -> bool:
    """Whether every promise was kept, from `code` to this release; prints how it went."""
    async with a_household(home, database=database, code=code) as household:
        rolling = Rolling(household, asked.complaints, overlap_s)
        try:
            outcome = await run(asked, household, beside=rolling.roll)
        finally:
            await rolling.end()
    print(f"{table(rolling.steps)}\n\n{kept(outcome)}")
    return outcome.is_whole


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="before", help="tag or commit to come from; the newest tag if none is named")
    parser.add_argument("--complaints", type=int, default=CALM.complaints)
    parser.add_argument("--seed", type=int, default=CALM.seed)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="vocloop-rolling-"))
    try:
        before = given.before or newest_tag()
        unpack(before, folder / "code")
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"From {before}: {given.complaints} complaints, seed {given.seed}. Logs are in {folder / 'home' / 'logs'}.",
        flush=True,
    )
    asked = CALM._replace(seed=given.seed, complaints=given.complaints)
    return 0 if asyncio.run(rolled(folder / "code", folder / "home", asked, database=given.database)) else 1


if __name__ == "__main__":
    sys.exit(main())
