"""The editor's pages: ordering, watching, the list, deleting; no inline script or style, no query a row."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from example_project.magazine.models import Article, Topic
from seedream_django import orders
from seedream_django.admin import SeedreamAdminMixin, picture
from seedream_django.models import DiscardedFile, GeneratedImage, Generation, ImageState, State, Switch
from seedream_django.models.storage import NotLoaded

from .editor import Form
from .steps import carry, made, turn

pytestmark = pytest.mark.django_db

Browser = Callable[[User | None], Client]

ADD = "admin:seedream_django_generation_add"
LIST = "admin:seedream_django_generation_changelist"
PAGE = "admin:seedream_django_generation_change"
DELETE = "admin:seedream_django_generation_delete"
PICTURE = "admin:seedream_django_generatedimage_change"
PICTURES = "admin:seedream_django_generatedimage_changelist"
SWITCH = "admin:seedream_django_switch_change"


def send(client: Client, **values: str) -> Any:
    """Fill in the page to order, and press Generate."""
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    return client.post(reverse(ADD), {**opened, "prompt": "a fox", **values})


# -- Ordering ------------------------------------------------------------------------------------------------


def test_order(editor: User, browser: Browser) -> None:
    """The page takes an order as it was opened, stays, leads to the page to watch it, and notes who ordered."""
    client = browser(editor)
    response = send(client, prompt="a red fox", shape="16:9", results="2")
    generation = Generation.objects.get()
    assert response.headers["Location"] == f"{reverse(ADD)}?ordered={generation.pk}"
    assert (generation.user, generation.door, generation.expected) == (editor, "admin", 2)
    assert (generation.width, generation.height) == (2848, 1600)
    assert LogEntry.objects.get().object_id == str(generation.pk)
    page = client.get(response.headers["Location"]).content.decode()
    assert "a red fox</textarea>" in page
    assert f'src="/seedream/live/?order={generation.pk.hex}&amp;in=studio"' in page
    own = reverse(PAGE, args=[generation.pk])
    assert "Ordered. All that you decided is still here" in page
    assert f'<a href="{own}">See how it stands</a></p>' in page
    assert f'src="/seedream/live/?order={generation.pk.hex}"' in client.get(own).content.decode()


BAD = [
    ({"prompt": ""}, "This field is required."),
    ({"prompt": "ä & <b> " * 300}, "at most 2000 characters"),
    ({"results": "0"}, "greater than or equal to 1"),
    ({"results": "21"}, "less than or equal to 20"),
    ({"results": "²"}, "Enter a whole number."),
    ({"shape": "1:9"}, "Select a valid choice"),
    ({"resolution": "9K"}, "Select a valid choice"),
    ({"output_quality": "5"}, "greater than or equal to 20"),
]


@pytest.mark.parametrize(("values", "words"), BAD, ids=lambda value: str(value)[:30])
def test_what_was_typed_stays(values: dict[str, str], words: str, chief: User, browser: Browser) -> None:
    """An order that cannot be taken comes back with everything in it, and what is wrong beside its field."""
    typed = {"prompt": "a fox\n& an owl", "results": "3", "output_format": "WEBP", **values}
    response = send(browser(chief), **typed)
    page = response.content.decode()
    assert (response.status_code, Generation.objects.count()) == (200, 0)
    assert words in page
    assert "Nothing was ordered yet. Please correct what is marked below." in page
    escaped = typed["prompt"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f">\n{escaped}</textarea>" in page
    assert f'value="{typed["results"]}"' in page
    assert '<option value="WEBP" selected>' in page


def test_sent_twice_is_one_order(editor: User, browser: Browser) -> None:
    """A double click is one row; going back and changing the prompt is another."""
    client = browser(editor)
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    pages = [client.post(reverse(ADD), {**opened, "prompt": p}) for p in ("a fox", "a fox", "an owl")]
    assert pages[0].headers["Location"] == pages[1].headers["Location"] != pages[2].headers["Location"]
    assert Generation.objects.count() == 2


def test_switched_off(editor: User, browser: Browser) -> None:
    """The page says so before anybody types, and again for one who had it open."""
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    client = browser(editor)
    assert "Generating is switched off. Budget spent." in client.get(reverse(ADD)).content.decode()
    page = send(client, prompt="a long prompt").content.decode()
    assert "Budget spent." in page
    assert "a long prompt</textarea>" in page
    assert not Generation.objects.exists()


def test_owner_switches_off_and_on(owner: User, browser: Browser) -> None:
    """One page, one row: the owner says why, and who it was is kept."""
    client = browser(owner)
    address = client.get(reverse("admin:seedream_django_switch_changelist")).headers["Location"]
    page = client.post(address, {"reason": "Too much."}, follow=True).content.decode()
    assert "Nothing that waits is sent while it is off." in page
    switch = Switch.current()
    assert (switch.on, switch.reason, switch.changed_by) == (False, "Too much.", owner)
    client.post(address, {"on": "on", "reason": ""})
    assert Switch.current().on
    assert client.get(reverse("admin:seedream_django_switch_delete", args=[1])).status_code == 403


# -- Watching ------------------------------------------------------------------------------------------------


def test_page_of_a_generation(chief: User, browser: Browser) -> None:
    """Prompt, words, pictures, and the facts of the order; the first paint is what is fetched later."""
    generation, client = made("a <fox>", user=chief, results=2), browser(chief)
    page = client.get(reverse(PAGE, args=[generation.pk])).content.decode()
    assert "a &lt;fox&gt;" in page
    assert "2 pictures are ready. Cost: $0.07." in page
    assert page.count("data-image=") == 2
    for fact in ("2048 × 2048", str(generation.pk), "carl", "$0.07"):
        assert fact in page
    fragment = client.get(reverse("seedream_django:status", args=[generation.pk])).content.decode()
    assert re.sub(r"csrf\S+ value=\S+", "", fragment.strip()) in re.sub(r"csrf\S+ value=\S+", "", page)


def test_without_javascript(editor: User, browser: Browser) -> None:
    """While something happens there is a link to look again, and a button that is a form."""
    generation, client = orders.place("a fox", user=editor), browser(editor)
    page = client.get(reverse(PAGE, args=[generation.pk])).content.decode()
    assert f'class="seedream-refresh" href="{reverse(PAGE, args=[generation.pk])}"' in page
    assert f'method="post" action="/seedream/{generation.pk}/cancel/"' in page
    carry(generation)
    page = client.get(reverse(PAGE, args=[generation.pk])).content.decode()
    assert "seedream-refresh" not in page
    assert "More like this" in page


# -- The lists -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["editor", "chief", "owner"])
@pytest.mark.parametrize("name", [LIST, PICTURES])
def test_queries_of_a_list(who: str, name: str, request: Any, browser: Browser) -> None:
    """The list asks the database as often for fifty rows as for five; for a page that is not full in an index, too."""
    user = request.getfixturevalue(who)
    client, model = browser(user), made("a fox", user=user, results=2)
    counts = []
    for rows in (5, 50):
        copy_rows(model, rows)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0] <= counts[1] + 2 < 15


def copy_rows(model: Generation, count: int) -> None:
    images = list(model.images.all())
    missing = count - Generation.objects.count()
    values = {"prompt": "p", "parameters": model.parameters, "state": State.DONE, "user": model.user}
    for row in Generation.objects.bulk_create(Generation(**values) for _ in range(missing)):
        for image in images:
            image.pk, image.generation, image.image_uuid = None, row, row.pk
            image.save()
            break


def test_the_list_shows(chief: User, editor: User, browser: Browser) -> None:
    """Previews, prompt, state in a few words, who, when, and the cost for those who may see it."""
    made("sandbox:partial", user=editor, results=4)
    page = browser(chief).get(reverse(LIST)).content.decode()
    for text in ("3 of 4", "edda", "$0.105", "-preview.webp", "<time datetime=", "just now"):
        assert text in page
    assert browser(chief).get(reverse(LIST), {"q": "nothing like it"}).content.count(b"-preview") == 0


def test_the_list_tells_what_is_hidden_and_how_long_ago(chief: User, editor: User, browser: Browser) -> None:
    """An order that was cancelled too late is not told as one with a picture; minutes are counted."""
    row = made("a fox", user=editor)
    then = timezone.now() - datetime.timedelta(minutes=5)
    Generation.objects.filter(pk=row.pk).update(hidden=True, created_at=then)
    page = browser(chief).get(reverse(LIST)).content.decode()
    assert 'seedream-tag-warn">cancelled, hidden</span>' in page
    assert "5\xa0minutes ago" in page


def test_names(owner: User, browser: Browser) -> None:
    """The app's models come in the order in which an editor meets them, under names that need no manual."""
    page = browser(owner).get(reverse("admin:index")).content.decode()
    places = [page.index(f">{name}</a>") for name in ("Orders", "Pictures", "Off switch")]
    assert places[:2] == sorted(places[:2])


