"""Ordinary controls in custom elements: what they hold, what they show, and what they send."""

from __future__ import annotations

import gzip
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.staticfiles import finders
from django.core.signing import Signer

from example_project.magazine.models import Article, Topic
from seedream_django import parameters
from seedream_django.forms import GeneratedImageChoiceField
from seedream_django.models import GeneratedImage, Slot
from seedream_django.offers import OFFERED
from seedream_django.order_forms import OrderForm
from seedream_django.panels import InPlaceForm
from seedream_django.places import SALT_OF_WAS as SALT
from seedream_django.widgets import GeneratedImageInput

from .steps import carry, made, turn

pytestmark = pytest.mark.django_db


def shown(user: User | None, value: Any = None, data: Any = None, article: Article | None = None) -> str:
    """The place's controls in an article's form of this person's."""
    form_class = forms.modelform_factory(Article, fields=("cover",))
    form_class.base_fields["cover"].for_user(user)  # type: ignore[attr-defined]
    return str(form_class(data, initial={"cover": value}, instance=article)["cover"])


def saved() -> Article:
    topic = Topic.objects.create(name="Nature", slug="nature")
    return Article.objects.create(title="Foxes", slug="foxes", topic=topic)


def checked_in(html: str) -> str:
    """The value of the picture that is chosen."""
    (value,) = re.findall(r'<input type="radio" name="cover" value="(\d*)"[^>]* checked>', html)
    return str(value)


def signed(pk: object, place: str) -> str:
    """What a form says of the picture that it showed in this place: ``model:field:primary key``."""
    return Signer(salt=f"{SALT}:{place}").sign(str(pk))


# -- The prompt ----------------------------------------------------------------------------------------------


def test_prompt_counts_and_never_cuts(editor: User) -> None:
    """The text area knows its limit and lets a longer text be pasted: nothing is cut in silence."""
    html = str(InPlaceForm(user=editor)["prompt"])
    assert 'data-limit="2000"' in html
    assert "maxlength" not in html
    assert "<seedream-prompt" in html


@pytest.mark.parametrize(
    "typed", ["</textarea><script>alert(1)</script>", "\n\nfirst lines", "a\r\nb", "x" * 2001]
)
def test_prompt_stays_as_it_was_typed(typed: str, editor: User) -> None:
    """What was typed comes back in the text area, every line of it, escaped."""
    html = str(InPlaceForm({"prompt": typed}, user=editor)["prompt"])
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert found
    assert unescape(found[1]) == typed
    assert "<script>" not in html


# -- Shapes --------------------------------------------------------------------------------------------------


def test_shapes_are_drawn(editor: User) -> None:
    """Each shape is a small drawing in its own ratio, inside its frame, with its name and a radio button."""
    html = str(InPlaceForm(user=editor)["shape"])
    drawn = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', html)
    assert len(drawn) == len(parameters.DIMENSIONS) == html.count('type="radio"')
    for (x, y, width, height), shape in zip(drawn, parameters.DIMENSIONS, strict=True):
        wide, _, high = shape.partition(":")
        assert abs(int(width) / int(height) - int(wide) / int(high)) < 0.15
        assert int(x) + int(width) <= 32
        assert int(y) + int(height) <= 32
        assert f"<span>{shape}</span>" in html


# -- A place for a picture -----------------------------------------------------------------------------------


def test_values_of_a_form() -> None:
    """What is sent is read part by part; a present picture that is not signed is none."""
    data = {
        "p-cover": "5",
        "p-cover-was": Signer(salt=SALT).sign("4"),
        "p-cover-prompt": "a fox",
        "p-cover-order": "1",
    }
    chosen = GeneratedImageInput().value_from_datadict(data, {}, "p-cover")
    assert (chosen.image, chosen.was, chosen.prompt, chosen.order) == ("5", "4", "a fox", True)
    assert (chosen.slot, chosen.began, chosen.focal) == ("", "", None)
    for forged in ("4", "4:x", Signer(salt=SALT).sign("4") + "x", signed(4, "magazine.article:cover:1")):
        assert GeneratedImageInput().value_from_datadict({"c-was": forged}, {}, "c").was == ""


def test_omitted() -> None:
    """A form that was sent without the place leaves it alone; with an empty choice it does not."""
    widget = GeneratedImageInput()
    assert widget.value_omitted_from_data({"title": "x"}, {}, "cover")
    assert not widget.value_omitted_from_data({"cover": ""}, {}, "cover")
    assert not widget.value_omitted_from_data({"cover-was": ""}, {}, "cover")


def test_offers(editor: User) -> None:
    """The newest pictures are offered, the present one first and chosen, each once."""
    images = list(made("a fox", user=editor, results=15).images.all())
    html = shown(editor)
    assert html.count('class="seedream-offer"><input type="radio" name="cover"') == OFFERED
    old = min(images, key=lambda image: (image.created_at, -image.position))
    html = shown(editor, old.pk)
    assert html.count(f'name="cover" value="{old.pk}"') == 1
    assert checked_in(html) == str(old.pk)
    assert f'value="{signed(old.pk, "magazine.article:cover:")}"' in html.replace("&amp;", "&")


