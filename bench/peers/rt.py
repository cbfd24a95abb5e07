"""Request Tracker 5 of Debian, by REST 2 behind Starman, with a token; its clock is SLA's due date and rt-crontool."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from bench.peers.scene import CannotRunHere, Database, Peer, finish, process
from bench.peers.waiting import answers, asked, at_each_minute, late
from tests.starter.processes import free_port

_SHARE = Path("/usr/share/request-tracker5")
_MISSING = "apt-get install request-tracker5 rt5-db-postgresql starman, and run it again."
_CONFIG = """
Set($rtname, 'bench'); Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($Timezone, 'UTC');
Set($DatabaseType, 'Pg'); Set($DatabaseHost, '{socket}'); Set($DatabaseName, 'rt5');
Set($DatabaseUser, 'rt_user'); Set($DatabasePassword, 'bench');
Set($SendmailPath, '/bin/true'); Set($LogToSTDERR, 'error'); Set($LogToSyslog, undef);
Set(%ServiceAgreements, (Default => 'hurried', Levels => {{ hurried => {{ Resolve => {{ RealMinutes => 1 }} }} }}));
1;
"""
_TOKEN = """
use RT -init; my $root = RT::User->new(RT->SystemUser); $root->Load('root');
my $made = RT::AuthToken->new(RT->SystemUser);
my ($ok, $said, $token) = $made->Create(Owner => $root->id, Description => 'bench'); die $said unless $ok;
for my $name ('engine', 'chassis') {
    my $queue = RT::Queue->new(RT->SystemUser); my ($id, $told) = $queue->Create(Name => $name); die $told unless $id;
    my $user = RT::User->new(RT->SystemUser); ($id, $told) = $user->Create(Name => $name, Privileged => 1);
    die $told unless $id;
    $user->PrincipalObj->GrantRight(Right => 'OwnTicket', Object => $queue);
}
my $quick = RT::Queue->new(RT->SystemUser); $quick->Create(Name => 'hurried'); $quick->SetSLADisabled(0);
print $token;
"""
_PUT: dict[str, dict[str, str]] = {
    "assign": {"Owner": "engine"},
    "transfer": {"Queue": "chassis", "Owner": "chassis"},
    "resolve": {"Status": "resolved"},
    "reopen": {"Status": "open"},
    "close": {"Status": "resolved"},
}


class RequestTracker:
    def __init__(
        self, http: httpx2.AsyncClient, processes: Sequence[int], database: Database, env: dict[str, str]
    ) -> None:
        self._http, self.processes, self._database, self._env = http, processes, database, env
        self._ids: dict[int, str] = {}

    async def do(self, verb: str, number: int) -> None:
        if verb == "create":
            words = {"Subject": "冷车难启动", "Content": "等了三天没有人回复。", "Requestor": "wang@example.com"}
            self._ids[number] = (await asked(self._http, "POST", "ticket", Queue="engine", **words))["id"]
        else:
            await asked(self._http, "PUT", f"ticket/{self._ids[number]}", **_PUT[verb])

    async def overdue(self, many: int) -> list[float]:
        """Its own SLA gives each a minute from its making; they are made over a minute."""
        for _ in range(many):
            words = {"Queue": "hurried", "InitialPriority": 10, "FinalPriority": 50, "Priority": 10}
            await asyncio.gather(asyncio.sleep(60 / many), asked(self._http, "POST", "ticket", **words))
        rows = await self._database.ask(
            "SELECT t.id, t.due FROM tickets t JOIN queues q ON q.id = t.queue WHERE q.name = 'hurried'",
            name="rt5",
        )
        dues = {row["id"]: row["due"].replace(tzinfo=UTC) for row in rows}
        query = "Queue = 'hurried' AND Due < 'now' AND Priority < 50"
        command = (
            *("rt-crontool-5", "--search", "RT::Search::FromSQL", "--search-arg", query),
            *("--action", "RT::Action::EscalatePriority"),
        )
        await at_each_minute(lambda: asyncio.to_thread(finish, *command, env=self._env), until=max(dues.values()))
        said = await self._database.ask(
            "SELECT objectid, min(created) AS at FROM transactions"
            " WHERE objecttype = 'RT::Ticket' AND field = 'Priority' GROUP BY objectid",
            name="rt5",
        )
        seen: dict[int, datetime] = {row["objectid"]: row["at"].replace(tzinfo=UTC) for row in said}
        return late(dues, seen)


@contextlib.asynccontextmanager
async def run(database: Database, home: Path) -> AsyncIterator[RequestTracker]:
    if not shutil.which("rt-crontool-5") or not shutil.which("starman"):
        raise CannotRunHere(_MISSING)
    port, config = free_port(), home / "RT_SiteConfig.pm"
    config.write_text(_CONFIG.format(port=port, socket=database.folder))
    (home / "none").mkdir()
    env = {"RT_SITE_CONFIG": str(config), "RT_SITE_CONFIG_DIR": str(home / "none")}
    setup = ("rt-setup-database-5", "--action", "init", "--dba", "postgres", "--dba-password", "", "--skip-create")
    psql = ("psql", "--host", str(database.folder), "--username", "postgres", "--quiet", "--command")
    finish(*psql, "CREATE ROLE rt_user LOGIN SUPERUSER PASSWORD 'bench'")
    finish(*psql, "CREATE DATABASE rt5 TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'")
    finish(*setup, env=env)
    token = finish("perl", f"-I{_SHARE / 'lib'}", "-e", _TOKEN, env=env).strip().splitlines()[-1]
    # Each worker of Starman's keeps to one connection: as many as ask at once, or one of them waits for ever.
    serve = ("perl", str(_SHARE / "libexec/rt-server"), "--server", "Starman", "--port", str(port), "--workers", "5")
    with process(serve, home / "rt.log", env=env) as number:
        url, headers = f"http://127.0.0.1:{port}/REST/2.0/", {"Authorization": f"token {token}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
            await answers(http, "rt")
            yield RequestTracker(http, [number], database, env)


def version() -> str:
    return finish("dpkg-query", "--show", "--showformat", "${Version}", "request-tracker5").strip()


PEER = Peer(
    name="Request Tracker",
    version=version,
    settings="Starman with 5 workers, letters to /bin/true, an SLA of one real minute for the overdue ones",
    door="REST 2, by token",
    verbs={
        "create": "POST a ticket; the requestor is written to",
        "assign": "PUT `Owner`",
        "transfer": "PUT `Queue` and `Owner`; no reason, no proof",
        "resolve": "PUT status resolved",
        "reopen": "PUT status open; anybody may",
        "close": "PUT status resolved again: there is no other end, and nobody asks the customer",
    },
    clock="SLA sets the due date; `rt-crontool` with EscalatePriority by cron, here every minute, as often as it goes",
    run=run,
)