@pytest.mark.parametrize("name", [LIST, PICTURES])
def test_an_empty_list_says_what_to_do(
    name: str, editor: User, person: Callable[..., User], browser: Browser
) -> None:
    """Who may order is led to the order page; who may not is told whom to ask; a search can be taken back."""
    client = browser(editor)
    page = client.get(reverse(name)).content.decode()
    assert "There are no pictures yet." in page
    assert f'href="{reverse(ADD)}" class="seedream-button' in page
    assert "changelist-search" not in page
    viewer = person("vera", "view_generation", "view_generatedimage")
    page = browser(viewer).get(reverse(name)).content.decode()
    assert "Ask an administrator for the right “Can generate pictures”." in page
    assert reverse(ADD) not in page
    made("a fox", user=editor)
    page = client.get(reverse(name), {"q": "<owl>"}).content.decode()
    assert "Nothing has “&lt;owl&gt;” in it." in page
    assert 'href="?" class="seedream-button"' in page
    assert "There are no pictures yet." not in client.get(reverse(name)).content.decode()


def test_a_filter_without_hits(editor: User, browser: Browser) -> None:
    """The list is not said to be empty when only the filter is to blame."""
    made("a fox", user=editor)
    page = browser(editor).get(reverse(LIST), {"state__exact": "lost"}).content.decode()
    assert "Nothing fits this filter." in page
    assert "changelist-filter" in page


