"""Green, yellow, red: how the governing clock stands at an instant. Computed when it is shown, never stored as truth."""

from enum import StrEnum


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
