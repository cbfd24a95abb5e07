"""django-helpdesk, by its REST API behind gunicorn, with a token; its clock is `escalate_tickets`, by cron."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx2

from bench.peers.scene import BUILD, Database, Peer, finish, process
from bench.peers.waiting import answers, asked, at_each_minute, late
from settings import utc_now
from tests.starter.processes import free_port

HOME = BUILD / "django-helpdesk"
_PACKAGES = ("django-helpdesk==2.6.1", "gunicorn==27.0.1", "psycopg[binary]==3.3.9", "setuptools")
_SITE = """
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres",
    "HOST": "{socket}", "CONN_MAX_AGE": 600}}}}
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.sites", "django.contrib.messages", "django.contrib.staticfiles",
    "django.contrib.humanize", "rest_framework", "rest_framework.authtoken", "helpdesk"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {{"context_processors": ["django.contrib.auth.context_processors.auth",
        "django.template.context_processors.request", "django.contrib.messages.context_processors.messages"]}}}}]
REST_FRAMEWORK = {{"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"]}}
ROOT_URLCONF, WSGI_APPLICATION = "urls", "wsgi.application"
SITE_ID, STATIC_URL, USE_TZ, TIME_ZONE = 1, "/static/", True, "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HELPDESK_ACTIVATE_API_ENDPOINT, HELPDESK_TEAMS_MODE_ENABLED = True, False
LOGGING_CONFIG = None
"""
_FILES = {
    "urls.py": 'from django.urls import include, path\nurlpatterns = [path("", include("helpdesk.urls"))]\n',
    "wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "people.py": """
import django; django.setup()
from django.contrib.auth.models import User
from helpdesk.models import Queue
from rest_framework.authtoken.models import Token
boss = User.objects.create_superuser("boss", "boss@example.com", "boss")
for name in ("engine", "chassis"):
    User.objects.create_user(name, f"{name}@example.com", is_staff=True)
    Queue.objects.create(title=name, slug=name, escalate_days=1)
print(Token.objects.create(user=boss).key)
""",
}
_WORDS = "等了三天没有人回复。"
OPEN, REOPENED, RESOLVED, CLOSED = 1, 2, 3, 4
_STATUS = {"resolve": RESOLVED, "reopen": REOPENED, "close": CLOSED}


class Helpdesk:
    """Two queues and two people; a ticket's number here is ours, its id theirs."""

    def __init__(
        self, http: httpx2.AsyncClient, processes: Sequence[int], database: Database, env: dict[str, str]
    ) -> None:
        self._http, self.processes, self._database, self._env = http, processes, database, env
        self._ids: dict[int, int] = {}

    async def do(self, verb: str, number: int) -> None:
        if verb == "create":
            said = await asked(
                self._http, "POST", "/api/tickets/", queue=1, priority=3, title="冷车难启动", description=_WORDS
            )
            self._ids[number] = said["id"]
            return
        ticket = self._ids[number]
        if verb == "assign":
            await asked(self._http, "PATCH", f"/api/tickets/{ticket}/", assigned_to=2)
        elif verb == "transfer":
            await asked(self._http, "PATCH", f"/api/tickets/{ticket}/", queue=2, assigned_to=3)
        else:
            words = {"ticket": ticket, "user": 2, "title": verb, "comment": "Part replaced.", "public": True}
            await asked(self._http, "POST", "/api/followups/", **words, new_status=_STATUS[verb])

    async def overdue(self, many: int) -> list[float]:
        numbers = [-n for n in range(1, many + 1)]
        for number in numbers:
            await self.do("create", number)
        first = utc_now() + timedelta(seconds=20)
        dues = {self._ids[number]: first + timedelta(seconds=60 * n / many) for n, number in enumerate(numbers)}
        for ticket, due in dues.items():  # its queue escalates after a day
            await self._database.ask(
                f"UPDATE helpdesk_ticket SET created = '{due - timedelta(days=1)}' WHERE id = {ticket}"
            )
        command = (str(HOME / "venv/bin/django-admin"), "escalate_tickets")
        await at_each_minute(lambda: asyncio.to_thread(finish, *command, env=self._env), until=max(dues.values()))
        rows = await self._database.ask(
            "SELECT ticket_id, min(date) FROM helpdesk_followup WHERE title = 'Ticket Escalated' GROUP BY ticket_id"
        )
        seen: dict[int, datetime] = {row[0]: row[1] for row in rows}
        return late(dues, seen)


@contextlib.asynccontextmanager
async def run(database: Database, home: Path) -> AsyncIterator[Helpdesk]:
    install()
    (home / "conf.py").write_text(_SITE.format(socket=database.folder))
    for name, text in _FILES.items():
        (home / name).write_text(text)
    env = {"DJANGO_SETTINGS_MODULE": "conf", "PYTHONPATH": str(home), "PATH": f"{HOME / 'venv/bin'}:/usr/bin:/bin"}
    finish(str(HOME / "venv/bin/django-admin"), "migrate", "--verbosity", "0", env=env)
    token = finish(str(HOME / "venv/bin/python"), str(home / "people.py"), env=env).strip().splitlines()[-1]
    port = free_port()
    serve = (str(HOME / "venv/bin/gunicorn"), "--workers", "3", "--bind", f"127.0.0.1:{port}", "wsgi")
    with process(serve, home / "gunicorn.log", env=env) as number:
        headers = {"Authorization": f"Token {token}"}
        url = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
            await answers(http, "/api/tickets/")
            yield Helpdesk(http, [number], database, env)


def install() -> None:
    """Once, in an environment of its own."""
    if (HOME / "made").exists():
        return
    finish(sys.executable, "-m", "venv", str(HOME / "venv"))
    finish(str(HOME / "venv/bin/pip"), "install", "--quiet", *_PACKAGES)
    (HOME / "made").touch()


PEER = Peer(
    name="django-helpdesk",
    version=lambda: "2.6.1 (Django 5.2, gunicorn 27.0)",
    settings="gunicorn with 3 workers, database connections kept for 10 minutes, letters to Django's dummy backend",
    door="REST API, by token",
    verbs={
        "create": "POST a ticket",
        "assign": "PATCH `assigned_to`",
        "transfer": "PATCH `queue` and `assigned_to`; no reason, no proof",
        "resolve": "POST a follow-up with status 3",
        "reopen": "POST a follow-up with status 2; anybody may",
        "close": "POST a follow-up with status 4; nobody asks the customer",
    },
    clock="`escalate_tickets` from cron, here every minute, as often as cron goes; whole days, the queue's are 1",
    run=run,
)
