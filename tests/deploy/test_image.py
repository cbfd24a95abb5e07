"""The container file, as far as it can be proven without building it; its entry point is run."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
LAST = FILE.rpartition("\nFROM ")[2]
SHOW = ["sh", "-c", 'echo "$VOCLOOP_SECRET_KEY|$VOCLOOP_DEPLOYMENT|$VOCLOOP_BUILD_ID"']


def started(home: Path, command: list[str], **environment: str) -> str:
    known = {"PATH": os.environ["PATH"], "VOCLOOP_HOME": str(home), "SECRETS_FOLDER": str(home), **environment}
    entry = [str(DEPLOY / "entrypoint.sh"), *command]
    return subprocess.run(entry, env=known, check=True, capture_output=True, text=True).stdout.strip()


def test_its_style_is_hadolints() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, DEPLOY / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_base_is_pinned_by_a_tag() -> None:
    bases = re.findall(r"^FROM (\S+)", FILE, re.MULTILINE)
    assert len(bases) == 3
    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]+", base) for base in bases)


def test_it_runs_as_nobody_in_particular_and_builds_nothing_where_it_runs() -> None:
    assert re.search(r"^USER 10001:10001$", LAST, re.MULTILINE)
    assert LAST.index("USER 10001") < LAST.index("ENTRYPOINT")
    assert not re.search(r"\b(pip|npm|apt-get|curl|wget)\b", LAST)


def test_every_package_is_installed_by_its_hash() -> None:
    installs = [line for line in FILE.splitlines() if "pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert "npm ci" in FILE


def test_what_builds_it_is_taken_from_the_lock_with_its_hashes() -> None:
    script = re.findall(r"sed -n '(.+?)' requirements-dev.txt", FILE)
    cut = subprocess.run(
        ["sed", "-n", *script, ROOT / "requirements-dev.txt"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"setuptools==\S+ \\\n( +--hash=sha256:\w{64}( \\)?\n)+( +# .*\n)*", cut.stdout)


def test_everything_that_is_shipped_is_copied_and_reaches_the_builder() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    shipped = {package.partition(".")[0] for package in setuptools["packages"]} | {
        f"{m}.py" for m in setuptools["py-modules"]
    }
    copied = {word for line in re.findall(r"^COPY (?!--)(.+) \S+$", FILE, re.MULTILINE) for word in line.split()}
    allowed = set(
        re.findall(r"^!(\S+)$", (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert shipped <= copied
    assert copied <= allowed
    assert all((ROOT / path).exists() for path in allowed)


def test_the_pages_libraries_are_those_of_make_setup() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [vendored] = re.findall(r"^VENDORED = (.+)$", makefile, re.MULTILINE)
    assert all(f"node_modules/{path}" in FILE for path in vendored.split())


@pytest.mark.parametrize(
    ("environment", "said", "why"),
    [
        ({}, "from a file||", "a secret comes as a file"),
        ({"VOCLOOP_SECRET_KEY": "from here"}, "from here||", "what is set wins"),
        (
            {"TEMPORAL_DEPLOYMENT_NAME": "v", "TEMPORAL_WORKER_BUILD_ID": "7"},
            "from a file|v|7",
            "the controller's words",
        ),
        (
            {"TEMPORAL_DEPLOYMENT_NAME": "v", "TEMPORAL_WORKER_BUILD_ID": "7", "VOCLOOP_BUILD_ID": "8"},
            "from a file|v|8",
            "our own word wins",
        ),
    ],
)
def test_the_entry_point_passes_on(environment: dict[str, str], said: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "VOCLOOP_SECRET_KEY").write_text("from a file\n", encoding="ascii")
    assert started(tmp_path, SHOW, **environment) == said, why


def test_a_worker_that_begins_again_is_not_ready_before_it_is(tmp_path: Path) -> None:
    (tmp_path / "worker.ready").touch()
    assert started(tmp_path, ["ls", str(tmp_path)]) == ""


def test_without_secrets_it_starts_too(tmp_path: Path) -> None:
    assert started(tmp_path, ["echo", "here"], SECRETS_FOLDER=str(tmp_path / "none")) == "here"