@pytest.mark.parametrize(("name", "narrow"), [(LIST, "state__exact=lost"), (PICTURES, "when=last_month")])
def test_words_and_a_filter_without_hits(name: str, narrow: str, editor: User, browser: Browser) -> None:
    """It is not said that nothing has the words when the filter is to blame, and the words stay without it."""
    made("a fox & hen", user=editor)
    client = browser(editor)
    page = client.get(f"{reverse(name)}?q=fox+%26&{narrow}").content.decode()
    assert "Nothing that fits the filters has “fox &amp;” in it." in page
    assert 'href="?q=fox%20%26" class="seedream-button' in page
    assert "A fox" in client.get(f"{reverse(name)}?q=fox%20%26").content.decode().replace(">a fox", ">A fox")


def test_an_order_is_found_by_its_number(editor: User, chief: User, browser: Browser) -> None:
    """As the ledger and its own page have it, with dashes or without; somebody else's is not there."""
    order, other = made("a fox", user=editor), made("an owl", user=chief)
    client = browser(editor)
    for number in (str(order.pk), order.pk.hex, f" {order.pk} "):
        assert list(client.get(reverse(LIST), {"q": number}).context["cl"].result_list) == [order]
    assert not client.get(reverse(LIST), {"q": str(other.pk)}).context["cl"].result_list


