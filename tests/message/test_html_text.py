"""The text that HTML says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.html_text import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p></p>", ""),
        ("plain", "plain\n"),
        ("<p>One\n  two</p><p>three</p>", "One two\n\nthree\n"),
        ("a<br>b<br/>c", "a\nb\nc\n"),
        ("<b>Good</b> <i>morning</i>, you", "Good morning, you\n"),
        ("<p>a <b> b </b> c</p>", "a b c\n"),
        ("<h1>Title</h1>\n<p>Text</p>", "Title\n\nText\n"),
        ("Tom &amp; Jerry &lt;3 &nbsp; &#x1F600;", "Tom & Jerry <3 \xa0 😀\n"),
        ("<style>p {color: red}</style><script>x()</script>Text", "Text\n"),
        ("<head><title>no</title></head><body>yes</body>", "yes\n"),
        ("<ul><li>a<li>b</ul>after", "- a\n- b\n\nafter\n"),
        ("<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "1. a\n2. b\n  - c\n"),
        ('<a href="https://example.org/">Go</a>', "Go <https://example.org/>\n"),
        ('<a href="https://example.org">https://example.org/</a>', "https://example.org/\n"),
        ('<a href="mailto:a@b.org">a@b.org</a>', "a@b.org\n"),
        ('<a href="#x">Go</a>', "Go\n"),
        ('<a href="javascript:x()">Go</a>', "Go\n"),
        ('<img src="cid:x" alt="A picture">', "A picture\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>",
            "a  b\nc  d\n",
        ),
        ("<p>a</p><hr><p>b</p>", f"a\n\n{'-' * 30}\n\nb\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<blockquote>said</blockquote>me", "said\n\nme\n"),
        ("<p>unclosed <b>tag", "unclosed tag\n"),
        ("<!-- hidden -->seen", "seen\n"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2\n"),
        ("<p>a</p>" + "<div><div></div></div>" * 5 + "<p>b</p>", "a\n\nb\n"),
    ],
)
def test_texts(html: str, text: str) -> None:
    assert text_of(html) == text


TAGS = st.sampled_from(
    [
        *("<p>", "</p>", "<a href='https://x.org'>", "</a>", "<ul>", "</ol>", "<li>", "<pre>"),
        *("</pre>", "<style>", "</style>", "<td>", "</svg>", "<svg>", "<br>", "<img alt=x>"),
        *("<![CDATA[", "<![", "<!", "&#", ">"),
    ]
)


@given(st.lists(TAGS | st.text()).map("".join))
def test_any_html_is_read(html: str) -> None:
    text = text_of(html)
    assert text == "" or text.endswith("\n")
    assert "\n\n\n" not in text


def test_no_text_takes_long() -> None:
    assert text_of("<p>a " * 20_000).count("a") == 20_000
    assert text_of("<b" * 5_000) is not None
    assert text_of("<svg>" * 20_000 + "</svg>" * 20_000) == ""
