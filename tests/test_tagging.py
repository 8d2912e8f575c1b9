"""Several pictures are tagged at once: what is written is added to what each has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seedream_django import collecting
from seedream_django.admin.pictures import GeneratedImageAdmin
from seedream_django.exceptions import NotAllowed
from seedream_django.models import GeneratedImage, Review, Tag, Tagging

from .editor import Form
from .test_actions import told
from .test_collecting import LIST, page_of
from .test_library import picture

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]


def send(client: Client, *images: Any, query: str = "", **values: str) -> Any:
    """Choose these in the list; with ``tagged``, press the button of the page between as well."""
    keys = [getattr(image, "pk", image) for image in images]
    confirmed = {"confirmed": "1"} if values else {}
    return client.post(
        f"{LIST}{query}", {"action": "tag_chosen", "_selected_action": keys, **confirmed, **values}
    )


def queries(run: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


# -- From Python ---------------------------------------------------------------------------------------------


def test_what_there_is_stays(editor: User) -> None:
    """Tags are added, however they are spelt; a second time nothing changes, and nothing is noted."""
    one, other = picture(1, editor), picture(2, editor)
    collecting.tag(one, ["snow", "sea"])
    for _ in range(2):
        assert collecting.add_tags([one, other, one], ["Snow", "fox"], user=editor) == 2
        assert collecting.names_of(one) == ["fox", "sea", "snow"]
        assert collecting.names_of(other) == ["fox", "snow"]
        assert LogEntry.objects.count() == 2
    assert {row.get_change_message() for row in LogEntry.objects.all()} == {"Changed tags."}
    assert collecting.add_tags([one, other], ["owl"]) == 2
    assert LogEntry.objects.count() == 2
    assert collecting.add_tags([], ["nobody"]) == 0
    assert collecting.add_tags([one], []) == 1
    assert not Tag.objects.filter(name="nobody").exists()
    collecting.tag(other, ["fox", "snow"])
    assert collecting.add_tags([one, other], ["owl"], user=editor) == 2
    assert LogEntry.objects.first().object_id == str(other.pk)  # type: ignore[union-attr]


def test_who_may_tag_several(editor: User, chief: User, person: Any) -> None:
    """Only what one sees, and only who may change the words of pictures."""
    mine, theirs = picture(1, editor), picture(2, chief)
    assert collecting.add_tags([mine, theirs], ["fox"], user=editor) == 1
    assert (collecting.names_of(mine), collecting.names_of(theirs)) == (["fox"], [])
    assert collecting.add_tags([mine, theirs], ["fox"], user=chief) == 2
    for user in (person("lea", "view_generatedimage", "see_others_prompts"), AnonymousUser()):
        with pytest.raises(NotAllowed):
            collecting.add_tags([mine], ["owl"], user=user)
    mine.generation.hidden = True
    mine.generation.save()
    assert collecting.add_tags([mine], ["owl"], user=editor) == 0
    GeneratedImage.objects.filter(pk=mine.pk).delete()
    assert collecting.add_tags([mine], ["owl"]) == 0


def test_all_of_them_or_none(editor: User) -> None:
    """Of those that have no room some are named and the others counted; the rest is as it was."""
    full = [picture(number, editor, title=f"Fox {number}") for number in range(7)]
    free = picture(8, editor, title="Owl")
    collecting.add_tags(full, map(str, range(20)))
    with pytest.raises(ValidationError) as raised:
        collecting.add_tags([*full, free], ["snow"], user=editor)
    (words,) = raised.value.messages
    assert words.startswith("A picture has 20 tags at most. These have no room for it: “Fox 0”, “Fox 1”,")
    assert words.endswith("“Fox 4”. And 2 more.")
    assert collecting.names_of(free) == []
    assert not Tag.objects.filter(name="snow").exists()
    assert collecting.add_tags(full, ["7", "12"]) == 7
    for wrong in (["a, b"], ["x" * 51], map(str, range(21))):
        with pytest.raises(ValidationError):
            collecting.add_tags([free], wrong)


def test_not_one_by_one(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many queries for forty as for two; so many at a time that nothing is left out."""
    images = [picture(number, editor) for number in range(47)]

    def cost(word: str, some: list[GeneratedImage]) -> int:
        return queries(lambda: collecting.add_tags(some, [word, "snow"], user=editor))

    cost("begin", images[:3])
    assert cost("few", images[3:5]) == cost("many", images[5:45])
    monkeypatch.setattr(collecting, "AT_ONCE", 3)
    assert collecting.add_tags(images, ["snow", "sea"]) == 47
    assert Tagging.objects.filter(tag__name__in=("snow", "sea")).count() == 94


def test_new_ones_in_one_order_for_all(editor: User) -> None:
    """Pictures are held by their numbers and before a tag is made, so that nobody waits crosswise."""
    one, other = picture(1, editor), picture(2, editor)
    asked = []
    for images, names in (([one, other], ["sea", "owl"]), ([other, one], ["owl", "sea"])):
        Tag.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            collecting.add_tags(images, names)
        asked.append([query["sql"] for query in captured if query["sql"].startswith("SELECT")])
    assert asked[0] == asked[1]
    assert '"seedream_django_generatedimage"' in asked[0][0]


# -- In the list ---------------------------------------------------------------------------------------------


