"""What the layout promises and no other tool proves."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAYERS = PROJECT["tool"]["importlinter"]
FILE_LINES, FUNCTION_LINES = 300, 30

ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
SOURCES = sorted([*(path for room in ROOMS for path in (ROOT / room).rglob("*.py")), *ROOT.glob("*.py")])
MIGRATIONS = ROOT / "ledger" / "migrations" / "versions"  # lists of steps, never edited again: no ceiling
Function = ast.FunctionDef | ast.AsyncFunctionDef


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) and function.body[1:] else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1


def test_every_room_stands_under_the_layer_contracts() -> None:
    assert sorted(LAYERS["root_packages"]) == ROOMS


def test_every_room_has_one_place_in_the_layers() -> None:
    [layers] = [contract["layers"] for contract in LAYERS["contracts"] if contract["type"] == "layers"]
    assert sorted(room for layer in layers for room in layer.split(" | ")) == ROOMS


def test_every_package_and_module_is_shipped() -> None:
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts) for room in ROOMS for path in (ROOT / room).rglob("__init__.py")
    }
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages
    assert set(PROJECT["tool"]["setuptools"]["py-modules"]) == modules


@pytest.mark.parametrize("path", [p for room in ROOMS for p in (ROOT / room).rglob("__init__.py")], ids=label)
def test_a_package_file_is_empty(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_a_file_and_its_functions_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < FILE_LINES
    too_long = {function.name for function in functions(path) if length(function) > FUNCTION_LINES}
    assert path.parent == MIGRATIONS or too_long == set()


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "__init__.py"], ids=label)
def test_a_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_functions_are_short_as_a_rule() -> None:
    lengths = sorted(length(function) for path in SOURCES for function in functions(path))
    assert lengths[len(lengths) // 2] <= 10
