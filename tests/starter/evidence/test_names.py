import pytest

from starter.evidence.names import kept_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("点火线圈 1.jpg", "点火线圈 1.jpg", id="a name as people write it"),
        pytest.param("../../etc/passwd", "passwd", id="a path out of the folder"),
        pytest.param("C:\\Users\\王\\照片.png", "照片.png", id="a path of Windows"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="letters turned round to hide the ending"),
        pytest.param("a\u200b\ufeffb.txt", "ab.txt", id="signs nobody sees"),
        pytest.param("a\r\nSet-Cookie: x\x00.txt", "aSet-Cookie_ x.txt", id="a header in a name"),
        pytest.param('x"; filename="y.html', "x_; filename=_y.html", id="a second name in a name"),
        pytest.param("  .hidden. ", "hidden", id="dots and blanks at the ends"),
        pytest.param("..", "", id="no name at all"),
        pytest.param("\ud800.txt", "txt", id="half a sign"),
        pytest.param("长" * 300 + ".jpeg", "长" * 115 + ".jpeg", id="too long, its ending kept"),
        pytest.param("x" * 300, "x" * 120, id="too long without an ending"),
    ],
)
def test_a_name_is_kept_without_what_could_mislead(sent: str, kept: str) -> None:
    assert kept_name(sent) == kept
