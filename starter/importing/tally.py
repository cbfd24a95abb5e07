"""What an import comes to: who would own how many, counted by the matrix in force."""

from collections import Counter
from dataclasses import dataclass, field

from domain.ownership import Matrix
from domain.ticket import Ticket


@dataclass
class Tally:
    """Counts rows as they pass. A row is in exactly one of `rejected`, `triage` and `by_department`."""

    matrix: Matrix
    accepted: int = 0
    rejected: int = 0
    triage: int = 0
    grey: int = 0
    red_line: int = 0
    by_department: Counter[str] = field(default_factory=Counter)

    def accept(self, ticket: Ticket) -> None:
        self.accepted += 1
        ruling = self.matrix.rule(ticket.tags)
        if ruling is None:
            self.triage += 1
            return
        self.by_department[ruling.lead] += 1
        self.grey += ruling.is_grey
        self.red_line += ruling.is_red_line

    def reject(self) -> None:
        self.rejected += 1

    @property
    def dispatched(self) -> int:
        return self.by_department.total()

    def figures(self) -> dict[str, object]:
        """The import as one JSON object."""
        return {
            "rows": self.accepted + self.rejected,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "dispatched": self.dispatched,
            "triage": self.triage,
            "grey": self.grey,
            "red_line": self.red_line,
            "by_department": dict(self.by_department.most_common()),
        }
