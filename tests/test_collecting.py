"""Favourites are one's own, tags are everybody's; neither is a place where a picture stands."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seedream_django import collecting, library
from seedream_django.exceptions import NotAllowed
from seedream_django.models import (
    Favourite,
    GeneratedImage,
    Generation,
    Tag,
    Tagging,
    place_fields,
    places_of,
)

from .editor import Form
from .steps import made
from .test_library import picture

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
LIST = reverse("admin:seedream_django_generatedimage_changelist")


def page_of(image: GeneratedImage, name: str = "change") -> str:
    return reverse(f"admin:seedream_django_generatedimage_{name}", args=[image.pk])


# -- Tags ----------------------------------------------------------------------------------------------------


def test_a_tag_is_one_however_it_is_spelt(editor: User) -> None:
    """Case, spaces, composed letters and full-width ones make no other tag; an accent does."""
    one, other = picture(1, editor), picture(2, editor)
    assert collecting.tag(one, ["Winter  Sale", "Café"])
    assert collecting.tag(other, ["winter sale", "ＣＡＦÉ", "cafe"])
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Café", "Winter Sale", "cafe"]
    assert set(GeneratedImage.objects.tagged("WINTER SALE")) == {one, other}
    assert set(GeneratedImage.objects.tagged("Cafe\u0301")) == {one, other}
    assert set(GeneratedImage.objects.tagged("cafe")) == {other}
    assert not GeneratedImage.objects.tagged("summer").exists()


def test_these_and_no_others(editor: User) -> None:
    """What is left out goes, what is there stays as it is; a second time nothing changes."""
    image = picture(1, editor)
    assert collecting.tag(image, ["fox", "snow"], user=editor)
    kept = Tagging.objects.get(tag__name="snow").pk
    assert not collecting.tag(image, ["Snow", "FOX", "fox"])
    assert collecting.tag(image, ["snow", "winter"])
    assert collecting.names_of(image) == ["snow", "winter"]
    assert Tagging.objects.get(tag__name="snow").pk == kept
    assert collecting.tag(image, [])
    assert collecting.names_of(image) == []


def test_what_is_written_in_one_line() -> None:
    """The commas of several scripts separate; what no database takes is left out; what is too much is refused."""
    assert collecting.read(" fox, Snow،ثلج、雪;\nFOX, ,\x00a\x00 ") == ["FOX", "Snow", "ثلج", "雪", "a"]
    assert collecting.read("") == []
    assert collecting.read(collecting.written(["red fox", "snow"])) == ["red fox", "snow"]
    for wrong in (",".join(map(str, range(21))), "x" * 51):
        with pytest.raises(ValidationError):
            collecting.read(wrong)
    with pytest.raises(ValidationError):
        collecting.tag(picture(1), ["fox, snow"])


def test_what_nobody_sees_makes_no_other_tag(editor: User) -> None:
    """Neither a character without width nor one that turns the line around; what scripts join words with is kept."""
    image = picture(1, editor)
    assert collecting.read("fox\u200b,f\u00adox,\u202efox,\u200b,\u200d,\ufeff") == ["fox"]
    collecting.tag(image, ["می\u200cروم", "می\u200bروم"])
    assert GeneratedImage.objects.tagged("میروم").get() == image
    (name,) = collecting.names_of(image)
    assert name == "میروم"
    collecting.tag(image, ["می\u200cرود"])
    assert collecting.names_of(image) == ["می\u200cرود"]


def test_new_tags_come_in_one_order_for_all(editor: User) -> None:
    """Two who give the same new tags the other way round wait for one another once, and never crosswise."""
    made_in = []
    for number, names in enumerate((["sea", "owl", "fox"], ["fox", "owl", "sea"])):
        with CaptureQueriesContext(connection) as captured:
            collecting.tag(picture(number, editor), names)
        asked = [query["sql"] for query in captured if 'FROM "seedream_django_tag"' in query["sql"]]
        made_in.append([sql.partition('"key" = ')[2][:20] for sql in asked])
    assert len(made_in[0]) == 3
    assert made_in[0] == made_in[1]


def test_who_may_tag(editor: User, chief: User, person: Any) -> None:
    """Who may change its words; not who only looks, nor who does not see it."""
    image = picture(1, editor)
    looks = person("lea", "view_generatedimage", "see_others_prompts")
    other = person("otto", "change_generatedimage")
    for user in (looks, other, AnonymousUser()):
        with pytest.raises(NotAllowed):
            collecting.tag(image, ["fox"], user=user)
    assert collecting.tag(image, ["fox"], user=chief)


def test_those_that_are_offered(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The most given among the last, by name, in one query, however many there are."""
    monkeypatch.setattr(collecting, "OFFERED", 3)
    monkeypatch.setattr(collecting, "LATELY", 7)
    collecting.tag(picture(1, editor), ["long ago"])
    for number, names in enumerate((["b", "z"], ["b", "a"], ["b", "a", "c"])):
        collecting.tag(picture(number, editor), names)
    with CaptureQueriesContext(connection) as captured:
        names = [name for _key, name in collecting.offered()]
    assert names == sorted(names)
    assert {"a", "b"} < set(names) <= {"a", "b", "c", "z"}
    assert len(captured) == 1


