"""“Generate” beside the fields of any form: in the admin and outside of it, for every kind of field and of object."""

from __future__ import annotations

import io
import re
import threading
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.admin import GenericTabularInline
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.forms import inlineformset_factory, modelform_factory
from django.http import HttpRequest
from django.test import Client
from django.urls import include, path, reverse
from PIL import Image

from seedream_django import content, copying, marks, orders, retention
from seedream_django.admin import SeedreamAdminMixin
from seedream_django.forms import GeneratedImageChoiceField, SeedreamFormMixin
from seedream_django.models import GeneratedImage, Generation, Slot, Style
from seedream_django.places import slot
from seedream_django.sandbox import Books

from .album.models import Bound, Leaf, Pressed, Sheet, Slip
from .editor import Form
from .steps import carry, spot
from .test_copying import kept

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_in_place")]

Commit = Any
#: What the two fields with a file want: a ratio that the provider has not, and a small copy.
DRAWN = slot(ratio="5:4", max_width=300, hint="Calm ground.", prompt_from="{title}. {summary}")
PAPER = slot()


# -- A site of the admin with every kind of page --------------------------------------------------------------


class LeafInline(SeedreamAdminMixin, admin.StackedInline):  # type: ignore[type-arg]
    model = Leaf
    extra = 2
    seedream_fields = {"image": slot(max_width=200)}


class SlipInline(SeedreamAdminMixin, GenericTabularInline):
    model = Slip
    extra = 1
    seedream_fields = {"image": slot(max_width=200), "picture": slot()}


class SheetAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"drawn": DRAWN, "paper": PAPER, "picture": slot(ratio="16:9")}
    inlines = (LeafInline, SlipInline)
    save_as = True
    fieldsets = (
        (None, {"fields": ("title", "summary")}),
        ("More", {"fields": (("drawn", "paper"), "picture")}),
    )
    list_display = ("__str__", "title", "picture", "paper")
    list_editable = ("title", "picture", "paper")
    # Before Django 6 a list reads what may be empty row by row.
    list_select_related = ("picture",)


class Wide(forms.FileInput):
    """A site's own control for files."""


class OwnForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of the host's with an initial value and a cleaning of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = "From the form"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("title") == "refused":
            raise forms.ValidationError("Not this one.")
        return data


class OwnAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """With everything that a host may have said of these fields before."""

    form = OwnForm
    seedream_fields = {"drawn": slot(), "paper": slot(), "picture": slot()}
    raw_id_fields = ("picture",)
    formfield_overrides = {Sheet._meta.get_field("paper").__class__: {"widget": Wide}}


class ReadAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"drawn": slot(), "picture": slot()}

    # By a method: the system checks, which know no request, would warn of an attribute.
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("drawn", "picture")


class ChildAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"drawn": DRAWN, "picture": slot()}


class AutocompleteAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"drawn": slot(), "picture": slot()}
    autocomplete_fields = ("picture",)


desk = admin.AdminSite("desk")
desk.register(Sheet, SheetAdmin)
desk.register(Pressed, ChildAdmin)
desk.register(Bound, ChildAdmin)
own = admin.AdminSite("own")
own.register(Sheet, OwnAdmin)
own.register(Pressed, ReadAdmin)
own.register(Bound, AutocompleteAdmin)
own.register(GeneratedImage, type("Images", (admin.ModelAdmin,), {"search_fields": ("title",)}))

urlpatterns = [
    path("desk/", desk.urls),
    path("own/", own.urls),
    path("admin/", admin.site.urls),
    path("seedream/", include("seedream_django.urls")),
]

RIGHTS = (
    "generate",
    *(
        f"{verb}_{model}"
        for verb in ("add", "change", "view", "delete")
        for model in ("sheet", "leaf", "slip")
    ),
    *(f"{verb}_{model}" for verb in ("add", "change", "view") for model in ("pressed", "bound")),
)


@pytest.fixture
def writer(person: Callable[..., User]) -> User:
    return person("wanda", *RIGHTS)


@pytest.fixture
def image(writer: User) -> GeneratedImage:
    return kept(writer)


class Page:
    """A form of the admin as it was opened, and what is sent from it."""

    def __init__(self, client: Client, address: str, commit: Commit) -> None:
        self.client, self.address, self.commit = client, address, commit
        answer = client.get(address)
        assert answer.status_code == 200
        self.html = answer.content.decode()
        self.values = Form(self.html).values

    def save(self, **values: Any) -> Any:
        changed = {name.replace("__", "-"): value for name, value in values.items()}
        with self.commit(execute=True):
            return self.client.post(self.address, {**self.values, **changed})

    def spot(self, name: str) -> str:
        (element,) = re.findall(rf'<seedream-image[^>]*data-name="{name}"[^>]*>', self.html)
        (token,) = re.findall(r'data-spot="([^"]+)"', element)
        return str(token)

    def order(self, name: str, prompt: str = "a fox", **values: str) -> str:
        """Press “Generate” in this panel."""
        data = {"spot": self.spot(name), "shape": "1:1", "results": "1", "nonce": uuid.uuid4().hex, **values}
        answer = self.client.post(reverse("seedream_django:order"), {"prompt": prompt, **data})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["slot"])


Open = Callable[..., Page]


@pytest.fixture
def open_(writer: User, browser: Any, django_capture_on_commit_callbacks: Commit) -> Open:
    """Open a page as the writer, or as somebody else."""

    def open_page(obj: Any = None, model: Any = Sheet, site: str = "desk", user: Any = writer) -> Page:
        name = f"{site}:album_{model._meta.model_name}_{'change' if obj else 'add'}"
        address = reverse(name, args=[obj.pk] if obj else [])
        return Page(browser(user), address, django_capture_on_commit_callbacks)

    return open_page


@pytest.fixture
def come(django_capture_on_commit_callbacks: Commit) -> Callable[[], None]:
    """Have every picture that is ordered come, and go where it is waited for."""

    def carry_all() -> None:
        for generation in Generation.objects.all():
            with django_capture_on_commit_callbacks(execute=True):
                carry(generation)

    return carry_all


def sheet(**values: Any) -> Sheet:
    """One that has no picture yet."""
    return Sheet.objects.create(**{"title": "Foxes", **values})


