"""What one person may not decide alone about a complaint: it is proposed with proof, and a second agrees or not."""

from enum import StrEnum


class Motion(StrEnum):
    IRRATIONAL = "irrational"  # no reasoning helps; it keeps every right and clock, and goes to an expert seat
    END = "end"  # of an irrational one: close it though the customer says no
