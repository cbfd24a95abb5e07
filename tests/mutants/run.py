"""`make mutants`: small faults in `domain/`, one at a time, each of which a test in `tests/domain` must find.

    .venv/bin/python -m tests.mutants.run --sample 500 --seed 1
    .venv/bin/python -m tests.mutants.run domain.clocks domain.fold

mutmut makes the faults and runs the tests, in a copy of the tree under build/mutants/. All of `domain/`
takes hours, hence the sample.
"""

import argparse
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from tests.starter.processes import ROOT, child_environment

BUILD = ROOT / "build" / "mutants"
TARGET = 0.85
FOUND = ("killed", "timeout", "segfault", "suspicious", "caught by type check")
_UNTRIED = "not checked"
_CONFIG = """
[tool.mutmut]
source_paths = ["domain"]
also_copy = {beside}
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-W", "ignore"]
pytest_add_cli_args_test_selection = ["tests/domain"]
process_isolation = "forkserver"  # a process in which tests have run holds what the unchanged code has made: caches
"""


def mutants(*arguments: str, quiet: bool = False) -> str:
    """What mutmut says. Raises CalledProcessError when it cannot go on; its progress goes to the terminal."""
    command = (sys.executable, "-m", "mutmut", *arguments)
    environment = child_environment(PYTHONPATH="")
    kind = subprocess.PIPE if quiet else None
    asked = subprocess.run(command, cwd=BUILD, env=environment, stdout=kind, text=True, check=True)
    return asked.stdout or ""


def lay_out() -> None:
    """A copy of what git has, with mutmut's own settings."""
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in kept.stdout.split("\0") if name and (ROOT / name).is_file()]
    for name in files:
        (BUILD / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, BUILD / name)
    beside = sorted({name.partition("/")[0] for name in files} - {"domain", "tests", "pyproject.toml"})
    if (data := ROOT.parent / "shared").is_dir():  # the labelled complaints that some of the tests read
        (BUILD / data.name).unlink(missing_ok=True)
        (BUILD / data.name).symlink_to(data.resolve())
        beside.append(data.name)
    with (BUILD / "pyproject.toml").open("a") as settings:
        settings.write(_CONFIG.format(beside=str(beside).replace("'", '"')))


def verdicts() -> dict[str, str]:
    """Each mutant's name, as `domain.module.x_function__mutmut_1`, and what became of it."""
    said = mutants("results", "--all", "true", quiet=True)
    return dict(tuple(line.strip().split(": ", 1)) for line in said.splitlines() if "__mutmut_" in line)  # type: ignore[misc]


def chosen(names: Iterable[str], *, modules: Sequence[str], sample: int, seed: int) -> list[str]:
    """Those of the modules, all if none is named; `sample` of them drawn by the seed, all if 0."""
    among = sorted(name for name in names if not modules or name.startswith(tuple(f"{module}." for module in modules)))
    return random.Random(seed).sample(among, min(sample, len(among))) if sample else among


def wilson(found: int, tried: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), 0 to 1."""
    z, share = 1.96, found / tried
    middle, half = share + z * z / (2 * tried), z * sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return (middle - half) / (1 + z * z / tried), (middle + half) / (1 + z * z / tried)


def table(told: Mapping[str, str]) -> str:
    """Module × mutants × found, those with most missed first, then all and its interval."""
    modules: dict[str, list[bool]] = {}
    for name, verdict in told.items():
        modules.setdefault(name.partition(".x")[0], []).append(verdict in FOUND)
    lines = [f"{'module':<32}{'mutants':>8}{'found':>7}"]
    for module, each in sorted(modules.items(), key=lambda item: (sum(item[1]) - len(item[1]), item[0])):
        lines.append(f"{module:<32}{len(each):>8}{sum(each):>7}")
    found, tried = sum(map(sum, modules.values())), len(told)
    low, high = wilson(found, tried)
    return "\n".join([*lines, f"{'all':<32}{tried:>8}{found:>7}   {found / tried:.1%} ({low:.1%} to {high:.1%})"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="as domain.clocks; all of domain if none is named")
    parser.add_argument("--sample", type=int, default=0, help="so many of them, drawn by the seed; all if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=1)
    given = parser.parse_args(arguments)
    BUILD.mkdir(parents=True, exist_ok=True)
    lay_out()
    how = ("--max-children", str(given.at_once))
    mutants("run", *how, "domain.once.*")  # makes all of them, and learns which tests go through which function
    names = chosen(verdicts(), modules=given.modules, sample=given.sample, seed=given.seed)
    if not names:
        print("No mutant is of these modules: name them as domain.clocks.", file=sys.stderr)
        return 2
    mutants("run", *how, *names)
    told = {name: verdict for name, verdict in verdicts().items() if name in set(names)}
    for name, verdict in sorted(told.items()):
        if verdict not in FOUND:
            print(f"\n{verdict}: {mutants('show', name, quiet=True)}")
    print(f"\n{table(told)}")
    found = sum(verdict in FOUND for verdict in told.values())
    return 0 if found >= TARGET * len(told) and _UNTRIED not in told.values() else 1


if __name__ == "__main__":
    sys.exit(main())
