"""What leaves a red line's workflow, and what answers an order. Values only; activities do the rest."""

from domain.red_line import Happening, Origin, Post, RedLine
from domain.values import Value


class RedLineBatch(Value):
    """What happened, and how it stands after that."""

    state: RedLine
    happened: tuple[Happening, ...]


class RedLineCall(Value):
    """Call these. `seq` is the happening's, which makes it safe to ask twice."""

    origin: Origin
    seq: int
    posts: tuple[Post, ...]


class RedLineReceipt(Value):
    """`refused` is "" when the order was taken, else one of domain.red_line.Refused."""

    seq: int
    refused: str = ""