def filed(**values: Any) -> Sheet:
    """One that has a file of its own."""
    return sheet(drawn=upload("x.png"), **values)


def upload(name: str = "mine.png") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(drawn, "PNG")
    return SimpleUploadedFile(name, drawn.getvalue(), "image/png")


def drawn(obj: Sheet) -> Path:
    obj.refresh_from_db()
    return Path(obj.drawn.path)


def words(answer: Any) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', answer.content.decode(), re.S))


# -- Each kind of field, on a new object and on one that is there ---------------------------------------------


@pytest.mark.parametrize("existing", [True, False], ids=["change", "add"])
def test_a_chosen_picture_goes_into_each_kind_of_field(
    open_: Open, image: GeneratedImage, existing: bool
) -> None:
    """A foreign key refers to it; an ImageField and a FileField each get a copy, with its size and the mark."""
    page = open_(sheet() if existing else None)
    pk = str(image.pk)
    assert page.save(title="New", drawn__picture=pk, paper__picture=pk, picture=pk).status_code == 302
    obj = Sheet.objects.get()
    assert (obj.title, obj.picture) == ("New", image)
    assert (obj.width, obj.height) == (300, 240)
    with Image.open(obj.drawn.path) as copied:
        assert copied.size == (300, 240)
    assert obj.drawn.name.startswith("drawn/")
    assert obj.paper.name.startswith("paper/")
    assert marks.is_marked(Path(obj.drawn.path))
    assert marks.is_marked(Path(obj.paper.path))


@pytest.mark.parametrize("existing", [True, False], ids=["change", "add"])
def test_what_is_ordered_comes_into_each_kind_of_field(
    open_: Open, come: Callable[[], None], existing: bool
) -> None:
    """Saved before a picture is ready, and left: each field is filled when it comes, the required one too."""
    page = open_(sheet() if existing else None)
    tokens = {f"{name}__slot": page.order(name, f"a fox {name}") for name in ("drawn", "paper", "picture")}
    assert page.save(title="New", **tokens).status_code == 302
    obj = Sheet.objects.get()
    assert [bool(value) for value in (obj.drawn, obj.paper, obj.picture)] == [False] * 3
    come()
    obj.refresh_from_db()
    assert (obj.width, obj.height) == (300, 240)
    assert obj.paper
    assert obj.picture
    assert "a fox picture" in obj.picture.generation.prompt
    assert Slot.objects.filter(note="", settled_at__isnull=False, object_id=str(obj.pk)).count() == 3


def test_without_a_script_the_save_itself_orders(open_: Open, come: Callable[[], None]) -> None:
    """Each field has its own tick and prompt; one page orders for several."""
    page = open_()
    ticks = {f"{name}__order": "1" for name in ("drawn", "picture")}
    answer = page.save(title="New", drawn__prompt="a fox", picture__prompt="an owl", **ticks)
    assert answer.status_code == 302
    come()
    obj = Sheet.objects.get()
    assert obj.drawn
    assert obj.picture
    assert [row.prompt for row in Generation.objects.order_by("created_at")] == ["a fox", "an owl"]


def test_a_required_file_is_demanded_where_no_picture_is_on_its_way(open_: Open) -> None:
    """Neither a file nor a picture: the field says so, as Django does; a file of one's own is enough."""
    page = open_()
    assert "This field is required." in words(page.save(title="New"))
    assert page.save(title="New", drawn=upload()).status_code == 302
    obj = Sheet.objects.get()
    assert (obj.drawn.name, obj.width, obj.height) == ("drawn/mine.png", 30, 20)
    assert not Slot.objects.exists()
    again = open_(obj)
    assert again.save(title="Kept").status_code == 302
    obj.refresh_from_db()
    assert (obj.title, obj.drawn.name) == ("Kept", "drawn/mine.png")


def test_a_file_and_a_picture_are_one_too_many(open_: Open, image: GeneratedImage) -> None:
    """The error names both, and neither is lost: the choice stands in the form that comes back."""
    page = open_(sheet())
    answer = page.save(drawn=upload(), drawn__picture=str(image.pk))
    assert "You gave a file, or cleared the field, and chose a picture as well" in words(answer)
    assert Form(answer.content.decode()).values["drawn-picture"] == str(image.pk)
    ordered = page.save(drawn=upload(), drawn__prompt="a fox", drawn__order="1")
    assert "You gave a file" in words(ordered)
    assert "a fox</textarea>" in ordered.content.decode()
    assert not Generation.objects.exclude(pk=image.generation_id).exists()


def test_a_chosen_picture_takes_the_place_of_a_file(open_: Open, image: GeneratedImage) -> None:
    """The file that the form showed is replaced, and left where it is; not choosing any leaves it."""
    page = open_()
    page.save(title="New", drawn=upload())
    obj = Sheet.objects.get()
    open_(obj).save(title="Same")
    obj.refresh_from_db()
    assert obj.drawn.name == "drawn/mine.png"
    open_(obj).save(drawn__picture=str(image.pk))
    assert drawn(obj).name != "mine.png"
    assert obj.width == 300


def test_clearing_a_file_stays_possible(open_: Open) -> None:
    """Django's own tick, beside the panel."""
    page = open_()
    page.save(title="New", drawn=upload(), paper=SimpleUploadedFile("a.txt", b"text"))
    obj = Sheet.objects.get()
    assert obj.paper
    assert open_(obj).save(**{"paper-clear": "on"}).status_code == 302
    obj.refresh_from_db()
    assert not obj.paper


# -- What is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["drawn__picture", "picture"])
def test_a_picture_that_one_may_not_choose(open_: Open, name: str) -> None:
    """Somebody else's, for a file as for a foreign key: nothing is saved."""
    theirs = kept(None)
    obj = sheet()
    answer = open_(obj).save(title="Other", drawn__order="", **{name: str(theirs.pk)})
    assert "This picture cannot be chosen" in words(answer)
    obj.refresh_from_db()
    assert (obj.title, obj.picture, bool(obj.drawn)) == ("Foxes", None, False)


