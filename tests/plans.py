"""Service plans for tests: one for a kind of case, one for a tier, and both fit a VIP at the roadside."""

from typing import Any

PLANS: dict[str, Any] = {
    "medium_from": 3,
    "major_from": 4,
    "plans": [
        {"id": "rescue", "kind": "rescue", "lengths": {"response": "1 hours", "progress": "4 hours"}},
        {
            "id": "vip",
            "tier": "vip",
            "lengths": {"response": "2 hours", "triage": "1 hours", "call": "1 calendar_days"},
            "verify_by": "call",
            "has_expert": True,
            "wording": "vip",
        },
    ],
}
