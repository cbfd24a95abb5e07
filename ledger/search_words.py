"""What a complaint is found by: tokens for everybody who may read complaints, and tokens of what is masked before them.

The former are made of what `domain.masking` leaves of a text, so that nobody finds out by searching what they are not
shown. The latter are made of the whole text where something is hidden in it.
"""

from typing import NamedTuple

from domain.masking import parted, squeezed
from domain.ticket import Ticket
from ledger.tokens import is_vin, tails, tokens

# Its last characters, by which people at a desk know a car: those that its mask shows to all, and with the year and
# the plant, which it hides.
_SHOWN_OF_A_VIN, _KNOWN_OF_A_VIN = 6, 8
_PHONE = 11  # digits


class Words(NamedTuple):
    """Tokens in the order of the text, so that neighbours are neighbours."""

    opened: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    def also(self, other: "Words") -> "Words":
        return Words((*self.opened, *other.opened), (*self.personal, *other.personal))


def of_ticket(ticket: Ticket) -> Words:
    """By what names it, and by what the customer said."""
    car, who = ticket.vehicle, ticket.customer
    names = (ticket.ticket_no, car.brand, car.model, *ticket.tags)
    opened = tuple(token for name in names for token in tokens(name))
    facts = tuple(token for fact in (who.name, who.phone, who.email, car.plate) for token in _however(fact))
    return of_text(ticket.words, ticket).also(Words(opened, facts)).also(_of_vin(car.vin))


def of_text(said: str, ticket: Ticket | None) -> Words:
    """What somebody wrote about the ticket."""
    left, hidden = parted(said, ticket)
    whole = tokens(said) if hidden else ()
    return Words(tokens(left), (*whole, *(token for each in hidden for token in _however(each))))


def in_one(fact: str) -> str:
    """The fact with nothing between its signs; a phone without its country."""
    signs = squeezed(fact)
    return signs[-_PHONE:] if signs.isdecimal() else signs


def _of_vin(vin: str) -> Words:
    """A whole VIN finds its car for all, as the lists' filter does; found whole alone, it is told to nobody."""
    shown = tails(vin, shortest=_SHOWN_OF_A_VIN, longest=_SHOWN_OF_A_VIN)
    ends = tails(vin, shortest=_SHOWN_OF_A_VIN + 1, longest=_KNOWN_OF_A_VIN)
    return Words((*tokens(vin), *shown), ends) if is_vin(vin) else Words((), tokens(vin))


def _however(fact: str) -> tuple[str, ...]:
    """As it was written, and in one."""
    return tuple(dict.fromkeys((*tokens(fact), *tokens(in_one(fact)))))
