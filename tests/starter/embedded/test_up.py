import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from settings import Settings
from starter.embedded.parts import Ports
from starter.embedded.plan import Plan
from starter.home import locked, prepare, secret
from starter.stopping import CannotGoOn
from tests.starter.processes import ROOT, child_environment, free_port, listening, runs, wait_until

UP = (sys.executable, "-m", "starter.cli", "up")


def ports(**taken: int) -> dict[str, str]:
    """Each port option of `up` with a free port, or the one given."""
    names = ("temporal", "temporal_http", "ui", "api", "crm")
    return {f"--{name.replace('_', '-')}-port": str(taken.get(name) or free_port()) for name in names}


def up(home: Path, *more: str, **taken: int) -> subprocess.CompletedProcess[str]:
    """Run `up` where it cannot start."""
    options = [*more, *(part for pair in ports(**taken).items() for part in pair)]
    return subprocess.run(
        [*UP, "--home", str(home), *options],
        capture_output=True,
        text=True,
        env=child_environment(),
        cwd=ROOT,
        timeout=90,
        check=False,
    )


class Running:
    """A `vocloop up` that runs; what it said so far is in `said`."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path, home: Path, api: str) -> None:
        self.process, self._output, self.home, self.api = process, output, home, api

    @property
    def said(self) -> str:
        return self._output.read_text()

    def child(self, name: str) -> int:
        """The process id of the child whose command ends in `name`."""
        found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in found.splitlines()]
        mine = [line for line in lines if line[1] == str(self.process.pid) and name in line[2]]
        return int(mine[0][0])

    def children(self) -> list[int]:
        return [self.child(name) for name in ("start-dev", "starter.cli worker", "starter.cli api", "crm-sim")]


@contextmanager
def running(tmp_path: Path) -> Iterator[Running]:
    """`up` with all its parts, ready."""
    home, output, chosen = tmp_path / "home", tmp_path / "said", ports()
    options = [part for pair in chosen.items() for part in pair]
    with output.open("wb") as said:
        process = subprocess.Popen(
            [*UP, "--home", str(home), "--with-crm-sim", *options],
            stdout=said,
            stderr=subprocess.STDOUT,
            env=child_environment(),
            cwd=ROOT,
        )
    try:
        up_and_running = Running(process, output, home, f"http://127.0.0.1:{chosen['--api-port']}")
        wait_until(lambda: "Stop with Ctrl-C." in up_and_running.said or process.poll() is not None, seconds=90)
        assert process.poll() is None, up_and_running.said
        yield up_and_running
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["temporal", "temporal_http", "temporal_ui"])
def test_a_port_that_is_taken_is_named_with_the_option_to_choose_another(tmp_path: Path, name: str) -> None:
    with listening() as port:
        chosen = Ports(
            **{"temporal": free_port(), "temporal_http": free_port(), "temporal_ui": free_port(), name: port}
        )
        plan = Plan.of(Settings(home=tmp_path, api_port=free_port()), ports=chosen, with_crm_sim=False)
        option = f"--{name.replace('_', '-')}-port".replace("--temporal-ui", "--ui")
        with pytest.raises(CannotGoOn, match=f"Port {port} is taken: free it, or choose another with {option}"):
            plan.refuse_taken_ports()


def test_a_cluster_that_is_named_needs_no_port_of_temporals(tmp_path: Path) -> None:
    with listening() as port:
        chosen = Ports(temporal=port, temporal_http=port, temporal_ui=port)
        settings = Settings(home=tmp_path, api_port=free_port(), temporal_address="temporal.example:7233")
        Plan.of(settings, ports=chosen, with_crm_sim=False).refuse_taken_ports()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        CannotGoOn, match=r"file/home cannot be written to \(Not a directory\): choose another with --home"
    ):
        prepare(tmp_path / "file" / "home")


def test_a_lock_goes_with_its_holder(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(CannotGoOn, match=f"process {os.getpid()}"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_the_key_of_a_home_stays_the_same_and_private(tmp_path: Path) -> None:
    assert secret(tmp_path) == secret(tmp_path)
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_the_command_says_one_sentence_and_exits_with_2(tmp_path: Path) -> None:
    with listening() as port:
        done = up(tmp_path, api=port)
    assert done.returncode == 2
    assert done.stderr == f"Port {port} is taken: free it, or choose another with --api-port.\n"


def test_it_does_not_open_to_the_network_while_nobody_can_prove_who_they_are(tmp_path: Path) -> None:
    done = up(tmp_path, "--host", "0.0.0.0")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("The API does not listen on 0.0.0.0 while nobody can prove who they are")


@pytest.mark.long
def test_everything_answers_what_dies_comes_back_and_nothing_stays(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        addresses = re.findall(r"http://\S+", stack.said)
        assert {httpx2.get(address, follow_redirects=True).status_code for address in addresses} == {200}
        assert httpx2.get(f"{stack.api}/readyz").status_code == 200
        second = up(stack.home)
        assert (second.returncode, len(second.stderr.splitlines())) == (2, 1)
        assert f"already runs on {stack.home} (process {stack.process.pid})" in second.stderr
        children = stack.children()
        os.kill(children[1], signal.SIGKILL)
        wait_until(lambda: "worker is ready again." in stack.said, seconds=60)
        children = [*children, stack.child("starter.cli worker")]
        stack.process.send_signal(signal.SIGTERM)
        assert stack.process.wait(60) == 0
    assert "worker stopped (exit -9); starting it again in 1 s" in stack.said
    assert [child for child in children if runs(child)] == []
    assert json.loads((stack.home / "up.json").read_text())["api"] == stack.api
