"""The channels by which complaints come in: the codes of those we know, and their names. A sender may use others."""

from domain.wording import Both

CHANNELS: dict[str, Both] = {
    "hotline": ("400 热线", "hotline"),
    "miniprogram": ("微信小程序", "mini-programme"),
    "qr": ("二维码", "QR code"),
    "app": ("手机 App", "app"),
    "head_unit": ("车机", "head unit"),
    "email": ("电子邮件", "e-mail"),
    "website": ("网站", "website"),
    "sms": ("短信", "text message"),
    "opinion": ("舆情监测", "opinion monitoring"),
    "telematics": ("车联网监测", "telematics"),
    "nev": ("新能源监控平台", "NEV monitoring"),
    "dealer": ("经销商", "dealer"),
    "regulator": ("监管部门", "regulator"),
}


def named(code: str) -> Both:
    """The channel's name; a code of the sender's own stands for itself."""
    return CHANNELS.get(code, (code, code))