def test_flagged_is_not_offered(editor: User) -> None:
    """A flagged picture is no choice; where it is already, it is kept, blurred, and said to be flagged."""
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.update(flagged=True)
    assert f'name="cover" value="{image.pk}"' not in shown(editor)
    html = shown(editor, image.pk, article=saved())
    assert checked_in(html) == str(image.pk)
    assert 'class="seedream-offer seedream-flagged"' in html
    assert "Flagged by the provider's safety check" in unescape(html)


def test_numbers_for_machines_have_no_separators(editor: User, settings: Any) -> None:
    """A project that writes 1,234 for people still sends 1234."""
    settings.USE_THOUSAND_SEPARATOR = True
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.update(id=1234567)
    assert 'value="1234567"' in shown(editor, 1234567)
    assert image.width > 999


def test_nothing_is_offered_to_nobody() -> None:
    """Without a person there is nothing to choose, and no order."""
    made("a fox")
    html = shown(None)
    assert 'class="seedream-offer"' not in html
    assert "cover-prompt" not in html


def test_a_picture_that_may_not_be_chosen_is_not_shown(editor: User) -> None:
    """A number typed into the form does not show somebody else's picture in the error page."""
    theirs = made("theirs").images.get()
    html = shown(editor, data={"cover": str(theirs.pk)})
    assert theirs.preview.url not in html
    assert theirs.preview.url in shown(editor, theirs, article=saved())


def test_titles_are_escaped(editor: User) -> None:
    """What an editor named a picture stays text."""
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.update(title='"><script>alert(1)</script>')
    assert "<script>" not in shown(editor, image.pk)


def test_pending(editor: User) -> None:
    """Who comes back while a picture is being made sees that, and no second order is needed."""
    article = saved()
    form_class = forms.modelform_factory(Article, fields=("cover",))
    form_class.base_fields["cover"].for_user(editor)  # type: ignore[attr-defined]
    place = InPlaceForm({"prompt": "a fox", "shape": "1:1", "results": "1"}, user=editor)
    assert place.is_valid()
    content_type = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=content_type, object_id=str(article.pk), field="cover", user=editor)
    generation = place.place(door="field", slot=slot)
    html = str(form_class(instance=article)["cover"])
    assert f"/seedream/live/?order={generation.pk.hex}&amp;in=field" in html
    assert "A picture is being made for this field." in html
    turn()
    carry(generation)
    form_class.base_fields["cover"].for_user(editor)  # type: ignore[attr-defined]
    assert "being made" not in str(form_class(instance=article)["cover"])


def test_costs_are_for_those_who_may_see_them(editor: User, chief: User) -> None:
    """The price stands beside the order only for those with the right."""
    assert "$" not in shown(editor)
    assert "$0.035" in shown(chief)


def test_the_tick_says_a_price_that_stays_true(chief: User) -> None:
    """Without a script no number follows the one that is typed beside it: what is said is for each picture."""
    html = shown(chief, data={"cover-was": "", "cover-prompt": "a fox", "cover-results": "3"})
    (tick,) = re.findall(r'<p class="seedream-later" data-part="later">(.*?)</p>', html)
    assert re.sub(r"<[^>]*>", "", tick).strip() == "Order this picture when I save · $0.035 for each picture"


def test_who_forgot_is_told_of_what_is_there_without_a_script() -> None:
    """The button “Generate” is there with a script alone; the tick and the prompt always are."""
    told = str(GeneratedImageChoiceField.default_error_messages["not_ticked"])
    assert "“Order this picture when I save”" in told
    assert "“Generate”" not in told


def test_required_has_no_empty_choice(editor: User) -> None:
    """Where a picture must be, "No picture" is not offered."""
    field = GeneratedImageChoiceField(model="magazine.article", field="cover")
    field.for_user(editor)
    form = type("Form", (forms.Form,), {"cover": field})()
    assert "No picture" not in str(form["cover"])
    assert "No picture" in shown(editor)


# -- Files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", [OrderForm().media, GeneratedImageInput().media], ids=["order", "place"])
def test_media(media: forms.Media) -> None:
    """Every file that a page asks for exists; scripts are modules, and none comes twice."""
    html = str(media)
    names = re.findall(r'(?:src|href)="/static/(seedream_django/[^"]+)"', html)
    assert names
    assert len(names) == len(set(names))
    for name in names:
        path = finders.find(name)
        assert path, name
        assert Path(str(path)).stat().st_size
    assert html.count("<script") == html.count('type="module"')


def test_scripts_are_small() -> None:
    """All scripts together, as a server sends them: nothing that an editor on a slow line waits for."""
    folder = Path(str(finders.find("seedream_django/image.js"))).parent
    scripts = {path.name: path.read_bytes() for path in folder.glob("*.js")}
    assert len(scripts) >= 8
    assert sum(len(gzip.compress(script)) for script in scripts.values()) < 13_000
    sizes = {name: len(script) for name, script in scripts.items()}
    assert sum(sizes.values()) < 30 * 1024, sizes
