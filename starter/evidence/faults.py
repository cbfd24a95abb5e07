"""What the evidence store answers instead of a file."""

from domain.wording import Both

MAX_EVIDENCE_BYTES = 25 * 1024 * 1024  # unless the settings say otherwise

_REFUSALS: dict[str, Both] = {
    "too_large": (
        "文件超过 {mb:g} MB；请压缩或分成几份上传。",
        "The file is over {mb:g} MB; make it smaller or upload it in parts.",
    ),
    "unsupported_media_type": (
        "不接受这种文件；请上传 JPEG、PNG、WebP、GIF、HEIC、PDF、MP4、MOV、WebM、MP3、M4A、AAC、AMR、WAV、OGG、"
        "文本、CSV、ZIP、DOCX 或 XLSX。",
        "This type is not taken; upload JPEG, PNG, WebP, GIF, HEIC, PDF, MP4, MOV, WebM, MP3, M4A, AAC, AMR, WAV, OGG, "
        "text, CSV, ZIP, DOCX or XLSX.",
    ),
    "too_many_pixels": (
        "图片的像素过多；请缩小后上传。",
        "The picture has too many pixels; make it smaller and upload it again.",
    ),
    "not_of_this_kind": (
        "文件内容与所报的举证类型不符；请改选类型或换一个文件。",
        "The file is not of the kind it was handed in as; choose another kind or another file.",
    ),
    "empty": ("文件是空的；请重新选择文件。", "The file is empty; choose it again."),
}


class EvidenceRefused(ValueError):  # noqa: N818 - a refusal is an answer
    """`code` is a key of the refusals; `zh` and `en` say what to do."""

    def __init__(self, code: str, *, max_bytes: int = MAX_EVIDENCE_BYTES) -> None:
        self.code = code
        self.zh, self.en = (said.format(mb=max_bytes / (1 << 20)) for said in _REFUSALS[code])
        super().__init__(self.en)


class EvidenceNotFound(LookupError):  # noqa: N818 - an answer, not a fault
    """No file of this hash was ever kept."""


class EvidenceDamaged(RuntimeError):  # noqa: N818 - a state of the store
    """What stands under the hash is not what it names: restore the file from a backup."""


class StoreUnavailable(RuntimeError):  # noqa: N818 - a state that may pass
    """The store cannot be read or written now."""
