"""Every text that a person can see is marked for translation: pages, sentences, labels, and what JavaScript shows.

The language of ``pseudo`` puts what is marked in brackets. People, prompts and titles are written here without a
letter, so that each letter outside brackets is a text that somebody forgot to mark.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from seedream_django import (
    bundles,
    library,
    marks,
    orders,
    parameters,
    pictures,
    review,
    storyboards,
    troubles,
)
from seedream_django.diagnosis import diagnose, money
from seedream_django.exceptions import InvalidOrder, SeedreamError
from seedream_django.forms import GeneratedImageChoiceField
from seedream_django.models import (
    Frame,
    GeneratedImage,
    Generation,
    ImageState,
    Replacement,
    State,
    Switch,
    after,
)
from seedream_django.order_forms import OrderForm
from seedream_django.panels import InPlaceForm
from seedream_django.troubles import REASONS

from . import pseudo
from .pseudo import PACKAGE, Page
from .steps import LONG_AGO, carry, made, spot

pytestmark = pytest.mark.once

LIST = "admin:seedream_django_generation_changelist"
PAGE = "admin:seedream_django_generation_change"
ADD = "admin:seedream_django_generation_add"
PICTURE = "admin:seedream_django_generatedimage_change"


@pytest.fixture(autouse=True)
def _in_brackets(settings: Any, tmp_path: Path) -> Iterator[None]:
    pseudo.install(settings, tmp_path)
    with translation.override(pseudo.LANGUAGE):
        yield


@pytest.fixture
def somebody(db: None) -> User:
    """May do everything with orders and pictures; no letter in the name."""
    user = User.objects.create_user("42", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="seedream_django"))
    return user


@pytest.fixture
def client(somebody: User) -> Client:
    client = Client(headers={"accept-language": pseudo.LANGUAGE})
    client.force_login(somebody)
    return client


#: Django's own that it has not marked: the alternative text of the glass beside a list's search field.
DJANGOS = {"Search"}


def texts_of(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    page = Page(response.content.decode())
    assert len(page.texts) > 3
    assert any("⟦" in text for text in page.texts)
    # The pictures' list names the kinds of objects that have a place for one: the names are their apps' own.
    hosts = {
        word for kind in library.kinds_of_places() for word in str(kind._meta.verbose_name_plural).split()
    }
    return [word for word in page.unmarked() if word not in DJANGOS and word not in hosts]


# -- The language itself -------------------------------------------------------------------------------------


def test_brackets() -> None:
    """What is marked is in brackets, what is filled in is not; formats and numbers are no words."""
    assert translation.gettext("Try again") == "⟦Try again⟧"
    assert pseudo.bracketed("%(count)s of <b>these</b>: {n}") == "%(count)s⟦ of ⟧<b>⟦these⟧</b>: {n}"
    assert pseudo.unmarked("⟦Ready: ⟧2048 × 2048 PNG⟦, yours.⟧ $0.07") == []
    assert pseudo.unmarked("⟦Ready: ⟧not marked⟦.⟧ nor this") == ["not marked", "nor this"]
    assert Page('<p title="Shown">⟦a⟧</p><script>x</script>').unmarked() == ["Shown"]


# -- Sentences -----------------------------------------------------------------------------------------------


def cases() -> Iterator[tuple[State, dict[str, Any]]]:
    """Every state with everything that changes what its page shows."""
    long_ago = timezone.now() - LONG_AGO
    for state in State:
        yield state, {}
        yield state, {"hidden": True, "received": 1}
        yield state, {"doubtful_since": long_ago}
        yield state, {"stored": 1, "received": 1, "cost": Decimal("0.035")}
        yield state, {"stored": 2, "received": 2}
        yield state, {"accepted_at": long_ago, "created_at": long_ago, "deadline": timezone.now()}
        yield state, {"error_kind": "provider", "error_message": "…"}


def row(user: User | None, state: State, **columns: Any) -> Generation:
    task = {"width": 2048, "height": 2048, "outputFormat": "JPG"}
    values = {"prompt": "★ 1", "parameters": task, "expected": 2, "estimate": Decimal("0.07"), **columns}
    return Generation.objects.create(user=user, state=state, **values)


def test_what_is_said_of_each_row(somebody: User) -> None:
    """In every state, after every kind of error: what happened, what it cost, what to do."""
    found = {}
    kinds = [{"error_kind": kind, "error_message": "…"} for kind in (*REASONS, "crash", "unheard of")]
    for state, columns in [*cases(), *itertools.product(State, kinds)]:
        generation = row(somebody, state, **columns)
        for costs in (False, True):
            said = f"{diagnose(generation, costs=costs)} {generation.summary()}"
            assert "⟦" in said
            if words := pseudo.unmarked(said):
                found[f"{state} {columns}"] = words
    assert found == {}


def test_what_is_said_while_it_is_off(somebody: User) -> None:
    """The off switch speaks for itself, with and without a reason."""
    for reason in ("", "…"):
        Switch.objects.update_or_create(pk=1, defaults={"on": False, "reason": reason})
        assert pseudo.unmarked(str(diagnose(row(somebody, State.QUEUED)))) == []
        assert pseudo.unmarked(f"{Switch.current()}") == []
        with pytest.raises(SeedreamError) as refused:
            orders.place("★", user=somebody)
        assert pseudo.unmarked(str(refused.value)) == []


WRONG: list[dict[str, Any]] = [
    {"prompt": ""}, {"prompt": "★" * 2001}, {"prompt": None}, {"results": 21}, {"results": "…"},
    {"width": 0}, {"width": 10, "height": 2048}, {"width": 2048, "height": 20}, {"width": "2"},
    {"output_format": "GIF"}, {"output_quality": 5}, {"optimize_prompt_mode": True}, {"colour": 1}, {"promt": "1"},
]  # fmt: skip


#: Names and values of the call, which are Python's.
PYTHON = {*orders.KEYWORDS, "size", "colour", "promt", "standard", "fast"}


@pytest.mark.parametrize("values", WRONG, ids=lambda values: "-".join(values))
def test_orders_that_cannot_be_taken(values: dict[str, Any]) -> None:
    """Each refusal is a sentence of ours, and so is the label that it stands under."""
    with pytest.raises(InvalidOrder) as refused:
        orders.clean({"prompt": "★", **values})
    words = " ".join(pseudo.unmarked(orders.in_words(refused.value)))
    assert set(re.findall(r"\w+", words)) <= PYTHON


def test_amounts_and_sizes() -> None:
    """An amount has its currency from the language; a size that is no size is told in words."""
    assert money(Decimal("0.07")) == "$0.07"
    with pytest.raises(InvalidOrder) as refused:
        orders.read_size("…")
    assert pseudo.unmarked(" ".join(refused.value.errors["size"])) == []


def test_who_may_not(db: None) -> None:
    """Without the right one is told so."""
    with pytest.raises(SeedreamError) as refused:
        orders.place("★", user=User.objects.create_user("1"))
    assert pseudo.unmarked(str(refused.value)) == []


def sentences_raised() -> Iterator[str]:
    """What the wire, the files, the storing and the copying say of a picture, with 1 for what is filled in."""
    names = {
        "PictureError",
        "ForbiddenAddress",
        "Expired",
        "BadPicture",
        "StorageAway",
        "_give_up",
        "_Refused",
    }
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in names:
                yield from map(_filled, filter(None, (_text(argument) for argument in call.args)))
    for name in ("slots.py", "copying.py"):
        for call in ast.walk(ast.parse((PACKAGE / name).read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "gettext_noop":
                yield _filled(_text(call.args[0]))


def _text(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [part.value if isinstance(part, ast.Constant) else "1" for part in node.values]
    return []


def _filled(parts: list[str]) -> str:
    return "".join(parts)


def test_what_a_picture_went_through() -> None:
    """Whatever sentence a row keeps of its picture is found again and said in the reader's language."""
    raised = set(sentences_raised())
    assert len(raised) > 20
    assert {sentence for sentence in raised if pseudo.unmarked(troubles.told(sentence))} == set()
    # And none is listed that nothing raises any more.
    listed = {re.sub(r"%\(\w+\)s", "1", sentence) for sentence in troubles.SENTENCES}
    assert listed == raised
    assert troubles.told("The provider's own words.") == "The provider's own words."


