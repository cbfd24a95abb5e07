"""What a browser may show of a file, and what the file is called when nobody named it."""

# What browsers show without running anything. A PDF is saved: its viewers do not work in a sandbox, and it may hold
# scripts. Text is saved as well, for it may be a page in disguise.
SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic"),
        *("video/mp4", "video/quicktime", "video/webm"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/ogg"),
    }
)
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/aac": "aac", "audio/amr": "amr", "audio/wav": "wav", "audio/ogg": "ogg", "application/pdf": "pdf",
    "application/zip": "zip", "text/plain": "txt", "text/csv": "csv",
}  # fmt: skip


def sent_as(media_type: str) -> str:
    """The media type a browser is told."""
    return media_type if media_type in SHOWN else "application/octet-stream"


def plain_name(sha256: str, media_type: str) -> str:
    """A name made of the hash, which says nothing of whose the file is."""
    return f"{sha256[:12]}.{_ENDINGS.get(media_type, 'bin')}"