def test_in_a_window_of_its_own(editor: User, browser: Browser) -> None:
    """A popup has no frame, and stays one when the order is placed."""
    client, address = browser(editor), f"{reverse(ADD)}?_popup=1"
    opened = client.get(address).content.decode()
    assert 'id="nav-sidebar"' in client.get(reverse(ADD)).content.decode()
    assert 'id="nav-sidebar"' not in opened
    response = client.post(address, {**Form(opened).values, "prompt": "a fox"})
    assert response.headers["Location"].endswith("&_popup=1")
    assert 'id="nav-sidebar"' not in client.get(response.headers["Location"]).content.decode()


# -- What the provider's safety check flagged ----------------------------------------------------------------


def test_flagged_is_blurred_everywhere(editor: User, browser: Browser) -> None:
    """Each place of the admin that shows a picture blurs it, says why, and tells a screen reader nothing else."""
    generation, client = made("a fox", user=editor), browser(editor)
    image = generation.images.get()
    words = "lagged by the provider's safety check"
    addresses = [
        reverse(PAGE, args=[generation.pk]), reverse("seedream_django:status", args=[generation.pk]),
        reverse(LIST), reverse(PICTURES), reverse(PICTURE, args=[image.pk]),
    ]  # fmt: skip
    for flagged in (False, True):
        GeneratedImage.objects.update(flagged=flagged)
        for address in addresses:
            page = unescape(client.get(address).content.decode())
            assert ("seedream-flagged" in page) is (words in page) is flagged, address
            (alt,) = re.findall(r'<img[^>]*src="[^"]*-preview[^"]*"[^>]*alt="([^"]*)"', page)
            assert (words in alt) is flagged, address
            # What a form's field would take for a choice is told only of what may be chosen.
            assert ("data-image=" in page) is (not flagged and address in addresses[:2]), address


def test_flagged_leads_nowhere(editor: User, browser: Browser) -> None:
    """No page leads to its file: the name stands there. On other people's pages it is words, and no picture."""
    image = made("a fox", user=editor).images.get()
    address = reverse(PICTURE, args=[image.pk])
    for flagged in (False, True):
        GeneratedImage.objects.update(flagged=flagged)
        image.refresh_from_db()
        page = browser(editor).get(address).content.decode()
        assert image.file.name in page
        assert (f'href="{image.file.url}"' in page) is not flagged
        assert ("<img" in picture(image)) is not flagged
        assert ("Flagged by the provider" in picture(image)) is flagged


# -- A storage that is not there -----------------------------------------------------------------------------