def test_what_is_wrong_with_a_reference() -> None:
    """So is every sentence that a row keeps of what it was to be made from, whole and in its parts."""
    source = ast.parse((PACKAGE / "media.py").read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(source) if isinstance(node, ast.Call))
    marked = [call.args[0] for call in calls if getattr(call.func, "id", "") == "_"]
    said = {node.value for node in marked if isinstance(node, ast.Constant)}
    assert said | set(pictures.REFERENCE_TEXTS) == set(troubles.ABOUT_REFERENCES)
    kept = "Reference 2 (anna.png): It has 10 × 12 pixels; each side of a reference must have more than 14."
    assert not pseudo.unmarked(troubles.told(kept).replace("anna.png", ""))


# -- Labels --------------------------------------------------------------------------------------------------


def labels(model: type[Model]) -> Iterator[Any]:
    yield from (model._meta.verbose_name, model._meta.verbose_name_plural)
    for field in model._meta.get_fields():
        # What has no form, list or filter anywhere keeps the name that Django derives.
        if getattr(field, "editable", False) and not field.auto_created and model in SHOWN:
            yield field.verbose_name
        yield getattr(field, "help_text", "")
        yield from (label for _value, label in getattr(field, "choices", None) or ())


SHOWN = (Generation, GeneratedImage, Switch)


