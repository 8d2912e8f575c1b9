"""The tutorial, done as it is written, from ``startproject`` to a picture on a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from PIL import Image

from .editor import Editor, Form
from .tutorial import Reader, Section, missing, sections
from .workshop import wait_for

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

PAGE = sections(Path(__file__).resolve().parent.parent / "docs" / "tutorial.md")
#: The names of the controls that the page calls by their labels.
NAMES = {
    "Prompt": "prompt",
    "Shape": "shape",
    "Number of pictures": "results",
    "Title": "title",
    "Text": "text",
}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "my site")
    yield reader
    reader.close()


@pytest.fixture
def editor(reader: Reader) -> Iterator[Editor]:
    editor = Editor(reader.port, reader.log)
    with editor.browser:
        yield editor


def test_the_tutorial(reader: Reader, editor: Editor) -> None:
    """Every file, command, output, address and form of the page, in its order, ends with the pictures it promises."""
    for number in range(2, 9):
        reader.follow(PAGE[number])
    editor.log_in()
    order_a_picture(editor, PAGE[9])
    put_it_on_an_article(editor, PAGE[10])
    order_from_the_article(editor, PAGE[11])
    for number in (12, 13):
        reader.follow(PAGE[number])
    assert len(list((reader.folder / "media").rglob("a-teapot-line-art-*.jpg"))) == 1
    assert "Traceback" not in reader.log()


def order_a_picture(editor: Editor, section: Section) -> None:
    """On the order page, until its own page says what the tutorial quotes."""
    front, add = section.addresses
    assert editor.browser.get(front).status_code == 200
    page = editor.send(add, **filled_in(section, editor.browser.get(add).text))
    (quoted,) = re.findall(r"^> \*\*(.+)\*\*$", section.text, re.M)
    wait_for(lambda: quoted in editor.browser.get(page.url.path).text, 60)


def put_it_on_an_article(editor: Editor, section: Section) -> None:
    """Both pictures are offered; the chosen one is on the article's page."""
    add, article = section.addresses
    html = editor.browser.get(add).text
    offered = re.findall(r'<input type="radio" name="cover" value="(\d+)"', html)
    assert len(offered) == 2
    editor.send(add, cover=offered[0], **filled_in(section, html))
    check_the_picture_of(editor.browser, article, (2848, 1600))


def order_from_the_article(editor: Editor, section: Section) -> None:
    """“Generate” and “Save” at once, as the page's script sends them; the picture comes later, by itself."""
    add, article = section.addresses
    html = editor.browser.get(add).text
    values = filled_in(section, html)
    wish = {name: values.pop(name) for name in ("prompt", "shape")}
    (spot,) = re.findall(r'data-spot="([^"]+)"', html)
    place = {"spot": spot, "results": "1", "nonce": "a nonce"}
    token = {"csrfmiddlewaretoken": Form(html).values["csrfmiddlewaretoken"]}
    answer = editor.browser.post("/seedream/order/", data={**place, **wish, **token})
    assert answer.status_code == 201
    editor.send(add, **values, **{"cover-slot": answer.json()["slot"], "cover-prompt": wish["prompt"]})
    assert "<img" not in editor.browser.get(article).text
    wait_for(lambda: "<img" in editor.browser.get(article).text)
    check_the_picture_of(editor.browser, article, (2304, 1728))


def check_the_picture_of(browser: httpx.Client, article: str, size: tuple[int, int]) -> None:
    html = browser.get(article).text
    (source,) = re.findall(r'<img [^>]*src="([^"]+)"', html)
    answer = browser.get(urljoin(article, source))
    with Image.open(io.BytesIO(answer.content)) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", size)
    assert f'width="{size[0]}"' in html


def filled_in(section: Section, html: str) -> dict[str, str]:
    """The table of the page as a form's values; each label that it names is on the page."""
    for label in section.values:
        assert re.search(rf">\s*{label}:?\s*(?:</label>|</legend>|<input )", html), label
    return {NAMES[label]: value for label, value in section.values.items()}


# -- The page itself -----------------------------------------------------------------------------------------


def test_every_section_is_done() -> None:
    """None is added without a part in the test; what is installed in the first is what these tests run in."""
    assert list(PAGE) == list(range(1, 14))
    ((language, install),) = PAGE[1].blocks
    assert language == "sh"
    assert install.splitlines()[-1] == "python -m pip install path/to/the/clone"


def test_a_promise_that_is_not_kept_is_found() -> None:
    """The comparison sees a line that does not come, one that comes too early, and one that is cut."""
    assert missing("b\na", "a\nb\n") == "a"
    assert missing("one … three", "one two\nthree") == "one … three"
    assert missing("one … three\n…\nfour", "one two three\r\nelse\nfour\n") == ""