def test_tokens_of_others(open_: Open, owner: User) -> None:
    """Of another person, another object, another field: refused in the field, and nobody's slot is bound."""
    first, second = sheet(), sheet()
    foreign = open_(first, user=owner).order("drawn")
    elsewhere, beside = open_(second).order("drawn"), open_(first).order("paper")
    for token in (foreign, elsewhere, beside, "forged"):
        answer = open_(first).save(drawn__slot=token)
        assert "The order in this field is too old or not yours" in words(answer), token
    assert set(Slot.objects.values_list("object_id", flat=True)) == {""}


def test_a_spot_is_nobody_elses_and_cannot_be_written(open_: Open, owner: User, writer: User) -> None:
    """The panel's address takes only what it signed for this person; anything else is not found."""
    page = open_(sheet())
    theirs = spot(owner, "album.sheet", "drawn")
    for token in (theirs, page.spot("drawn")[:-2], "", "nonsense"):
        data = {"spot": token, "prompt": "a fox", "shape": "1:1", "results": "1"}
        assert page.client.post(reverse("seedream_django:order"), data).status_code == 404
    assert not Generation.objects.exists()


def test_ordering_for_what_one_may_not_change(person: Any, browser: Any) -> None:
    """A person without the right is told so, and nothing is made; with a right to this object alone it is taken."""
    other = person("olaf", "generate")
    data = {"prompt": "a fox", "shape": "1:1", "results": "1"}
    obj = sheet()
    for key in ("", obj.pk, uuid.uuid4()):
        token = spot(other, "album.sheet", "drawn", key)
        answer = browser(other).post(reverse("seedream_django:order"), {**data, "spot": token})
        assert answer.status_code == 403
    assert not Generation.objects.exists()


# -- Choosing among all that there are ------------------------------------------------------------------------


def find(page: Page, words: str = "", older: str = "", name: str = "picture") -> Any:
    data = {"spot": page.spot(name), "find": words, "older": older}
    return page.client.post(reverse("seedream_django:order"), data)


def offered(html: str) -> list[str]:
    return re.findall(r'<input type="radio" name="" value="(\d+)"', html)


def test_older_pictures_are_found(
    open_: Open, writer: User, others: GeneratedImage, django_assert_max_num_queries: Any
) -> None:
    """The newest are on the page; older ones come page by page, or by a word, each once and nobody else's."""
    images = [kept(writer) for _number in range(15)]
    fox = images[0]
    GeneratedImage.objects.filter(pk=fox.pk).update(title="Last month's fox")
    page = open_(filed())
    place = page.html.partition('data-name="picture"')[2]
    older = re.findall(r'data-part="older" value="([^"]+)"', place)[0]
    shown = re.findall(r'name="picture" value="(\d+)"', page.html)
    assert str(fox.pk) not in shown
    with django_assert_max_num_queries(16):
        rest = find(page, older=older).content.decode()
    assert shown + offered(rest) == [str(image.pk) for image in reversed(images)]
    assert "Older pictures" not in rest
    found = find(page, "month fox").content.decode()
    assert offered(found) == [str(fox.pk)]
    assert "Pictures that were found: 1" in found
    # How many the newest are says nothing; from the older ones a button leads back to them.
    assert "Pictures that were found" not in rest
    (newer,) = re.findall(r'data-part="older" value="(newer:[^"]+)"', rest)
    assert offered(find(page, older=newer).content.decode()) == shown
    answer = page.save(picture=str(fox.pk))
    assert answer.status_code == 302, words(answer)
    assert Sheet.objects.get().picture == fox
    assert others.pk not in map(int, shown + offered(rest))


def test_finding_needs_a_place_that_one_may_change(
    open_: Open, owner: User, person: Any, browser: Any
) -> None:
    """For a place of somebody else's nothing is found, nor where one may not change; nor for nonsense an error."""
    page = open_(sheet())
    data = {"find": "", "spot": spot(owner, "album.sheet", "drawn")}
    assert page.client.post(reverse("seedream_django:order"), data).status_code == 404
    olaf = person("olaf", "generate")
    data["spot"] = spot(olaf, "album.sheet", "drawn")
    assert browser(olaf).post(reverse("seedream_django:order"), data).status_code == 403
    assert find(page, "\x00' OR 1=1 --", older="not,a,place").status_code == 200


class ThisOne:
    """An object backend: everybody who is asked about one sheet may change that one."""

    title = "Theirs"

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def has_perm(self, user: Any, permission: str, obj: Any = None) -> bool:
        return permission == "album.change_sheet" and getattr(obj, "title", "") == self.title


def test_a_right_to_one_object_is_enough(person: Any, browser: Any, settings: Any) -> None:
    """An object backend says so when the order is taken."""
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "tests.test_in_place.ThisOne",
    ]
    other = person("olaf", "generate")
    mine, foreign = sheet(title="Theirs"), sheet()
    answers = []
    for obj in (mine, foreign):
        token = spot(other, "album.sheet", "drawn", obj.pk)
        data = {"prompt": "a fox", "shape": "1:1", "results": "1", "spot": token}
        client = Client()
        client.force_login(other, "django.contrib.auth.backends.ModelBackend")
        answers.append(client.post(reverse("seedream_django:order"), data).status_code)
    assert answers == [201, 403]


def test_shape_and_size_are_the_fields(open_: Open, writer: User, books: Books) -> None:
    """Whatever a crafted request says of shape, size and resolution: the order has the field's own."""
    page = open_(sheet())
    page.order("picture", shape="9:16", resolution="3K", width="4096", height="4096")
    page.save(drawn__prompt="a fox", drawn__order="1", drawn__shape="9:16", drawn__resolution="3K")
    sizes = [
        tuple(row.parameters[name] for name in ("width", "height"))
        for row in Generation.objects.order_by("created_at")
    ]
    assert sizes == [(2848, 1600), (2304, 1728)]


# -- Undone, and said -----------------------------------------------------------------------------------------


def test_a_choice_over_a_file_and_back(open_: Open, image: GeneratedImage) -> None:
    """The radio of what was there is sent again: nothing happens to the file."""
    open_().save(title="New", drawn=upload())
    obj = Sheet.objects.get()
    page = open_(obj)
    page.save(drawn__picture="")
    assert drawn(obj).name == "mine.png"
    assert not Slot.objects.exists()