def test_models() -> None:
    """Names of models and fields, help texts and choices; the app's own name; the permissions."""
    config = apps.get_app_config("seedream_django")
    shown = [config.verbose_name, *(name for _codename, name in Generation._meta.permissions)]
    for model in config.get_models():
        shown += labels(model)
    assert len(shown) > 60
    assert [str(label) for label in shown if pseudo.unmarked(str(label))] == []


def test_parameters() -> None:
    """The parameter page's labels and help texts, which know nothing of Django, are found and translated."""
    for parameter in parameters.PAGE:
        texts = [parameter.label, parameter.help]
        assert all("⟦" in translation.gettext(text) for text in texts if text != "ByteDance"), parameter.path


# -- Pages ---------------------------------------------------------------------------------------------------


def test_ordering(client: Client) -> None:
    """The page to order, as it opens and with everything wrong; and while the switch is off."""
    assert texts_of(client.get(reverse(ADD))) == []
    bad = {"results": "21", "shape": "0", "resolution": "0", "output_quality": "1", "output_format": "0"}
    assert texts_of(client.post(reverse(ADD), {"prompt": "", **bad})) == []
    assert texts_of(client.post(reverse(ADD), {"prompt": "★" * 2001, **bad})) == []
    Switch.objects.create(pk=1, on=False, reason="…")
    good = {
        "results": "1",
        "shape": "1:1",
        "resolution": "2K",
        "output_quality": "95",
        "output_format": "JPG",
    }
    assert texts_of(client.post(reverse(ADD), {"prompt": "★", "optimize_prompt_mode": "fast", **good})) == []


def test_watching(client: Client, somebody: User) -> None:
    """The page of a row in every state, and the same inside a field."""
    found = {}
    for state, columns in cases():
        address = reverse(PAGE, args=[row(somebody, state, **columns).pk])
        for query in ("", "?in=field"):
            if words := texts_of(client.get(address + query)):
                found[f"{state} {columns} {query}"] = words
    assert found == {}


def test_the_queue(client: Client, somebody: User) -> None:
    """Its page with rows in every state, for who sees all and decides and for who does not; paused, and empty."""
    rights = ("see_others_prompts", "change_generation", "change_switch")
    address = reverse("admin:seedream_django_generation_queue")
    assert texts_of(client.get(address)) == []
    for state, columns in cases():
        row(somebody, state, **columns)
    Generation.objects.filter(state=State.QUEUED, error_kind="").update(priority=1)
    row(None, State.QUEUED)
    row(None, State.QUEUED, line="first")
    for codenames in ((), rights):
        somebody.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
        assert texts_of(client.get(address)) == []
    Switch.objects.create(pk=1, on=False)
    assert texts_of(client.get(address)) == []
    for what in ("pause", "pause", "go_on"):
        page = client.post(reverse(f"admin:seedream_django_generation_{what}"), follow=True)
        assert texts_of(page) == []


