"""`vocloop policy preview-adoption`: whom the policy of today would touch, and on request its adoption."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

import settings as environment
from domain.adopting import Adoption, adoption
from domain.policy import Policy
from ledger import database, queries
from policy.faults import PolicyError
from policy.reading import PolicyFiles, load
from starter.api_client import ApiClient, ApiRefused, base_url, language
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger, told

_OPS = json.dumps({"actor": {"role": "ops"}}).encode()
_LIGHTS = ("red", "yellow", "green")


def preview_adoption(
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Let those whom it touches adopt it.")] = False,
    everybody: Annotated[bool, typer.Option("--all", help="With --apply, also those whose due instant stays.")] = False,
    api: Annotated[str, typer.Option("--api", help="The API's address; by default that of `vocloop up`.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show who turns red, yellow or green under the policy of today. Exit codes: 0, 1 somebody refused, 2 not seen."""
    at = environment.utc_now()
    files, policy = told(lambda: _in_force(at))
    found = in_ledger(lambda engine: _previews(engine, policy, at=at))
    chosen = [each for each in found if not each.refused and (everybody or each.changes)]
    asked = told(lambda: _adopted(chosen, api, policy, is_quiet=as_json)) if apply else None
    if as_json:
        typer.echo(json.dumps(_as_json(found, policy, asked)))
    else:
        _print(found, files, policy, at=at)
        typer.echo(_ending(chosen, asked))
    if asked and asked.refused:
        raise typer.Exit(1)


class Asked(NamedTuple):
    """Who has adopted the policy, who will once a worker answers, and who was refused, with the reason."""

    adopted: list[str]
    queued: list[str]
    refused: dict[str, str]


def _in_force(at: datetime) -> tuple[PolicyFiles, Policy]:
    try:
        files = load(environment.load().policy)
        return files, files.policy_at(at)
    except PolicyError as error:
        raise CannotGoOn(f"{error}\nThe policy cannot be read: mend it, then ask again.") from None


async def _previews(engine: AsyncEngine, policy: Policy, *, at: datetime) -> list[Adoption]:
    if not await database.is_ready(engine):
        raise CannotGoOn("The ledger does not answer, or lacks the tables of this release: run `vocloop migrate`.")
    is_open = queries.ComplaintFilter(is_open=True)
    numbers = [row.ticket_no async for row in queries.every_complaint(engine, is_open, at=at)]
    complaints = [await queries.complaint(engine, ticket_no) for ticket_no in numbers]
    return [found for c in complaints if c and (found := adoption(c, policy, at=at))]


def _adopted(chosen: Sequence[Adoption], api: str, policy: Policy, *, is_quiet: bool) -> Asked:
    """Asking again is safe: who has adopted is no longer among the chosen."""
    settings, asked = environment.load(), Asked([], [], {})
    with (
        ApiClient(base_url(api, settings), language=language(), settings=settings) as client,
        Progress(console=Console(stderr=True), disable=is_quiet, transient=True) as progress,
    ):
        for each in progress.track(chosen, description=f"Adopting {policy.version}"):
            try:
                answer = client.post(f"/complaints/{each.ticket_no}/adopt-policy", _OPS)
            except ApiRefused as error:
                asked.refused[each.ticket_no] = str(error)
            else:
                (asked.queued if answer.get("queued") else asked.adopted).append(each.ticket_no)
    return asked


def _as_json(found: Sequence[Adoption], policy: Policy, asked: Asked | None) -> dict[str, object]:
    return {
        "policy": policy.version,
        "complaints": [each.model_dump(mode="json") | {"changes": each.changes} for each in found],
        "departments": _counted(found),
        "applied": asked._asdict() if asked else None,
    }


def _counted(found: Sequence[Adoption]) -> dict[str, dict[str, int]]:
    """For each department how many stand in which light, now and then, and how many due instants move."""
    counts: dict[str, Counter[str]] = {}
    for each in found:
        count = counts.setdefault(each.department, Counter(dict.fromkeys(_keys(), 0)))
        count.update((f"{each.light}", f"{each.light_then}_then"))
        count.update({"moved": each.due_at != each.due_at_then, "refused": each.refused})
    return {department: dict(counts[department]) for department in sorted(counts)}


def _keys() -> tuple[str, ...]:
    return (*_LIGHTS, *(f"{light}_then" for light in _LIGHTS), "moved", "refused")


def _print(found: Sequence[Adoption], files: PolicyFiles, policy: Policy, *, at: datetime) -> None:
    zone, console = ZoneInfo(policy.calendar.zone), Console()
    table = Table("Ticket", "Department", "Due", "Due then", "Light", title=f"Under policy {policy.version}")
    for each in sorted((each for each in found if each.changes), key=_by_light):
        due, then = (_shown(due, zone) for due in (each.due_at, each.due_at_then))
        mark = " ~" if each.is_provisional_then else ""
        light = f"{each.light}" if each.light is each.light_then else f"{each.light} → {each.light_then}"
        table.add_row(each.ticket_no, each.department, due, then + mark, "refused" if each.refused else light)
    console.print(table)
    names = {each.id: each.en for each in files.departments}
    counts = Table("Department", "Red", "Yellow", "Green", "Moved", title=f"Open complaints at {_shown(at, zone)}")
    for department, count in _counted(found).items():
        lights = [f"{count[light]} → {count[f'{light}_then']}" for light in _LIGHTS]
        counts.add_row(names.get(department, department), *lights, str(count["moved"]))
    console.print(counts)


def _by_light(each: Adoption) -> tuple[int, str]:
    return _LIGHTS.index(each.light_then), each.ticket_no


def _shown(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "—"


def _ending(chosen: Sequence[Adoption], asked: Asked | None) -> str:
    if not chosen:
        return "Nobody is touched."
    if asked is None:
        return f"{len(chosen)} would change. Nothing was done; --apply lets them adopt it. ~ is provisional."
    said = [f"{ticket_no}: {why}" for ticket_no, why in asked.refused.items()]
    if asked.queued:
        said.append(f"{len(asked.queued)} are kept and will adopt it when a worker answers.")
    if asked.refused:
        said.append("Where nothing changes for the API, start it again: it lives by the files it was started with.")
    return "\n".join([*said, f"{len(asked.adopted)} of {len(chosen)} have adopted it."])
