"""Who answers for an outcome, and by how much: the lead most of it, the supporters the rest in equal parts."""

from domain.claims import Claim
from domain.hops import Hop

WHOLE = 10_000  # basis points; sums are exact


def split(lead: str, supporters: tuple[str, ...], *, lead_share: int) -> dict[str, int]:
    """Basis points by department, summing to 10 000; what does not divide evenly stays with the lead."""
    others = tuple(dict.fromkeys(helper for helper in supporters if helper != lead))
    if not others:
        return {lead: WHOLE}
    each = (WHOLE - lead_share) // len(others)
    return {lead: WHOLE - each * len(others), **dict.fromkeys(others, each)}


def of_hop(hop: Hop, *, lead_share: int) -> dict[str, int]:
    return split(hop.department, hop.supporters, lead_share=lead_share)


def of_claim(claim: Claim, *, lead_share: int) -> dict[str, int]:
    return split(claim.department, claim.supporters, lead_share=lead_share)