def test_finished_pictures(client: Client, somebody: User) -> None:
    """A real order with its pictures: its page, the lists, a picture's own page, and what deleting says."""
    generation, image = made("★ 1", user=somebody, results=2), GeneratedImage.objects.latest("pk")
    many = made("★ 2", user=somebody, results=6)
    flagged = many.images.earliest("pk")
    GeneratedImage.objects.filter(pk=flagged.pk).update(flagged=True)
    GeneratedImage.objects.filter(pk=image.pk).update(title="1", alt="2")
    kept = GeneratedImage.objects.exclude(pk=image.pk).latest("pk")
    GeneratedImage.objects.filter(pk=kept.pk).update(
        state=ImageState.FAILED, error="The file is cut short.", file=""
    )
    for address in (
        reverse(PAGE, args=[generation.pk]),
        reverse(LIST),
        f"{reverse(LIST)}?state__exact=done",
        f"{reverse(LIST)}?q=0",
        reverse("admin:seedream_django_generatedimage_changelist"),
        reverse(PICTURE, args=[image.pk]),
        reverse(PICTURE, args=[kept.pk]),
        reverse(PICTURE, args=[flagged.pk]),
        reverse("admin:seedream_django_generatedimage_review", args=[flagged.pk]),
        f"{reverse('admin:seedream_django_generatedimage_changelist')}?review=waiting",
        reverse(PAGE, args=[many.pk]),
        reverse("admin:seedream_django_generation_delete", args=[generation.pk]),
        reverse("admin:seedream_django_generatedimage_delete", args=[image.pk]),
        reverse("admin:app_list", args=["seedream_django"]),
    ):
        assert texts_of(client.get(address)) == [], address


def test_candidates(client: Client, somebody: User, settings: Any) -> None:
    """What waits for approval, was rejected, is being moved: every page that says so, and what is told of it."""
    settings.SEEDREAM |= {"REVIEW": "own"}
    queue = reverse("admin:seedream_django_generatedimage_review_queue")
    assert texts_of(client.get(queue)) == []
    other = User.objects.create_superuser("43")
    images = [made(f"★ {number}", user=somebody).images.get() for number in range(5)]
    GeneratedImage.objects.filter(pk=images[4].pk).update(flagged=True)
    review.decide(images[1], False, by=other, reason="1")
    for address in (
        queue,
        f"{queue}?at={images[4].pk}",
        reverse("admin:seedream_django_generatedimage_changelist"),
        *(reverse(PAGE, args=[image.generation_id]) for image in images[:2]),
        *(reverse(PICTURE, args=[image.pk]) for image in images[:2]),
        reverse("admin:seedream_django_generatedimage_review", args=[images[1].pk]),
    ):
        assert texts_of(client.get(address)) == [], address
    data = {"picture": images[2].pk, "decision": "reject"}
    assert texts_of(client.post(queue, data)) == []
    assert texts_of(client.post(queue, {**data, "reason": "1"}, follow=True)) == []
    settings.SEEDREAM |= {"REVIEW": "second"}
    assert texts_of(client.post(queue, {**data, "picture": images[3].pk, "reason": "1"}, follow=True)) == []
    review.decide(images[3], True, by=other)
    GeneratedImage.objects.update(lease_until=after(60))
    for _told in range(2):
        assert texts_of(client.get(reverse(PAGE, args=[images[3].generation_id]))) == []