def test_pages_without_the_storage(owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of earlier are said to be missing, and no page breaks."""
    generation, client = made("a fox", user=owner), browser(owner)
    image = generation.images.get()
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="T", slug="t", summary="s", body="b", topic=topic, cover=image)
    for name in ("file", "preview"):
        monkeypatch.setattr(GeneratedImage._meta.get_field(name), "storage", NotLoaded("not there"))
    addresses = [
        reverse(PAGE, args=[generation.pk]), reverse("seedream_django:status", args=[generation.pk]),
        reverse(LIST), reverse(PICTURES), reverse(PICTURE, args=[image.pk]), article.get_absolute_url(), "/",
        reverse("admin:magazine_article_change", args=[article.pk]),
        reverse("admin:magazine_article_changelist"),
    ]  # fmt: skip
    for number, address in enumerate(addresses):
        response = client.get(address)
        assert response.status_code == 200, address
        assert ("This picture cannot be shown at the moment." in response.content.decode()) is (number < 2)


# -- Deleting ------------------------------------------------------------------------------------------------


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", [DELETE, "admin:seedream_django_generatedimage_delete"])
def test_deleting_removes_the_files(
    name: str, editor: User, browser: Browser, sandbox: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """A deleted order, or picture, takes its files with it, through the queue."""
    generation = made("a fox", user=editor)
    row = generation if name == DELETE else generation.images.get()
    assert len(files_in(sandbox / "media")) == 2
    with django_capture_on_commit_callbacks(execute=True):
        browser(editor).post(reverse(name, args=[row.pk]), {"post": "yes"})
    assert not GeneratedImage.objects.exists()
    assert not DiscardedFile.objects.exists()
    assert not files_in(sandbox / "media")


@pytest.mark.parametrize("turns", [0, 1])
def test_what_is_in_work_stays(turns: int, owner: User, browser: Browser) -> None:
    """An order that is being paid for cannot be deleted, alone or by the list's action."""
    generation, client = orders.place("a fox", user=owner), browser(owner)
    turn(turns)
    page = client.post(reverse(DELETE, args=[generation.pk]), {"post": "yes"}).content.decode()
    assert "still in work; cancel it and wait for its end" in page
    ticked = {"action": "delete_selected", "_selected_action": str(generation.pk), "post": "yes"}
    assert "still in work" in client.post(reverse(LIST), ticked).content.decode()
    assert Generation.objects.exists()


def test_a_paid_picture_that_is_not_saved_yet_stays(owner: User, browser: Browser) -> None:
    """Its row is all that is left of it: neither it nor its order can be deleted."""
    generation, client = made("a fox", user=owner), browser(owner)
    GeneratedImage.objects.update(state=ImageState.RECEIVED)
    client.post(reverse(DELETE, args=[generation.pk]), {"post": "yes"})
    image = generation.images.get()
    client.post(reverse("admin:seedream_django_generatedimage_delete", args=[image.pk]), {"post": "yes"})
    assert GeneratedImage.objects.exists()


# -- Other people's admins -----------------------------------------------------------------------------------


class Articles(SeedreamAdminMixin, admin.StackedInline):  # type: ignore[type-arg]
    model = Article
    fields = ("title", "cover")
    raw_id_fields = ("cover",)


class Read(SeedreamAdminMixin, admin.StackedInline):  # type: ignore[type-arg]
    model = Article
    readonly_fields = ("shown",)

    def shown(self, article: Article) -> str:
        return picture(article.cover) if article.cover else "–"


def test_inline(editor: User, chief: User, rf: Any) -> None:
    """In an inline each person is offered their own pictures, whatever widget the host had asked for."""
    for user in (editor, chief):
        request = rf.get("/")
        request.user = user
        formset = Articles(Topic, admin.site).get_formset(request)
        form = formset(prefix="articles").empty_form
        assert form.fields["cover"].user == user
        assert 'data-name="articles-__prefix__-cover"' in str(form["cover"])


def test_styles_come_with_the_mixin(owner: User, browser: Browser) -> None:
    """A host's list that shows a picture blurs what is flagged, too; nothing that the host has looks different."""
    page = browser(owner).get(reverse("admin:magazine_article_changelist"))
    for media in (page.context["media"], Read(Topic, admin.site).media):
        assert re.findall(r"seedream_django/(\w+\.css)", str(media)) == ["colours.css", "preview.css"]
    assert "seedream" not in str(Articles(Topic, admin.site).media)


HOSTS = ["colours.css", "preview.css", "status.css", "prompt.css", "shapes.css", "image.css"]


@pytest.mark.parametrize("name", HOSTS)
def test_styles_in_other_peoples_pages_touch_only_ours(name: str) -> None:
    """Each rule of a file that the mixin or the widget brings names something of ours."""
    text = Path(finders.find(f"seedream_django/{name}")).read_text()  # type: ignore[arg-type]
    rules = re.findall(
        r"([^{}]+)\{[^{}]*\}", re.sub(r"/\*.*?\*/|@(media|container)[^{]*\{", "", text, flags=re.S)
    )
    frames = {":root", "html.dark", "to", "from"}
    selectors = {part.strip() for rule in rules for part in re.split(r",(?![^(]*\))", rule)} - frames
    assert selectors
    assert [selector for selector in selectors if "seedream" not in selector] == []


# -- Pages ---------------------------------------------------------------------------------------------------


class Strict(HTMLParser):
    """Notes what a strict Content-Security-Policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        inline_script = tag == "script" and "src" not in has and has.get("type") != "application/json"
        handlers = [name for name in has if name.startswith("on") or name == "style"]
        addresses = [value for value in has.values() if (value or "").strip().startswith("javascript:")]
        if inline_script or tag == "style" or handlers or addresses:
            self.bad.append(f"<{tag} {has}>")


@pytest.fixture
def pages(chief: User) -> dict[str, str]:
    """Each of our pages, with something on it."""
    done, failed = made("a fox", user=chief, results=2), made("sandbox:refused", user=chief)
    queued = orders.place("waiting", user=chief)
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, cover=done.images.first())
    states = {f"{row.state} page": reverse(PAGE, args=[row.pk]) for row in (done, failed, queued)}
    return {
        **states, "order": reverse(ADD), "list": reverse(LIST), "pictures": reverse(PICTURES),
        "delete": reverse(DELETE, args=[done.pk]), "picture": reverse(PICTURE, args=[done.images.all()[0].pk]),
        "place": reverse("admin:magazine_article_change", args=[article.pk]), "front": "/",
        "article": article.get_absolute_url(), "status": reverse("seedream_django:status", args=[done.pk]),
        "status in field": reverse("seedream_django:status", args=[queued.pk]) + "?in=field",
    }  # fmt: skip


def test_strict_csp(pages: dict[str, str], chief: User, owner: User, browser: Browser) -> None:
    """No page of ours has a script, style or handler inline; errors and confirmations neither."""
    client = browser(chief)
    bodies = {name: client.get(address).content.decode() for name, address in pages.items()}
    bodies["errors"] = send(client, prompt="", results="0").content.decode()
    row = Generation.objects.get(prompt="a fox")
    ticked = {"action": "more_like_this", "_selected_action": str(row.pk)}
    bodies["again"] = client.post(reverse(LIST), ticked).content.decode()
    Switch.objects.create(pk=1)
    bodies["switch"] = browser(owner).get(reverse(SWITCH, args=[1])).content.decode()
    for name, body in bodies.items():
        assert len(body) > 200, name
        assert Strict(body).bad == [], name


def test_no_amount_without_the_right(pages: dict[str, str], chief: User, browser: Browser) -> None:
    """Who may not see costs sees no dollar on any page; who may, sees them."""
    client = browser(chief)
    with_costs = [name for name, address in pages.items() if "$" in client.get(address).content.decode()]
    assert {"done page", "order", "list", "place", "status"} <= set(with_costs)
    chief.user_permissions.remove(chief.user_permissions.get(codename="see_costs"))
    for name, address in pages.items():
        assert "$" not in client.get(address).content.decode(), name


def test_describing_a_picture(editor: User, browser: Browser) -> None:
    """Title and alternative text are the editor's; everything else stays as it is."""
    image = made("a fox", user=editor).images.get()
    data = {"title": "Fox", "alt": "A fox in snow", "width": "1", "file": "x"}
    assert browser(editor).post(reverse(PICTURE, args=[image.pk]), data).status_code == 302
    changed = GeneratedImage.objects.get()
    assert (changed.title, changed.alt) == ("Fox", "A fox in snow")
    assert (changed.width, changed.file.name) == (2048, image.file.name)


def test_change_and_order_again(editor: User, person: Any, browser: Any) -> None:
    """An order page that begins with an earlier order's words and choices: one's own, not somebody else's."""
    old = orders.place(
        "a “red” fox", user=editor, width=4096, height=2304, results=3, output_format="PNG", output_quality=80
    )
    address = f"{reverse(ADD)}?from={old.pk}"
    form = browser(editor).get(address).context["form"]
    order = {name: form[name].value() for name in form.fields if name not in ("nonce", "anyway")}
    assert order == {
        "prompt": "a “red” fox",
        "shape": "16:9",
        "resolution": "3K",
        "references": [],
        "make": "variations",
        "results": 3,
        "sequence": 4,
        "style": "",
        "output_format": "PNG",
        "output_quality": 80,
        "optimize_prompt_mode": None,
    }
    other = browser(person("otto", "generate")).get(address).context["form"]
    assert other["prompt"].value() is None
    assert browser(editor).get(f"{reverse(ADD)}?from=nonsense").status_code == 200