def test_the_history_says_what_changed(open_: Open, image: GeneratedImage, writer: User) -> None:
    """Choosing and ordering are changes of their fields; a save of nothing else names no picture."""
    obj = filed()
    history = LogEntry.objects.filter(content_type__model="sheet").order_by("pk")
    open_(obj).save(title="Other")
    assert '"fields": ["Title"]' in history.last().change_message  # type: ignore[union-attr]
    open_(obj).save(picture=str(image.pk))
    assert '"fields": ["Picture"]' in history.last().change_message  # type: ignore[union-attr]
    open_(obj).save(drawn__picture=str(image.pk))
    entries = list(history.values_list("change_message", "user"))[2:]
    assert any('"drawn"' in message.lower() for message, _ in entries)
    assert {user for _, user in entries} == {writer.pk}


# -- Inlines --------------------------------------------------------------------------------------------------


def test_an_empty_row_with_only_a_picture_is_saved(open_: Open, image: GeneratedImage) -> None:
    """A row that is nothing but a chosen picture is a row; one that was left alone is none."""
    page = open_(filed())
    assert page.save(leaves__1__image__picture=str(image.pk)).status_code == 302
    leaf = Leaf.objects.get()
    assert leaf.image.name.startswith("leaves/")
    with Image.open(leaf.image.path) as copied:
        assert copied.width == 200


def test_rows_that_are_new_changed_and_deleted(
    open_: Open, image: GeneratedImage, come: Callable[[], None]
) -> None:
    """Each row is its own: one gets a picture, one is changed and keeps its own, one goes, one is ordered for."""
    obj = filed()
    kept_, gone = (Leaf.objects.create(sheet=obj, image=upload(f"{n}.png"), note=n) for n in ("kept", "gone"))
    page = open_(obj)
    answer = page.save(
        leaves__0__note="changed",
        leaves__1__DELETE="on",
        leaves__2__image__picture=str(image.pk),
        leaves__3__image__slot=page.order("leaves-3-image"),
    )
    assert answer.status_code == 302
    come()
    rows = list(Leaf.objects.order_by("pk"))
    assert len(rows) == 3
    assert (rows[0].pk, rows[0].note, rows[0].image.name) == (kept_.pk, "changed", "leaves/kept.png")
    assert all(row.image for row in rows)
    assert not Leaf.objects.filter(pk=gone.pk).exists()


def test_a_row_that_is_ordered_for_and_deleted_at_once(open_: Open, come: Callable[[], None]) -> None:
    """Who deletes a row in the same save has no order for it, and the deletion is no error."""
    obj = filed()
    Leaf.objects.create(sheet=obj, image=upload())
    page = open_(obj)
    typed = {"leaves__0__image__prompt": "a fox", "leaves__0__image__order": "1"}
    assert page.save(leaves__0__DELETE="on", **typed).status_code == 302
    assert not Leaf.objects.exists()
    assert not Generation.objects.exists()


def test_rows_of_a_new_object_and_generic_ones(
    open_: Open, image: GeneratedImage, come: Callable[[], None]
) -> None:
    """Rows have no key before their object has one: the slots are bound when both have theirs."""
    page = open_()
    prefix = "album-slip-content_type-object_id"
    sent = {
        "leaves-0-image-slot": page.order("leaves-0-image", "a leaf"),
        f"{prefix}-0-image-picture": str(image.pk),
    }
    assert page.save(title="New", drawn__picture=str(image.pk), **sent).status_code == 302
    come()
    obj = Sheet.objects.get()
    assert Leaf.objects.get(sheet=obj).image
    slip = Slip.objects.get()
    assert slip.of == obj
    assert slip.image.name.startswith("slips/")


def test_a_row_of_an_inline_demands_its_file(open_: Open) -> None:
    """A row with a note and neither file nor picture is told at the row."""
    page = open_(filed())
    assert "This field is required." in words(page.save(leaves__0__note="no picture"))
    assert not Leaf.objects.exists()


def test_a_page_costs_the_same_for_any_number_of_rows(
    open_: Open, django_assert_max_num_queries: Any, django_assert_num_queries: Any, writer: User
) -> None:
    """What the panels show is read once for the page, not for each of its rows."""
    obj = filed()
    counts = []
    for number in (1, 11):
        while Leaf.objects.count() < number:
            Leaf.objects.create(sheet=obj, image=upload(f"{Leaf.objects.count()}.png"))
        page = open_(obj)
        with django_assert_max_num_queries(60) as asked:
            page.client.get(page.address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# -- The text that it is made from ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "is_known"), [("Foxes", True), ("Foxes, at night", True), ("Something else", False)]
)
@pytest.mark.parametrize("way", ["in place", "with the save"])
def test_the_text_as_it_was_ordered(
    open_: Open, come: Callable[[], None], writer: User, way: str, prompt: str, is_known: bool
) -> None:
    """What is changed after the prompt was filled is another text; of an editor's own words it is what is saved."""
    obj = sheet()
    page = open_(obj)
    assert page.values["drawn-text"] == "Foxes"
    sent = {"drawn__prompt": prompt, "drawn__order": "1"}
    if way == "in place":
        sent = {"drawn__slot": page.order("drawn", prompt, text=page.values["drawn-text"])}
    answer = page.save(title="Wolves", **sent)
    assert answer.status_code == 302, words(answer)
    come()
    obj.refresh_from_db()
    assert obj.drawn
    assert content.stale(obj, {"drawn": DRAWN}, writer) == ({"drawn": "Wolves"} if is_known else {})


# -- Other ways to save ---------------------------------------------------------------------------------------


def test_save_as_new(open_: Open, image: GeneratedImage, come: Callable[[], None]) -> None:
    """The copy gets the choice and the order; what the first one has stays with it."""
    obj = filed(picture=image)
    page = open_(obj)
    answer = page.save(_saveasnew="1", title="Copy", drawn__slot=page.order("drawn"))
    assert answer.status_code == 302, words(answer)
    come()
    copied = Sheet.objects.get(title="Copy")
    assert copied.picture == image
    assert copied.drawn.name not in ("", "drawn/x.png")
    obj.refresh_from_db()
    assert (obj.drawn.name, obj.title, obj.picture) == ("drawn/x.png", "Foxes", image)


