"""Green, yellow, red: how the governing clock stands at an instant. Computed when shown, never stored."""

from enum import StrEnum


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