# -- Favourites ----------------------------------------------------------------------------------------------


def test_favourites_are_ones_own(editor: User, chief: User, person: Any) -> None:
    """Each has their own; only of what they see; nobody has none."""
    image, other = picture(1, editor), picture(2, editor)
    assert collecting.favour(image, editor)
    assert not collecting.favour(image, editor)
    assert collecting.favour(other, chief)
    assert list(GeneratedImage.objects.favourites_of(editor)) == [image]
    assert list(GeneratedImage.objects.favourites_of(chief)) == [other]
    assert not GeneratedImage.objects.favourites_of(AnonymousUser()).exists()
    for user in (person("otto", "view_generatedimage"), AnonymousUser()):
        with pytest.raises(NotAllowed):
            collecting.favour(image, user)
    assert collecting.favour(image, editor, wanted=False)
    assert not collecting.favour(image, editor, wanted=False)
    assert not collecting.is_favourite(image, editor)


def test_who_goes_takes_their_favourites_along(editor: User, chief: User) -> None:
    """A person who is deleted leaves no favourite, and their pictures stay."""
    image = picture(1, chief)
    collecting.favour(image, chief)
    chief.delete()
    assert not Favourite.objects.exists()
    assert GeneratedImage.objects.filter(pk=image.pk).exists()


# -- No places -----------------------------------------------------------------------------------------------


def test_neither_is_a_place(editor: User) -> None:
    """A picture that somebody likes and tagged stands nowhere: it is unused, and may be deleted."""
    image = made("a fox", user=editor).images.get()
    collecting.favour(image, editor)
    collecting.tag(image, ["fox"])
    assert list(GeneratedImage.objects.unused()) == [image]
    assert not places_of([image])
    assert not {field.model for field in place_fields(GeneratedImage, "default")} & {Favourite, Tag, Tagging}
    image.delete()
    assert not Favourite.objects.exists()
    assert not Tagging.objects.exists()
    Generation.objects.all().delete()


def test_the_page_that_asks_before_it_deletes_names_nobody(
    editor: User, chief: User, browser: Browser
) -> None:
    """What goes with a picture is told without who liked it."""
    image = picture(1, editor, title="Fox")
    collecting.favour(image, chief)
    collecting.tag(image, ["winter"])
    page = browser(editor).get(page_of(image, "delete")).content.decode()
    assert "carl" not in page
    assert "winter" in page
    assert browser(editor).post(page_of(image, "delete"), {"post": "yes"}).status_code == 302
    assert not GeneratedImage.objects.exists()


# -- The list ------------------------------------------------------------------------------------------------