def test_save_as_new_with_a_chosen_picture(open_: Open, image: GeneratedImage) -> None:
    """A finished picture is copied for the copy alone."""
    obj = filed()
    answer = open_(obj).save(
        _saveasnew="1", title="Copy", drawn__picture=str(image.pk), picture=str(image.pk)
    )
    assert answer.status_code == 302, words(answer)
    copied = Sheet.objects.get(title="Copy")
    assert (copied.width, copied.picture) == (300, image)
    obj.refresh_from_db()
    assert (obj.drawn.name, obj.picture) == ("drawn/x.png", None)


@pytest.fixture
def others(owner: User) -> GeneratedImage:
    """Somebody else's, which the writer may not choose."""
    return kept(owner)


def test_save_as_new_keeps_what_one_may_not_choose(open_: Open, others: GeneratedImage) -> None:
    """What stands in the field stands in the copy's, whoever made it; also after a form that was refused."""
    obj = filed(picture=others)
    page = open_(obj)
    refused = page.save(_saveasnew="1", title="", drawn=upload())
    assert refused.status_code == 200
    again = Form(refused.content.decode()).values
    answer = page.save(**{**again, "_saveasnew": "1", "title": "Copy", "drawn": upload()})
    assert answer.status_code == 302, words(answer)
    assert Sheet.objects.get(title="Copy").picture == others
    answer = page.save(_saveasnew="1", title="Empty", drawn=upload(), picture="")
    assert answer.status_code == 302, words(answer)
    assert Sheet.objects.get(title="Empty").picture is None


def test_save_as_new_while_another_is_ordered(
    open_: Open, others: GeneratedImage, come: Callable[[], None]
) -> None:
    """The copy has what was there; what is ordered beside it takes nothing away."""
    page = open_(filed(picture=others))
    slot_ = page.order("picture")
    answer = page.save(_saveasnew="1", title="Copy", drawn=upload(), picture__slot=slot_)
    assert answer.status_code == 302, words(answer)
    come()
    assert Sheet.objects.get(title="Copy").picture == others


def test_only_what_the_first_one_shows_is_kept(open_: Open, others: GeneratedImage, owner: User) -> None:
    """What another object showed, another field or nobody, and what is only named, is no part of this copy."""
    obj, other = filed(), filed(picture=others)
    elsewhere = open_(other).values["picture-was"]
    assert elsewhere
    page = open_(obj)
    for was in (elsewhere, str(others.pk), ""):
        values = {"picture": str(others.pk), "picture-was": was}
        answer = page.save(_saveasnew="1", title="Copy", drawn=upload(), **values)
        assert "This picture cannot be chosen" in words(answer)
    # On its own page another picture than was shown.
    second = kept(owner)
    answer = open_(other).save(_saveasnew="1", title="Copy", drawn=upload(), picture=str(second.pk))
    assert "This picture cannot be chosen" in words(answer)


