"""A person with a browser that runs no JavaScript, for tests against a real web server."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

from .workshop import OWNER, wait_for

ADD = "/admin/seedream_django/generation/add/"


class Form(HTMLParser):
    """The values of a page's controls as a browser would send them untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = has["name"]
        elif tag == "option" and ("selected" in has or self._select not in self.values):
            self.values[self._select] = has["value"]
        elif tag == "input" and _is_sent(has):
            self.values[has["name"]] = has.get("value", "")


def _is_sent(has: dict[str, str]) -> bool:
    if has.get("type") in {"radio", "checkbox"}:
        return "checked" in has
    return "name" in has and has.get("type") != "submit"


class Editor:
    """A person with a browser that runs no JavaScript."""

    def __init__(self, port: int, log: Callable[[], str]) -> None:
        self.log = log
        base = f"http://127.0.0.1:{port}"
        self.browser = httpx.Client(base_url=base, trust_env=False, follow_redirects=True, timeout=30)

    def log_in(self) -> None:
        wait_for(self._answers)
        page = self.send("/admin/login/", username="owner", password=OWNER["DJANGO_SUPERUSER_PASSWORD"])
        assert page.url.path == "/admin/"

    def send(self, path: str, **values: str) -> httpx.Response:
        """Open a page, fill its form in, and send it."""
        form = Form(self.browser.get(path).text).values
        answer = self.browser.post(path, data={**form, **values})
        assert answer.status_code == 200, answer.text + self.log()
        return answer

    def wait_for_the_picture(self, page: httpx.Response) -> httpx.Response:
        pk = page.url.params["ordered"]
        fragment = wait_for(lambda: self._done(pk), 60)
        (address,) = re.findall(r'<a href="([^"]+)"[^>]*><img', fragment)
        return self.browser.get(urljoin(str(page.url), address))

    def _answers(self) -> Any:
        try:
            return self.browser.get("/admin/login/").status_code == 200
        except httpx.TransportError:
            return False

    def _done(self, pk: str) -> str:
        answer = self.browser.get(f"/seedream/{pk}/status/")
        assert answer.status_code == 200, self.log()
        (state,) = re.findall(r'data-state="(\w+)"', answer.text)
        assert state in {"queued", "submitting", "running", "storing", "done"}, answer.text
        return answer.text if state == "done" else ""