def test_the_library_finds_them(editor: User, chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an index where they are few, and among the newest where they are many."""
    images = [picture(number, editor) for number in range(6)]
    for image in images[1:3]:
        collecting.favour(image, editor)
        collecting.tag(image, ["fox"])
    collecting.favour(images[0], chief)
    wanted = [collecting.favourites_of(editor), collecting.tagged(Tag.objects.get())]
    for rare in (library.RARE, 0):
        monkeypatch.setattr(library, "RARE", rare)
        for each in wanted:
            assert library.page(GeneratedImage.objects.all(), [each]).images == images[1:3]


def test_the_list_filters(editor: User, chief: User, browser: Browser) -> None:
    """By one's own favourites and by a tag, also by one that is not offered; by nonsense not at all."""
    fox, owl = picture(1, editor, title="Fox"), picture(2, editor, title="Owl")
    collecting.favour(fox, chief)
    collecting.favour(owl, editor)
    collecting.tag(fox, ["forest"])
    tag = Tag.objects.get()
    client = browser(chief)

    def shown(query: str) -> set[str]:
        page = client.get(f"{LIST}?{query}")
        return {image.title for image in page.context["cl"].result_list}

    assert shown("favourite=mine") == {"Fox"}
    assert shown(f"tag={tag.pk}") == {"Fox"}
    assert shown(f"tag={tag.pk}&favourite=mine") == {"Fox"}
    for nonsense in ("tag=x", "tag=99999", "tag=9999999999999999999999", "favourite=yours"):
        assert shown(nonsense) == {"Fox", "Owl"}, nonsense
    Tagging.objects.all().delete()
    assert shown(f"tag={tag.pk}") == set()


# -- The tags' own pages -------------------------------------------------------------------------------------

TAGS = reverse("admin:seedream_django_tag_changelist")


def tag_page(tag: Tag, name: str = "change") -> str:
    return reverse(f"admin:seedream_django_tag_{name}", args=[tag.pk])


def test_a_tag_is_called_something_else(editor: User) -> None:
    """Its pictures keep it; the name of another is taken only with that one, and a picture that had both has one."""
    one, both, other = (picture(number, editor) for number in range(3))
    collecting.tag(one, ["fxo"])
    collecting.tag(both, ["fxo", "fox"])
    collecting.tag(other, ["fox"])
    wrong, right = Tag.objects.get(name="fxo"), Tag.objects.get(name="fox")
    assert collecting.rename(wrong, "FXO") == wrong
    assert collecting.names_of(one) == ["FXO"]
    for name in ("", "\u200b", "a, b", "x" * 51):
        with pytest.raises(ValidationError):
            collecting.rename(wrong, name)
    assert collecting.rename(wrong, "Fox") == right
    assert Tag.objects.get() == right
    assert Tagging.objects.count() == 3
    assert {image for image in (one, both, other) if collecting.names_of(image) == ["fox"]} == {
        one,
        both,
        other,
    }


def test_as_many_queries_for_many_pictures(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures get another tag some at a time, however many they are."""
    for number in range(7):
        collecting.tag(picture(number, editor), ["fxo", "fox"] if number % 2 else ["fxo"])
    monkeypatch.setattr(collecting, "AT_ONCE", 3)
    fox = collecting.rename(Tag.objects.get(name="fxo"), "fox")
    assert Tagging.objects.filter(tag=fox).count() == Tagging.objects.count() == 7


def test_tags_are_mended_in_the_admin(editor: User, chief: User, browser: Browser) -> None:
    """A list with numbers that lead to the pictures; renamed, merged only when it is said, deleted with its number."""
    client = browser(chief)
    assert "There are no tags yet." in client.get(TAGS).content.decode()
    for number, names in enumerate((["fxo"], ["fxo", "fox"])):
        collecting.tag(picture(number, editor), names)
    wrong, right = Tag.objects.get(name="fxo"), Tag.objects.get(name="fox")
    text = client.get(TAGS).content.decode()
    assert f'<a href="{LIST}?tag={wrong.pk}">2</a>' in text
    page = client.post(tag_page(wrong), {"name": "FOX"})
    assert "There is a tag “fox” already. Tick “Merge” to make one of both." in page.content.decode()
    assert Tagging.objects.count() == 3
    response = client.post(tag_page(wrong), {"name": "fox", "merge": "on"}, follow=True)
    assert response.redirect_chain == [(TAGS, 302)]
    assert f'href="{tag_page(right)}"' in response.content.decode()
    assert (Tag.objects.get(), Tagging.objects.count()) == (right, 2)
    assert "Changed" in client.get(tag_page(right, "history")).content.decode()
    page = client.get(tag_page(right, "delete"))
    assert page.context["model_count"] == {"tags": 1, "tags of pictures": 2}.items()
    assert client.post(tag_page(right, "delete"), {"post": "yes"}).status_code == 302
    assert (Tag.objects.count(), GeneratedImage.objects.count()) == (0, 2)
    assert browser(editor).get(TAGS).status_code == 403


def test_a_list_of_tags_costs_the_same_with_many(chief: User, browser: Browser) -> None:
    """As many queries for forty tags as for one."""
    client, counts = browser(chief), []
    for number in range(2):
        collecting.tag(picture(number), map(str, range(number * 20, number * 20 + 20)))
        client.get(TAGS)
        with CaptureQueriesContext(connection) as captured:
            client.get(TAGS)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# -- The picture's page --------------------------------------------------------------------------------------


def test_a_heart_is_pressed(editor: User, browser: Browser) -> None:
    """It says how it is; as often as the same is sent, it stays so."""
    image, client = picture(1, editor), browser(editor)
    for wanted, pressed in (("1", "true"), ("1", "true"), ("0", "false"), ("0", "false")):
        response = client.post(page_of(image, "favourite"), {"favourite": wanted})
        assert response.headers["Location"] == page_of(image)
        page = client.get(page_of(image)).content.decode()
        assert f'aria-pressed="{pressed}"' in page


def test_a_heart_in_the_list(editor: User, chief: User, person: Any, browser: Browser) -> None:
    """Each says how it is for whoever looks, and leads back to the same page of the list, and to no other site."""
    fox, owl = picture(1, editor, title="Fox <b>"), picture(2, editor, title="Owl")
    collecting.favour(owl, chief)
    client = browser(editor)
    query = "?used=no&layout=table&q=a+red"
    text = client.get(f"{LIST}{query}").content.decode()
    assert text.count('aria-pressed="false"') == 2
    assert 'aria-label="Favourite: Fox &lt;b&gt;"' in text
    address = unescape(text.partition(f'id="heart-{fox.pk}" formaction="')[2].partition('"')[0])
    response = client.post(address, {"favourite": "1", "action": "", "_selected_action": [owl.pk]})
    assert response.headers["Location"] == f"{LIST}{query}#heart-{fox.pk}"
    assert list(GeneratedImage.objects.favourites_of(editor)) == [fox]
    text = client.get(f"{LIST}{query}").content.decode()
    assert f'id="heart-{fox.pk}"' in text.partition('aria-pressed="true"')[0]
    assert text.count('aria-pressed="true"') == 1
    for evil in ("https://evil.example/", "//evil.example", "#x\r\nX-Evil: 1", "@evil.example"):
        response = client.post(page_of(fox, "favourite") + "?" + urlencode({"_changelist_filters": evil}))
        assert response.headers["Location"].startswith(f"{LIST}?")
        assert "X-Evil" not in response.headers
    looks = browser(person("lea", "view_generatedimage", "see_others_prompts"))
    assert "aria-pressed" in looks.get(LIST).content.decode()


def test_a_heart_needs_a_picture_that_one_sees(editor: User, person: Any, browser: Browser) -> None:
    """Somebody else's is not there; by an address alone nothing is done; a form of another site does nothing."""
    image = picture(1, editor)
    other = browser(person("otto", "view_generatedimage"))
    assert other.post(page_of(image, "favourite"), {"favourite": "1"}).status_code == 404
    assert other.get(page_of(image, "favourite")).status_code == 404
    assert browser(editor).get(page_of(image, "favourite")).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(page_of(image, "favourite"), {"favourite": "1"}).status_code == 403
    assert not Favourite.objects.exists()


def test_a_heart_by_itself(editor: User, browser: Browser) -> None:
    """A script presses it where it stands, and gets the heart as it is then: nothing else of the page is renewed."""
    image, client = picture(1, editor), browser(editor)
    page = page_of(image, "favourite")
    assert f'src="{page}"' in client.get(page_of(image, "change")).content.decode()
    for wanted, pressed in (("1", "true"), ("1", "true"), ("0", "false")):
        client.post(f"{page}?favourite={wanted}")
        heart = client.get(page).content.decode()
        assert f'aria-pressed="{pressed}"' in heart
        assert f'data-post="{page}?favourite={0 if pressed == "true" else 1}"' in heart
        assert "<h1" not in heart


def test_a_heart_of_the_list_by_itself(editor: User, browser: Browser) -> None:
    """The script's heart is the list's again, with its name and the way back for whoever has none; it asks by itself
    for nothing."""
    fox, client = picture(1, editor, title="Fox & <b>"), browser(editor)
    text = client.get(f"{LIST}?layout=table").content.decode()
    part = text.partition('<seedream-status src="')[2].partition("</seedream-status>")[0]
    address = unescape(part.partition('"')[0])
    client.post(f"{address}&favourite=1")
    heart = client.get(address).content.decode()
    pressed = heart.replace('favourite=0"', 'favourite=1"').replace('value="0"', 'value="1"')
    pressed = pressed.replace('pressed="true"', 'pressed="false"').replace("is among", "is not among")
    assert pressed.strip() in part
    assert 'aria-label="Favourite: Fox &amp; &lt;b&gt;"' in heart
    assert f'id="heart-{fox.pk}"' in heart
    assert "data-next" not in heart


def test_tags_are_written(editor: User, browser: Browser) -> None:
    """The form begins with those that there are, offers those that were given before, and saves."""
    image, client = picture(1, editor, alt="A fox", title="Fox"), browser(editor)
    collecting.tag(picture(2, editor), ["snow", "sea"])
    collecting.tag(image, ["snow"])
    page = client.get(page_of(image)).content.decode()
    form = Form(page)
    assert form.values["tagged"] == "snow"
    assert '<option value="snow, sea"></option>' in page
    written = {**form.values, "alt": "A fox", "tagged": "snow, Red fox <b>"}
    response = client.post(page_of(image), written)
    assert response.status_code == 302
    assert collecting.names_of(image) == ["Red fox <b>", "snow"]
    page = client.get(page_of(image)).content.decode()
    assert "<b>" not in page.replace("&lt;b&gt;", "")
    history = client.get(page_of(image, "history")).content.decode()
    assert "Changed Tags." in history


def test_what_others_gave_meanwhile_stays(editor: User, browser: Browser) -> None:
    """A page that was open for long changes what somebody changed on it, and takes nobody's tags away."""
    image, client = picture(1, editor, alt="A fox", title="Fox"), browser(editor)
    collecting.tag(image, ["snow", "sea"])
    old = Form(client.get(page_of(image)).content.decode()).values
    collecting.tag(image, ["snow", "sea", "front page"])
    assert client.post(page_of(image), {**old, "alt": "A red fox"}).status_code == 302
    assert collecting.names_of(image) == ["front page", "sea", "snow"]
    assert client.post(page_of(image), {**old, "tagged": "Snow, fox"}).status_code == 302
    assert collecting.names_of(image) == ["fox", "front page", "snow"]
    many = ", ".join(f"t{number}" for number in range(18))
    page = client.post(page_of(image), {**old, "tagged": f"snow, sea, {many}"}).content.decode()
    assert "A picture has 20 tags at most." in page


def test_a_tag_that_does_not_fit_is_told(editor: User, browser: Browser) -> None:
    """The form comes back with what was written and says what is wrong; nothing is saved."""
    image, client = picture(1, editor, alt="A fox", title="Fox"), browser(editor)
    values = Form(client.get(page_of(image)).content.decode()).values
    page = client.post(page_of(image), {**values, "title": "Owl", "tagged": "x" * 51}).content.decode()
    assert "is too long" in page
    image.refresh_from_db()
    assert (image.title, collecting.names_of(image)) == ("Fox", [])


def test_who_may_only_look_reads_them(editor: User, person: Any, browser: Browser) -> None:
    """Without the right to change there is no field, and each tag leads to its pictures."""
    image = picture(1, editor)
    collecting.tag(image, ["snow"])
    looks = browser(person("lea", "view_generatedimage", "see_others_prompts"))
    page = looks.get(page_of(image)).content.decode()
    assert 'name="tagged"' not in page
    assert f'<a href="{LIST}?tag={Tag.objects.get().pk}">snow</a>' in page


def test_a_page_costs_the_same_with_many(editor: User, browser: Browser) -> None:
    """As many queries with twenty tags, and a hundred that are offered, as with one."""
    few, many, client = picture(1, editor), picture(2, editor), browser(editor)
    collecting.tag(few, ["one"])

    def queries(image: GeneratedImage) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(image)).status_code == 200
        return len(captured)

    queries(few)
    before = queries(few)
    collecting.tag(many, map(str, range(20)))
    for number in range(5):
        collecting.tag(picture(3 + number, editor), (f"{number}-{each}" for each in range(20)))
    assert queries(many) == queries(few) == before
