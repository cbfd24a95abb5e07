"""A points table for tests: the shipped one's shape, six departments' tags."""

from typing import Any

RISK: dict[str, Any] = {
    "id": "risk-test",
    "levels": [21, 36, 51, 66],
    "enquiry_at_most": 2,
    "points": {
        "age": [["4 hours", 2], ["24 hours", 4], ["72 hours", 7], ["120 hours", 10], ["240 hours", 12]],
        "cost": [[50_000, 1], [200_000, 2], [600_000, 3], [2_000_000, 4]],
        "period": {"trial": 2, "run_out": 3, "mature": 4, "launch": 8},
        "tier": {"ordinary": 0, "key": 4, "vip": 6},
        "standing": {"private": 0, "fleet": 4, "public": 8},
        "severity": {"enquiry": 0, "comfort": 3, "function": 7, "immobile": 13, "safety": 18},
        "third_party": {"none": 0, "forum": 5, "hotline": 10, "letter": 14, "media": 16},
    },
    "severities": {
        "enquiry": ["service.question"],
        "comfort": ["body", "noise", "service"],
        "immobile": ["engine.oil"],
        "safety": ["engine.stall", "battery"],
    },
    "floors": {"red_line": 5, "media": 5, "letter": 4, "rejected_twice": 4},
}
