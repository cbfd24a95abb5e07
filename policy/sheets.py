"""One policy file: read whole, or with every fault in it named by line."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from policy.faults import Fault
from policy.toml_lines import Path as KeyPath
from policy.toml_lines import lines_of

Table = TypeVar("Table", bound=BaseModel)

_LENGTH = 'a length needs a number and a unit, like "4 hours" or "3 working_days"'


@dataclass(frozen=True)
class Sheet(Generic[Table]):
    """A file's content and where in the file each part of it stands."""

    file: str
    table: Table
    lines: dict[KeyPath, int]

    def fault(self, path: KeyPath, sentence: str) -> Fault:
        return Fault(file=self.file, line=_line(self.lines, path), sentence=sentence)


def read(path: Path, model: type[Table]) -> tuple[Sheet[Table] | None, tuple[Fault, ...]]:
    """The sheet, or None and what is wrong with it. Keys the model does not know are faults."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        return None, (Fault(file=str(path), line=0, sentence="The file is missing; put it back."),)
    except OSError as error:
        return None, (Fault(file=str(path), line=0, sentence=f"The file cannot be read: {error.strerror}."),)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, (Fault(file=str(path), line=line, sentence="The file is not UTF-8; save it as UTF-8."),)
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax_fault(path, text, error),)
    lines = lines_of(text)
    try:
        return Sheet(str(path), model.model_validate(values), lines), ()
    except ValidationError as error:
        return None, _content_faults(path, lines, error)


def _syntax_fault(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Fault:
    found = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", str(error))
    line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
    said = str(error).partition(" (at ")[0]
    return Fault(file=str(path), line=line, sentence=f"This is not TOML: {said}.")


def _content_faults(path: Path, lines: dict[KeyPath, int], error: ValidationError) -> tuple[Fault, ...]:
    found = [
        Fault(file=str(path), line=_line(lines, each["loc"]), sentence=_sentence(lines, each))
        for each in error.errors(include_url=False, include_input=False)
    ]
    return tuple(sorted(found, key=lambda fault: fault.line))


def _line(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """A key that is missing has no line of its own: the table it is missing from has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _sentence(lines: dict[KeyPath, int], error: Any) -> str:
    path: KeyPath = error["loc"]
    where = ".".join(str(step) for step in path)
    match error["type"]:
        case "missing":
            return f"{where} is missing; add it."
        case "extra_forbidden":
            return f"{where} is not a key that is known here; correct its spelling or take it out."
        case "value_error":
            return f"{where}: {error['ctx']['error']}."
        case "model_type" | "model_attributes_type" if "Duration" in error["msg"]:
            return f"{where}: {_LENGTH}."
        case "enum" if path not in lines:  # the unit inside a length
            return f"{where}: {_LENGTH}; a unit is {error['ctx']['expected']}."
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}."
