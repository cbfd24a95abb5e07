"""`vocloop red-line` as an operator meets it, against a real server."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from ledger import red_lines
from policy.red_line_calling import load_calling
from starter.demo.theatre import World
from starter.red_lines import begin_owed
from starter.verbs.red_line import app
from tests.workflows.cases import until
from workflows.names import TASK_QUEUE


@pytest.fixture
def environment(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("VOCLOOP_DATABASE_URL", world.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("VOCLOOP_TEMPORAL_ADDRESS", world.env.client.service_client.config.target_host)
    monkeypatch.setenv("VOCLOOP_TEMPORAL_NAMESPACE", world.env.client.namespace)
    return world


async def ask(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def test_a_drill_from_its_beginning_to_its_end(environment: World) -> None:
    world = environment
    begun = await ask("drill")
    assert begun.exit_code == 0
    drill = begun.output.split()[0]
    assert "not begun" in (await ask("list")).output
    await begin_owed(world.env.client, world.engine, load_calling(), task_queue=TASK_QUEUE)
    await until(lambda: red_lines.happened(world.engine, drill), bool)
    refused = await ask("acknowledge", drill, "--as", "powertrain.vp")
    assert (refused.exit_code, "not a decision maker" in refused.output) == (1, True)
    for order in (
        ("acknowledge", drill, "--as", "quality.vp"),
        ("decide", drill, "stop_drive", "--as", "quality.vp", "--why", "a drill"),
        ("close", drill, "no_defect", "--as", "leadership", "--why", "a drill"),
    ):
        done = await ask(*order)
        assert done.exit_code == 0, done.output
    await until(lambda: red_lines.happened(world.engine, drill), lambda found: found[-1].what == "closed")
    shown = json.loads((await ask("show", drill, "--json")).output)
    decided = [(each["what"], each["post"]) for each in shown if each["post"]]
    assert decided == [("acknowledged", "quality.vp"), ("decided", "quality.vp"), ("closed", "leadership")]
    assert "closed: no_defect" in (await ask("show", drill)).output


async def test_what_is_no_red_line_or_no_post_is_said_in_a_sentence(environment: World) -> None:
    assert (await ask("show", "T-none")).exit_code == 1
    nothing = await ask("acknowledge", "T-none", "--as", "leadership")
    assert (nothing.exit_code, "There is no red line T-none" in nothing.output) == (1, True)