def test_save_as_new_of_what_one_may_not_see(
    open_: Open, others: GeneratedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept of an object that the list does not show this person by now."""
    page = open_(filed(picture=others))
    monkeypatch.setattr(SheetAdmin, "get_queryset", lambda *args: Sheet.objects.none())
    answer = page.save(_saveasnew="1", title="Copy", drawn=upload())
    assert "This picture cannot be chosen" in words(answer)


def test_rows_of_what_is_saved_as_new(open_: Open, others: GeneratedImage) -> None:
    """A row's picture is kept as well, and of no row that is another object's."""
    obj, other = filed(), filed()
    row, stranger = (Slip.objects.create(of=each, picture=others) for each in (obj, other))
    page = open_(obj)
    name = "album-slip-content_type-object_id-0"
    assert page.values[f"{name}-picture"] == str(others.pk)
    foreign = open_(other).values[f"{name}-picture-was"]
    answer = page.save(
        _saveasnew="1",
        title="No",
        drawn=upload(),
        **{f"{name}-id": str(stranger.pk), f"{name}-picture-was": foreign},
    )
    assert "This picture cannot be chosen" in words(answer)
    answer = page.save(_saveasnew="1", title="Copy", drawn=upload())
    assert answer.status_code == 302, words(answer)
    copied = Sheet.objects.get(title="Copy")
    assert Slip.objects.get(object_id=str(copied.pk)).picture == others
    assert Slip.objects.filter(pk=row.pk, object_id=str(obj.pk)).exists()


def test_save_and_continue_shows_what_is_on_its_way(open_: Open) -> None:
    """The same page again says that a picture is coming for this field."""
    page = open_(filed())
    answer = page.save(_continue="1", picture__slot=page.order("picture"))
    again = page.client.get(answer.url).content.decode()
    assert Generation.objects.get().pk.hex in again.replace("-", "")


def test_a_popup_has_the_panel(open_: Open, browser: Any, writer: User, image: GeneratedImage) -> None:
    """What is added from another form's “+” may have a picture as well."""
    client = browser(writer)
    address = reverse("desk:album_sheet_add") + "?_popup=1"
    values = Form(client.get(address).content.decode()).values
    answer = client.post(address, {**values, "title": "New", "drawn-picture": str(image.pk)})
    assert answer.status_code == 200
    assert "data-popup-response" in answer.content.decode()
    assert Slot.objects.get().object_id == str(Sheet.objects.get().pk)


def test_the_list_is_left_alone(
    browser: Any, writer: User, image: GeneratedImage, django_assert_max_num_queries: Any
) -> None:
    """Fields that are edited in the list have no panel there, lose nothing, and cost no query for each row."""
    client, address = browser(writer), reverse("desk:album_sheet_changelist")
    counts = []
    for number in (2, 8):
        while Sheet.objects.count() < number:
            filed(picture=image, paper="paper/a.txt")
        with django_assert_max_num_queries(60) as asked:
            html = client.get(address).content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert "seedream-image" not in html
    values = Form(html).values
    values.pop("action", None)
    sent = {**values, "form-0-title": "Changed", "_save": "Save"}
    assert client.post(address, sent).status_code == 302
    assert Sheet.objects.filter(title="Changed").count() == 1
    assert set(Sheet.objects.values_list("picture", "paper")) == {(image.pk, "paper/a.txt")}
    assert not Sheet.objects.filter(drawn="").exists()


def test_a_list_keeps_what_one_may_not_choose(browser: Any, writer: User, image: GeneratedImage) -> None:
    """Somebody else's picture in a row is no error when the list is saved; no other row gets it."""
    theirs = kept(None)
    first, second = filed(title="B", picture=theirs), filed(title="A", picture=image)
    client, address = browser(writer), reverse("desk:album_sheet_changelist")
    values = Form(client.get(address).content.decode()).values
    values.pop("action", None)
    row = next(number for number in "01" if values[f"form-{number}-id"] == str(second.pk))
    wrong = client.post(address, {**values, f"form-{row}-picture": str(theirs.pk), "_save": "Save"})
    assert "Select a valid choice" in wrong.content.decode()
    sent = {**values, f"form-{row}-picture": "", f"form-{row}-title": "Changed", "_save": "Save"}
    assert client.post(address, sent).status_code == 302
    assert set(Sheet.objects.values_list("title", "picture")) == {("B", theirs.pk), ("Changed", None)}
    assert Sheet.objects.get(pk=first.pk).drawn


# -- What a host said of its form before ---------------------------------------------------------------------


def test_a_form_of_the_hosts_own(open_: Open, image: GeneratedImage) -> None:
    """Its own class, raw ids and widgets: the panel stands beside them, and the form's own rules hold."""
    page = open_(site="own")
    assert 'value="From the form"' in page.html
    for name in ("drawn", "paper", "picture"):
        assert page.spot(name)
    assert "Not this one." in words(page.save(title="refused", drawn__picture=str(image.pk)))
    assert not Sheet.objects.exists()
    pk = str(image.pk)
    assert page.save(title="Fine", drawn__picture=pk, picture=pk).status_code == 302
    obj = Sheet.objects.get()
    assert (bool(obj.drawn), obj.picture) == (True, image)


def test_autocomplete_and_raw_ids_give_way(browser: Any, writer: User, image: GeneratedImage) -> None:
    """A control that holds a number has no panel: ours stands in its place."""
    client = browser(writer)
    html = client.get(reverse("own:album_bound_add")).content.decode()
    assert 'data-name="picture"' in html
    assert "admin-autocomplete" not in html
    values = Form(html).values
    sent = {**values, "title": "New", "drawn-picture": str(image.pk), "picture": str(image.pk)}
    assert client.post(reverse("own:album_bound_add"), sent).status_code == 302
    assert Bound.objects.get().picture == image


def test_fields_that_are_only_read(open_: Open, image: GeneratedImage) -> None:
    """A field among the read-only ones has no panel, and what is sent for it all the same counts for nothing."""
    obj = filed()
    page = open_(obj, model=Pressed, site="own")
    assert "<seedream-image" not in page.html
    page.save(title="Other", picture=str(image.pk), drawn__picture=str(image.pk))
    obj.refresh_from_db()
    assert (obj.title, obj.picture, obj.drawn.name) == ("Other", None, "drawn/x.png")


def test_who_may_only_look(open_: Open, person: Any) -> None:
    """The page is shown without one control of ours."""
    viewer = person("vera", "view_sheet", "view_leaf", "generate")
    obj = filed()
    assert "<seedream-image" not in open_(obj, user=viewer).html


def test_who_may_not_generate_can_choose(open_: Open, person: Any) -> None:
    """Without the right there is no prompt; a finished picture of one's own is still to be had."""
    reader = person("rita", "change_sheet", "view_sheet")
    own_image, *_newer = (kept(reader) for _number in range(12))
    obj = filed()
    page = open_(obj, user=reader)
    assert "drawn-prompt" not in page.html
    assert offered(find(page, name="drawn").content.decode())[-1] == str(own_image.pk + 1)
    assert page.save(drawn__picture=str(own_image.pk)).status_code == 302
    obj.refresh_from_db()
    assert obj.width == 300


@pytest.mark.parametrize("model", [Pressed, Bound])
def test_proxies_and_children(
    open_: Open, image: GeneratedImage, come: Callable[[], None], model: Any
) -> None:
    """The columns are the parent's: a choice and an order both find them, on a new object and on the next save."""
    page = open_(model=model)
    tokens = {"picture__slot": page.order("picture")}
    assert page.save(title="New", drawn__picture=str(image.pk), **tokens).status_code == 302
    come()
    obj = model.objects.get()
    assert obj.width == 300
    assert obj.picture
    again = open_(obj, model=model)
    assert again.save(title="Again").status_code == 302
    obj.refresh_from_db()
    assert (obj.title, obj.width, bool(obj.picture)) == ("Again", 300, True)


# -- Outside of the admin -------------------------------------------------------------------------------------


class SheetForm(SeedreamFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    seedream_fields = {"drawn": DRAWN, "picture": slot(), "paper": slot()}

    class Meta:
        model = Sheet
        fields = ("title", "drawn", "picture")


def test_a_form_of_a_site(
    writer: User, image: GeneratedImage, django_capture_on_commit_callbacks: Commit
) -> None:
    """With the person who uses it; a field that the form has not is no error."""
    data = {"title": "New", "drawn-picture": str(image.pk), "picture": str(image.pk)}
    form = SheetForm(data, user=writer)
    assert form.is_valid(), form.errors
    assert sorted(form.changed_data) == ["picture", "title"]
    assert form.has_changed()
    with django_capture_on_commit_callbacks(execute=True):
        obj = form.save()
    obj.refresh_from_db()
    assert (obj.picture, obj.width) == (image, 300)


def test_a_form_that_names_nobody(image: GeneratedImage) -> None:
    """Without a user nothing can be chosen or ordered, and no panel is shown; a file is taken as ever."""
    html = str(SheetForm())
    assert "drawn-prompt" not in html
    assert "picture-prompt" not in html
    for wrong in (
        {"drawn-picture": str(image.pk)},
        {"drawn-prompt": "a fox", "drawn-order": "1"},
        {"drawn-slot": "forged"},
        {"picture": str(image.pk)},
    ):
        assert not SheetForm({"title": "New", **wrong}).is_valid()
    assert not Generation.objects.exclude(pk=image.generation_id).exists()
    form = SheetForm({"title": "New"}, {"drawn": upload()})
    assert form.is_valid(), form.errors
    assert form.save().drawn.name == "drawn/mine.png"


def test_saved_later(writer: User, image: GeneratedImage, django_capture_on_commit_callbacks: Commit) -> None:
    """``commit=False`` leaves all of it to the object's own save."""
    form = SheetForm({"title": "New", "drawn-picture": str(image.pk)}, user=writer)
    obj = form.save(commit=False)
    assert not Slot.objects.exists()
    obj.summary = "later"
    with django_capture_on_commit_callbacks(execute=True):
        obj.save()
    obj.refresh_from_db()
    assert (obj.summary, obj.width) == ("later", 300)


def test_forms_in_a_set(
    writer: User, image: GeneratedImage, django_capture_on_commit_callbacks: Commit
) -> None:
    """Each form of a set is told who uses it, and each row has its own picture."""
    obj = sheet()
    base = type(
        "LeafForm", (SeedreamFormMixin, forms.ModelForm), {"seedream_fields": {"image": slot(max_width=200)}}
    )
    formset_class = inlineformset_factory(Sheet, Leaf, form=base, fields=["image", "note"], extra=2)
    management = {"leaves-TOTAL_FORMS": "2", "leaves-INITIAL_FORMS": "0"}
    data = {**management, "leaves-0-image-picture": str(image.pk), "leaves-1-note": ""}
    formset = formset_class(data, instance=obj, form_kwargs={"user": writer})
    assert formset.is_valid(), formset.errors
    with django_capture_on_commit_callbacks(execute=True):
        formset.save()
    assert Leaf.objects.get().image


def test_a_plain_form_chooses(writer: User, image: GeneratedImage) -> None:
    """No model and no object: a choice among finished pictures, and nothing else."""
    form_class = type("Plain", (forms.Form,), {"picture": GeneratedImageChoiceField()})
    form = form_class({"picture": str(image.pk)})
    form.fields["picture"].for_user(writer)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["picture"] == image
    empty = form_class({})
    empty.fields["picture"].for_user(writer)
    assert empty.errors == {"picture": ["This field is required."]}


def test_a_form_without_the_field(writer: User) -> None:
    """A form for other fields of the model is as it was."""
    form_class = modelform_factory(Sheet, form=SheetForm, fields=["title"])
    obj = sheet()
    form = form_class({"title": "Other"}, instance=obj, user=writer)
    assert form.is_valid(), form.errors
    form.save()
    obj.refresh_from_db()
    assert obj.title == "Other"


# -- Save and leave -------------------------------------------------------------------------------------------


def ordered_for(page: Page, name: str) -> Slot:
    page.save(**{f"{name}__slot": page.order(name)})
    return Slot.objects.get()


@pytest.mark.parametrize("name", ["paper", "picture"])
def test_never_over_a_newer_value(open_: Open, come: Callable[[], None], name: str, writer: User) -> None:
    """What a person put there meanwhile stays, and the slot says so."""
    obj = filed()
    ordered_for(open_(obj), name)
    newer: Any = kept(writer) if name == "picture" else "paper/newer.txt"
    Sheet.objects.filter(pk=obj.pk).update(**{name: newer})
    come()
    obj.refresh_from_db()
    assert getattr(obj, name) == newer
    assert Slot.objects.get().note == "The field has another picture by now."


GIVEN_UP = [
    (
        lambda obj, user: User.objects.filter(pk=user.pk).update(is_active=False),
        "may not change the object any more",
    ),
    (lambda obj, user: user.user_permissions.clear(), "may not change the object any more"),
    (lambda obj, user: obj.delete(), "The object is gone."),
]


@pytest.mark.parametrize("name", ["paper", "picture"])
@pytest.mark.parametrize(("happens", "note"), GIVEN_UP, ids=["deactivated", "without the right", "deleted"])
def test_given_up(
    open_: Open, come: Callable[[], None], writer: User, name: str, happens: Any, note: str
) -> None:
    """Nobody who answers for it, or nothing to put it into: the slot ends with a note, the picture is kept."""
    obj = filed()
    ordered_for(open_(obj), name)
    happens(obj, writer)
    come()
    left = Slot.objects.get()
    assert note in left.note
    assert left.settled_at
    assert GeneratedImage.objects.stored().count() == 1
    if obj.pk:
        obj.refresh_from_db()
        assert not getattr(obj, name)


@pytest.mark.parametrize("name", ["paper", "picture"])
def test_a_stale_form_keeps_the_new_picture(
    writer: User, open_: Open, come: Callable[[], None], django_capture_on_commit_callbacks: Commit, name: str
) -> None:
    """An object that was read before the field was filled, and is saved after it, does not write the old value."""
    obj = filed()
    ordered_for(open_(obj), name)
    fields = ["title", name]
    stale = modelform_factory(Sheet, form=SheetForm, fields=fields)(
        {"title": "Late"}, instance=obj, user=writer
    )
    assert stale.is_valid(), stale.errors
    come()
    stale.save()
    obj.refresh_from_db()
    assert obj.title == "Late"
    assert getattr(obj, name)


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_saved_as_the_picture_comes(writer: User) -> None:
    """Saves and fills at once, many times: whichever is first, the picture is there at the end."""
    picture = kept(writer)
    for turn in range(6):
        obj = sheet(title=f"T{turn}")
        waiting = Slot.objects.create(
            generation=picture.generation,
            content_type_id=_kind(Sheet),
            object_id=str(obj.pk),
            field="picture",
            user=writer,
        )
        form = modelform_factory(Sheet, form=SheetForm, fields=["title", "picture"])(
            {"title": "Late"}, instance=Sheet.objects.get(pk=obj.pk), user=writer
        )
        assert form.is_valid(), form.errors
        _together(form.save, lambda waiting=waiting: _fill(waiting))
        obj.refresh_from_db()
        assert (obj.title, obj.picture) == ("Late", picture)


def _kind(model: Any) -> int:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model).pk


def _fill(waiting: Slot) -> None:
    from seedream_django import slots

    slots.fill(waiting)


def _together(*calls: Callable[[], Any]) -> None:
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            with transaction.atomic():
                call()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_orders_nothing(writer: User) -> None:
    """A view whose transaction fails after the save leaves no order, no slot, and nothing to pay."""
    form = SheetForm(
        {
            "title": "New",
            "drawn-prompt": "a fox",
            "drawn-order": "1",
            "drawn-shape": "1:1",
            "drawn-results": "1",
        },
        user=writer,
    )
    assert form.is_valid(), form.errors

    def save_and_fail() -> None:
        with transaction.atomic():
            form.save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        save_and_fail()
    assert not Generation.objects.exists()
    assert not Slot.objects.exists()
    assert not Sheet.objects.exists()


def test_saved_once_more_while_it_is_still_made(open_: Open, come: Callable[[], None]) -> None:
    """A required file that is on its way is demanded by no later save, in the form and in its rows; what failed is."""
    page = open_()
    tokens = {
        "drawn__slot": page.order("drawn"),
        "leaves__0__image__slot": page.order("leaves-0-image", "a leaf"),
    }
    assert page.save(title="New", **tokens).status_code == 302
    obj = Sheet.objects.get()
    assert open_(obj).save(title="Meanwhile").status_code == 302
    assert not Sheet.objects.get(title="Meanwhile").drawn
    come()
    obj.refresh_from_db()
    assert (obj.title, bool(obj.drawn), bool(Leaf.objects.get().image)) == ("Meanwhile", True, True)
    failing = open_()
    failing.save(title="Fails", drawn__slot=failing.order("drawn", "a fox sandbox:fails"))
    come()
    failed = Sheet.objects.get(title="Fails")
    assert "This field is required." in words(open_(failed).save(title="Again"))


@pytest.mark.parametrize("first", ["form", "copy"])
def test_a_file_and_a_form_that_is_saved_as_it_comes(
    writer: User, image: GeneratedImage, first: str, django_capture_on_commit_callbacks: Commit
) -> None:
    """Whichever order the two have, the copy is the file and the form's words are there."""
    obj = sheet()
    kind = {"content_type_id": _kind(Sheet), "object_id": str(obj.pk), "field": "paper"}
    waiting = Slot.objects.create(generation=image.generation, user=writer, **kind)
    form_class = modelform_factory(Sheet, form=SheetForm, fields=["title", "paper"])
    form = form_class({"title": "Late"}, instance=Sheet.objects.get(pk=obj.pk), user=writer)
    assert form.is_valid(), form.errors
    for step in (form.save, partial(copying.copy, waiting.pk))[:: 1 if first == "form" else -1]:
        step()
    obj.refresh_from_db()
    assert obj.title == "Late"
    assert obj.paper.name.startswith("paper/")


# -- The prompt -----------------------------------------------------------------------------------------------


def test_hint_and_style_follow_the_prompt(open_: Open, books: Books, browser: Any, writer: User) -> None:
    """They are kept apart from what was typed, sent with it, and not typed anew in “Change and order again”."""
    Style.objects.create(name="Soft", words="Soft light.")
    page = open_(sheet())
    page.order("drawn", "a fox", style="Soft")
    generation = Generation.objects.get()
    assert (generation.prompt, generation.added) == ("a fox", "Calm ground.\nSoft light.")
    assert generation.sent == "a fox\nCalm ground.\nSoft light."
    carry(generation)
    plain = orders.place("a fox", user=writer, width=2304, height=1728)
    assert plain.digest != generation.digest
    again = page.client.get(reverse("admin:seedream_django_generation_add") + f"?like={generation.pk}")
    assert again.status_code in (200, 403)


def test_what_the_site_says_of_prompts_is_asked_of_all_of_it(open_: Open, settings: Any) -> None:
    """The field's line and the style's words are looked at, too: moderation sees what the provider would see."""
    Style.objects.create(name="Soft", words="Forbidden light.")
    rules = [("forbidden", "Not here.")]
    settings.SEEDREAM |= {"MODERATE": "seedream_django.moderation.patterns", "MODERATION_PATTERNS": rules}
    page = open_(sheet())
    data = {"spot": page.spot("drawn"), "prompt": "a fox", "results": "1", "style": "Soft"}
    answer = page.client.post(reverse("seedream_django:order"), data)
    assert (answer.status_code, answer.json()) == (422, {"errors": {"prompt": ["Not here."]}})
    assert not Generation.objects.exists()


def test_redacting_takes_what_was_added(open_: Open) -> None:
    """No line of the prompt is left, whoever wrote it."""
    page = open_(sheet())
    page.order("drawn")
    generation = carry(Generation.objects.get())
    assert generation.added
    retention.redact(retention.Whose(user=generation.user))
    generation.refresh_from_db()
    assert (generation.prompt, generation.added, generation.sent) == ("", "", "")


def test_made_from_what_stands_in_the_field(open_: Open, books: Books) -> None:
    """The present file is offered first, and goes with the order where it is asked for."""
    page = open_(filed())
    present = page.values["drawn-references-present"]
    assert present
    page.order("drawn", **{"references-present": present, "references-use": "style"})
    (reference,) = Generation.objects.get().references.all()
    assert reference.role == "style"


def test_a_sequence_from_the_panel(open_: Open) -> None:
    """One order for pictures that belong together; the other number counts for nothing."""
    page = open_(sheet())
    page.order("drawn", make="sequence", sequence="3", results="9")
    generation = Generation.objects.get()
    assert (generation.expected, generation.frames) == (3, 3)


def test_the_panel_begins_with_the_texts_of_the_object(open_: Open) -> None:
    """They are in the prompt before anybody types; left as they are, nothing is ordered by a save."""
    page = open_(sheet(summary="In the snow"))
    assert "Foxes. In the snow</textarea>" in page.html
    assert Form(page.html).values["drawn-began"] == "Foxes. In the snow"
    answer = page.save(drawn__prompt="Foxes. In the snow", drawn__picture="", paper__prompt="")
    assert "was not ordered" not in words(answer)
    assert not Generation.objects.exists()


def test_the_copy_is_cut_around_its_focal_point(open_: Open, writer: User) -> None:
    """Of a wide picture a 5:4 part is left, on the side that the editor clicked, no wider than the field says."""
    wide = kept(writer, size=(1600, 400))
    obj = sheet()
    page = open_(obj)
    focal = {"drawn__focal_x": "100", "drawn__focal_y": "50", "drawn__about": str(wide.pk)}
    page.save(drawn__picture=str(wide.pk), **focal)
    with Image.open(drawn(obj)) as copied:
        assert copied.size == (300, 240)
        red, _, blue = copied.convert("RGB").getpixel((10, 100))  # type: ignore[misc]
    assert blue > red
    assert marks.is_marked(drawn(obj))