def test_a_storyboard(client: Client, somebody: User) -> None:
    """Its strip, with one that was replaced, one beside it, one that is missing and one on its way; a frame's form."""
    sequence = made("★ 1", user=somebody, sequence=3)
    for words in ("★ 2", "★ 3"):
        carry(storyboards.replace(sequence, 1, prompt=words, user=somebody))
    beside = GeneratedImage.objects.get(generation__prompt="★ 3")
    Replacement.objects.filter(pk=beside.generation_id).update(took=False)
    Frame.objects.update(image=GeneratedImage.objects.get(generation__prompt="★ 2"))
    storyboards.replace(sequence, 2, prompt="★ 4", user=somebody)
    GeneratedImage.objects.update(title="1", alt="2")
    sequence.images.get(position=2).delete()
    GeneratedImage.objects.filter(generation=sequence, position=1).update(flagged=True)
    name = "admin:seedream_django_generation_"
    strip = reverse(f"{name}storyboard", args=[sequence.pk])
    frame = reverse(f"{name}frame", args=[sequence.pk, 1])
    for address in (strip, frame, reverse(PAGE, args=[sequence.pk])):
        assert texts_of(client.get(address)) == [], address
    assert texts_of(client.post(frame, {"prompt": ""})) == []
    out = io.BytesIO()
    bundles.write(out, sequence)
    told = zipfile.ZipFile(out).read("captions.txt").decode()
    assert pseudo.unmarked(told.replace("01-1.jpg", "").replace(marks.TOOL, "")) == []


def test_empty_lists(client: Client, somebody: User) -> None:
    """Before anything was ordered, after a search or a filter without a hit, and for one who may only look."""
    somebody.user_permissions.remove(*Permission.objects.filter(codename="see_costs"))
    for _ in range(2):
        for query in ("", "?q=0", "?state__exact=done", "?decision=open", "?q=0&state__exact=failed"):
            assert texts_of(client.get(reverse(LIST) + query, follow=True)) == []
        for query in ("", "?q=0"):
            pictures = reverse("admin:seedream_django_generatedimage_changelist")
            assert texts_of(client.get(pictures + query, follow=True)) == []
        somebody.user_permissions.remove(*Permission.objects.filter(codename="generate"))


def test_the_switch(client: Client) -> None:
    """The owner's page, and what it says when it is saved."""
    address = reverse("admin:seedream_django_switch_change", args=[1])
    Switch.objects.create(pk=1)
    assert texts_of(client.get(address)) == []
    assert texts_of(client.post(address, {"reason": "…"}, follow=True)) == []


def test_actions(client: Client, somebody: User) -> None:
    """What the list's actions ask, and what they answer."""
    done, lost = made("★ 1", user=somebody), row(somebody, State.LOST)
    working = row(somebody, State.RUNNING)
    for action in ("try_again", "more_like_this", "delete_selected"):
        for chosen in ([done], [lost], [done, lost, working]):
            ticked = {"action": action, "_selected_action": [str(one.pk) for one in chosen]}
            assert texts_of(client.post(reverse(LIST), ticked, follow=True)) == []
            if action != "delete_selected":
                confirmed = {**ticked, "confirmed": "1", "nonce": "n"}
                assert texts_of(client.post(reverse(LIST), confirmed, follow=True)) == []
    pictures = reverse("admin:seedream_django_generatedimage_changelist")
    for state in (ImageState.FAILED, ImageState.STORED):
        GeneratedImage.objects.update(state=state)
        chosen = [str(image.pk) for image in done.images.all()]
        ticked = {"action": "fetch_again", "_selected_action": chosen}
        assert texts_of(client.post(pictures, ticked, follow=True)) == []


@pytest.mark.parametrize("name", ["cancel", "again", "show"])
def test_buttons(name: str, client: Client, somebody: User) -> None:
    """What the status page's buttons answer, on the page that they lead to."""
    for state, columns in cases():
        generation = row(somebody, state, **columns)
        address = reverse(f"seedream_django:{name}", args=[generation.pk])
        assert texts_of(client.post(address, follow=True)) == []