def test_chosen_then_tagged(editor: User, browser: Browser) -> None:
    """First the page with all that were chosen and the field; then they have the tags; sent twice, the same."""
    one, other = picture(1, editor, title="Fox <b>"), picture(2, editor, title="Owl")
    collecting.tag(one, ["sea"])
    client, query = browser(editor), "?state=stored&layout=table&q=red"
    response = send(client, one, other, query=query)
    text = response.content.decode()
    assert "<h1>Tag the chosen pictures</h1>" in text
    assert "Fox &lt;b&gt;" in text
    assert "<b>" not in text
    assert 'href="?state=stored&amp;layout=table&amp;q=red"' in text
    assert '<option value="sea"></option>' in text
    assert text.count("autofocus") == 1
    assert text.count('aria-describedby="id_tagged_helptext"') == 1
    values = {**Form(text).values, "_selected_action": [one.pk, other.pk], "tagged": "snow; Red fox <i>"}
    for _ in range(2):
        response = client.post(f"{LIST}{query}", values)
        assert response.headers["Location"] == f"{LIST}{query}"
        assert told(response)[-1] == "2 pictures have these tags now."
    assert collecting.names_of(one) == ["Red fox <i>", "sea", "snow"]
    assert collecting.names_of(other) == ["Red fox <i>", "snow"]
    assert "Changed tags." in client.get(page_of(one, "history")).content.decode()
    assert told(send(client, one, tagged="snow"))[-1] == "1 picture has these tags now."


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "Write a word that can be seen."),
        (" ,\u200b;،", "Write a word that can be seen."),
        ("x" * 51, "is too long: a tag has 50 characters at most."),
        (",".join(map(str, range(21))), "A picture has 20 tags at most."),
        ("y" * 2000, "at most 1040 characters"),
        ('"><script>alert(1)</script>' * 2, "is too long"),
        ("snow", "A picture has 20 tags at most. These have no room for it: “&lt;i&gt;Full”."),
    ],
)
def test_what_does_not_fit_is_told(written: str, words: str, editor: User, browser: Browser) -> None:
    """In the field, which keeps what was typed, with all that was chosen; nothing is changed."""
    full, free = picture(1, editor, title="<i>Full"), picture(2, editor)
    collecting.tag(full, [f"t{number}" for number in range(20)])
    response = send(browser(editor), full, free, tagged=written)
    text = response.content.decode()
    assert response.status_code == 200
    assert words in text.replace("character (it", "characters (it")
    assert 'aria-invalid="true"' in text
    assert "<script>alert" not in text
    assert "<i>" not in text
    assert Form(text).values["tagged"] == written
    assert text.count('name="_selected_action"') == 2
    assert collecting.names_of(free) == []
    assert Tag.objects.count() == 20


def test_others_pictures_are_not_touched(editor: User, chief: User, person: Any, browser: Browser) -> None:
    """Ticked all the same they are left out; who may only look is not offered it; no other site's form does it."""
    mine, theirs = picture(1, editor, title="Fox"), picture(2, chief, title="Secret owl")
    client = browser(editor)
    assert '<option value="tag_chosen">' in client.get(LIST).content.decode()
    assert "Secret owl" not in send(client, mine, theirs).content.decode()
    assert told(send(client, mine, theirs, tagged="snow"))[-1] == "1 picture has these tags now."
    assert told(send(client, theirs, tagged="snow"))[-1].startswith("There is no such picture")
    assert told(send(client, theirs))[-1].startswith("There is no such picture")
    looks = browser(person("lea", "view_generatedimage", "see_others_prompts", "approve"))
    assert '<option value="tag_chosen">' not in looks.get(LIST).content.decode()
    send(looks, mine, tagged="sea")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(chief)
    assert send(strict, theirs, tagged="sea").status_code == 403
    assert (collecting.names_of(mine), collecting.names_of(theirs)) == (["snow"], [])


def test_a_site_with_rights_of_its_own(
    editor: User, person: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its admin lets somebody change what the app does not, the field says whom to ask."""
    user = person("otto", "view_generatedimage")
    monkeypatch.setattr(GeneratedImageAdmin, "has_change_permission", lambda *args: True)
    image = picture(1, user)
    response = send(browser(user), image, tagged="snow")
    assert "You may not tag this picture." in response.content.decode()
    assert collecting.names_of(image) == []


def test_a_picture_that_is_held_back(editor: User, browser: Browser) -> None:
    """It is tagged like any other, and its page between is as blurred as the list."""
    image = picture(1, editor, flagged=True, review=Review.REJECTED, reason="Too dark")
    text = send(browser(editor), image).content.decode()
    assert "Too dark" in text
    assert told(send(browser(editor), image, tagged="snow"))[-1] == "1 picture has these tags now."


def test_pages_cost_the_same_with_many(editor: User, browser: Browser) -> None:
    """As many queries for forty pictures as for two, before the button and after it."""
    images, client = [picture(number, editor) for number in range(45)], browser(editor)
    send(client, images[0], tagged="warm")
    assert queries(lambda: send(client, *images[1:3])) == queries(lambda: send(client, *images[5:]))
    few = queries(lambda: send(client, *images[1:3], tagged="few"))
    assert queries(lambda: send(client, *images[5:], tagged="many")) == few
