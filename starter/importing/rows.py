"""What comes of one row of somebody's complaint file."""

from domain.policy import Value
from domain.ticket import Ticket


class Accepted(Value):
    """A ticket, and the line its row begins on."""

    line: int
    ticket: Ticket


class Rejected(Value):
    """A row that is no ticket. The reason is a sentence and repeats nothing the customer wrote."""

    line: int
    reason: str


Row = Accepted | Rejected


class ImportFileError(ValueError):
    """The whole file is not what it is said to be; the text is one sentence that says what to do."""


class RowError(ValueError):
    """This row is no ticket; the text is the reason."""
