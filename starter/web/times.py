"""Time as pages show it: instants in the policy calendar's zone, lengths in the two largest units that matter.

static/app.js writes lengths in the same way, so that what ticks in the browser reads like what the server wrote.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.wording import Language

MINUTE, HOUR, DAY = 60, 3600, 86400
_UNITS = {"zh": ("{}天", "{}小时", "{}分", "{:02d}秒"), "en": ("{} d", "{} h", "{} min", "{:02d} s")}
_BETWEEN = {"zh": "", "en": " "}


def length(value: timedelta, language: Language) -> str:
    """3天4小时, 4小时12分 or 12分05秒; whatever its sign."""
    seconds = abs(int(value.total_seconds()))
    day, hour, minute, second = _UNITS[language]
    if seconds >= DAY:
        parts = day.format(seconds // DAY), hour.format(seconds % DAY // HOUR)
    elif seconds >= HOUR:
        parts = hour.format(seconds // HOUR), minute.format(seconds % HOUR // MINUTE)
    else:
        parts = minute.format(seconds // MINUTE), second.format(seconds % MINUTE)
    return _BETWEEN[language].join(parts)


def local(value: datetime, zone: str, *, at: datetime) -> str:
    """09:12 today, 11-22 09:12 this year, else 2025-11-22 09:12; all in `zone`."""
    there, now = value.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone))
    if there.date() == now.date():
        return f"{there:%H:%M}"
    return f"{there:%m-%d %H:%M}" if there.year == now.year else f"{there:%Y-%m-%d %H:%M}"


def full(value: datetime, zone: str) -> str:
    """2026-11-22 09:12:33 +0800."""
    return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %z}"


def utc(value: datetime) -> str:
    """For `<time datetime>` and for scripts: 2026-11-22T01:12:33Z."""
    return value.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