def test_answers_without_a_page(client: Client, somebody: User) -> None:
    """What the scripts put on the page: errors by field, and sentences for those who may not."""
    place = {"spot": spot(somebody), "shape": "1:1", "results": "1", "prompt": "★"}
    address = reverse("seedream_django:order")
    (texts,) = client.post(address, place).json()["errors"].values()
    assert [word for text in texts for word in pseudo.unmarked(text)] == []
    somebody.user_permissions.add(*Permission.objects.filter(codename="change_article"))
    for bad in ({"prompt": ""}, {"results": "21"}, {"shape": "0"}):
        errors = client.post(address, {**place, **bad}).json()["errors"]
        assert [word for texts in errors.values() for word in pseudo.unmarked(" ".join(texts))] == []
    client.logout()
    outside = client.get(reverse("seedream_django:status", args=[row(None, State.DONE).pk]))
    assert pseudo.unmarked(outside.content.decode()) == []


# -- Fields --------------------------------------------------------------------------------------------------


def test_a_field(somebody: User) -> None:
    """The place in a form: what it offers, its panel, what is under way, and each of its errors."""
    image = made("★ 1", user=somebody).images.get()
    field = GeneratedImageChoiceField(label="…", model="magazine.article", field="cover", required=False)
    field.for_user(somebody)
    form = type("Form", (forms.Form,), {"cover": field})
    assert Page(str(form(initial={"cover": image})["cover"])).unmarked() == []
    for state in State:
        field._pending = lambda form, name, state=state: row(somebody, state)  # type: ignore[method-assign]
        assert Page(str(form()["cover"])).unmarked() == []
    assert [text for text in field.error_messages.values() if pseudo.unmarked(str(text))] == []


@pytest.mark.parametrize("form", [InPlaceForm, OrderForm])
def test_forms(form: type[InPlaceForm], somebody: User) -> None:
    """Labels, help texts and choices."""
    assert Page(form(user=somebody).as_p()).unmarked() == []


# -- What is never rendered here -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.html")), ids=lambda path: path.name)
def test_templates(path: Path) -> None:
    """No template has a word in any of its branches that is not in a tag for translation."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(
        r"{% blocktrans.*?{% endblocktrans\w* %}|{#.*?#}|{%.*?%}|{{.*?}}", "", source, flags=re.DOTALL
    )
    assert Page(source).unmarked() == []


#: Keywords that hold a text for people, wherever they are passed.
TEXTS = {"label", "help_text", "verbose_name", "verbose_name_plural", "description", "title"}
#: What is called with a text for people, and which argument it is.
CALLS = {"ValidationError": 0, "NotAllowed": 0, "SwitchedOff": 0, "NoStorage": 0, "Http404": 0, "HttpResponse": 0,
         "success": 1, "warning": 1, "error": 1, "info": 1, "Diagnosis": 1}  # fmt: skip


def bare_texts(tree: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        given = [keyword.value for keyword in call.keywords if keyword.arg in TEXTS]
        if name in CALLS and getattr(getattr(call.func, "value", None), "id", "messages") == "messages":
            given += call.args[CALLS[name] :]
        yield from ("".join(_text(node)) for node in given if re.search(r"[A-Za-z]{2}", "".join(_text(node))))


def test_python() -> None:
    """No label, message or refusal is a bare literal. Commands, checks and logs speak English, as Django's do."""
    paths = [
        path
        for path in PACKAGE.rglob("*.py")
        if path.parent.name not in {"commands", "migrations", "sandbox"}
    ]
    found = {path.name: list(bare_texts(ast.parse(path.read_text(encoding="utf-8")))) for path in paths}
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert list(
        bare_texts(ast.parse('messages.error(r, "No."); F(label="Bare"); logger.error("x", "y")'))
    ) == ["No.", "Bare"]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.js")), ids=lambda path: path.name)
def test_javascript(path: Path) -> None:
    """A script has no words of its own: what it shows comes from the page."""
    source = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    literals = re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`", source)
    texts = [re.sub(r"\$\{[^}]*\}", "", "".join(parts)) for parts in literals]
    assert texts
    # The protocol's words are English, in whatever language the page is.
    assert "statusText" not in source
    assert [text for text in texts if re.search(r"(^|[>\s])[A-Z][a-z]+ [a-z]|[a-z] [a-z]+[.!?:]", text)] == []
