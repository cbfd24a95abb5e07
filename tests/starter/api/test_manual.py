"""docs/api.md is kept true: its commands exist, its bodies are taken, its table of codes is the code's."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from domain.refusals import Refusal
from domain.ticket import Ticket
from starter.api.bodies import COMMANDS, body_of, route_of
from starter.api.disclosures import WhyBody
from starter.api.goodwill import GoodwillBody
from starter.api.red_lines import AcknowledgeBody, CloseBody, DecideBody
from starter.api.seats import SeatBody
from starter.api.webhooks import NewWebhook
from starter.http.problem_kinds import KINDS
from tests.starter.api_server import RunningApi

MANUAL = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = re.findall(r"curl \$API/(\S+) -H \"\$KEY\" -H 'Content-Type.*?-d '(\{.*?\})'", MANUAL, re.DOTALL)

LOOKS = re.findall(r'^curl (?:-OJ )?"\$API(/[^"]+)" -H "\$KEY"', MANUAL, re.MULTILINE)


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_every_body_in_the_manual_is_well_formed(path: str, body: str) -> None:
    sent = json.loads(body.replace('"sha256": "…"', f'"sha256": "{"0" * 64}"'))
    command = path.rpartition("/")[2].replace("-", "_")
    others: dict[str, type[BaseModel]] = {
        "tickets": Ticket,
        "personal": WhyBody,
        "webhooks": NewWebhook,
        "goodwill": GoodwillBody,
        "seats": SeatBody,
    }
    if path.startswith("red-lines/"):
        others |= {"acknowledge": AcknowledgeBody, "decide": DecideBody, "close": CloseBody}
    model = others.get(command) or body_of(command)
    assert model.model_validate(sent)


def test_every_call_in_the_manual_shows_its_key() -> None:
    calls = re.findall(r"^curl .*", MANUAL, re.MULTILINE)
    assert len(calls) > 15
    assert not [call for call in calls if ' -H "$KEY"' not in call]


@pytest.mark.parametrize("path", LOOKS)
async def test_every_look_in_the_manual_is_answered(running_api: RunningApi, path: str) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    response = await running_api.http.get(f"/api/v1{path.replace('T-1', ticket_no)}")
    assert response.status_code == 200, response.text


ROLES = ["responder", "manager", "CX", "arbiter", "coordinator", "Leadership", "dealer", "Ops", "system that listens"]


@pytest.mark.parametrize("role", ROLES)
def test_each_roles_day_has_calls_of_its_own(role: str) -> None:
    chapters = re.split(r"^## ", MANUAL, flags=re.MULTILINE)
    theirs = [chapter for chapter in chapters if role in chapter.partition("\n")[0]]
    assert theirs
    assert len(re.findall(r"^curl ", theirs[0], re.MULTILINE)) >= 2


def test_the_manual_speaks_of_every_command() -> None:
    assert len(CALLS) > 8
    assert not [kind for kind in COMMANDS if route_of(kind) not in MANUAL]


def test_the_table_of_codes_is_complete() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", MANUAL, re.MULTILINE))
    expected = {code: str(kind.status) for code, kind in KINDS.items()}
    assert listed == expected | {str(refusal): "409" for refusal in Refusal}
