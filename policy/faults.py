"""What is wrong with a policy file, and where."""

from domain.policy import Value


class Fault(Value):
    """One fault. `line` counts from 1; a file that is not there has line 0."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class PolicyError(ValueError):
    """The policy files cannot be used. The text is every fault, one a line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
