"""The library: what is looked for is found, page after page, and no page reads further than it says."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from example_project.magazine.models import Article, Topic
from seedream_django import collecting, library, origins, paging
from seedream_django.admin import filters
from seedream_django.admin.filters import WhenFilter
from seedream_django.admin.pictures import GeneratedImageAdmin
from seedream_django.models import GeneratedImage, Generation, ImageState, Review, State, Tag, midnight, today

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

LIST = reverse("admin:seedream_django_generatedimage_changelist")
NOW = timezone.now()


def picture(
    number: int = 0, user: User | None = None, prompt: str = "a red fox", **values: Any
) -> GeneratedImage:
    """A finished one, the older the higher its number, of an order of its own."""
    at = NOW - datetime.timedelta(minutes=number)
    order = Generation.objects.create(
        prompt=prompt, user=user, parameters={"width": 2048, "height": 2048}, state=State.DONE, created_at=at
    )
    like = {"state": ImageState.STORED, "created_at": at, "width": 2048, "height": 2048}
    return GeneratedImage.objects.create(generation=order, image_uuid=uuid.uuid4(), **{**like, **values})


def pages(wanted: list[library.Wanted], size: int = 3, **began: str) -> Iterator[library.Page]:
    """From the newest to the last, or on from ``newer``."""
    onward = "newer" if "newer" in began else "older"
    for _page in range(60):
        page = library.page(GeneratedImage.objects.all(), wanted, size=size, **began)
        yield page
        if not (place := getattr(page, onward)):
            return
        began = {onward: place}
    raise AssertionError("There was no last page.")


def numbers(found: Any) -> list[int]:
    return [image.pk for image in found]


# -- Pages ---------------------------------------------------------------------------------------------------

ODD = library.Wanted(Q(title="odd"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[GeneratedImage]:
    """Forty pictures, of which some are of one moment, and a look that ends after seven."""
    monkeypatch.setattr(library, "LOOKED_THROUGH", 7)
    moments = [0, 0, 0, 0, 0, 1, 1, 2, 3, 3] * 4
    for number, moment in enumerate(moments):
        picture(moment + number // 10 * 4, position=number % 3, title="odd" if number % 6 == 1 else "even")
    return list(GeneratedImage.objects.order_by(*paging.ORDER))


def indexed(**fits: Any) -> library.Wanted:
    """What an index finds, with others that do not fit."""
    return library.Wanted(Q(**fits), GeneratedImage.objects.order_by().values_list("pk", flat=True))


@pytest.mark.parametrize(
    "wanted",
    [[], [ODD], [library.Wanted(Q(title="none"))], [indexed(title="odd")], [ODD, indexed(title="odd")]],
)
@pytest.mark.parametrize("rare", [0, 40])
def test_all_that_fit_are_reached(
    wanted: list[library.Wanted], rare: int, few: list[GeneratedImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page after page to the last one and back: each picture that fits once, in order, and no other.

    So it is whether an index finds few of them or many.
    """
    monkeypatch.setattr(library, "RARE", rare)
    title = "none" if "none" in str(wanted) else "odd"
    fitting = [image.pk for image in few if not wanted or image.title == title]
    there = list(pages(wanted))
    assert [pk for page in there for pk in numbers(page.images)] == fitting
    assert there[0].newer == there[-1].older == ""
    assert all(len(page.images) <= 3 for page in there)
    back = list(pages(wanted, newer=there[-1].newer))
    assert [pk for page in reversed(back) for pk in numbers(page.images)] + numbers(
        there[-1].images
    ) == fitting
    assert back[-1].newer == ""


def test_a_page_without_any_leads_both_ways(few: list[GeneratedImage]) -> None:
    """Where none of those fit that were looked through, the page before and the one after lose nothing."""
    wanted = [library.Wanted(Q(pk__in=[few[2].pk, few[-1].pk]))]
    found = list(pages(wanted))
    empty = next(page for page in found if not page.images)
    assert empty.looked_through
    assert numbers(next(pages(wanted, newer=empty.newer)).images) == [few[2].pk]
    both = library.page(GeneratedImage.objects.all(), wanted, newer=empty.newer, size=3)
    further = [pk for page in pages(wanted, older=both.older) for pk in numbers(page.images)]
    assert further == [few[-1].pk]


def test_no_more_is_read_than_it_says(few: list[GeneratedImage]) -> None:
    """Two queries where it looks through them: what fits, and where the look ended. One for a page that is full."""
    with CaptureQueriesContext(connection) as captured:
        page = library.page(GeneratedImage.objects.all(), [library.Wanted(Q(title="none"))], size=3)
    assert page.images == []
    assert page.looked_through
    assert len(captured) == 2
    with CaptureQueriesContext(connection) as captured:
        library.page(GeneratedImage.objects.all(), size=3)
    assert len(captured) == 1


def test_what_is_rare_is_found_at_once(few: list[GeneratedImage], monkeypatch: pytest.MonkeyPatch) -> None:
    """However old, where an index has it; what is common is looked for among the newest all the same."""
    last = few[-1]
    GeneratedImage.objects.filter(pk=last.pk).update(state=ImageState.FAILED)
    wanted = library.in_state(ImageState.FAILED)
    page = library.page(GeneratedImage.objects.all(), [wanted], size=3)
    assert (numbers(page.images), page.looked_through, page.older) == ([last.pk], False, "")
    monkeypatch.setattr(library, "RARE", 0)
    assert numbers(library.page(GeneratedImage.objects.all(), [wanted], size=3).images) == []
    assert [pk for page in pages([wanted]) for pk in numbers(page.images)] == [last.pk]


def test_what_is_seldom_much_is_found_first(
    few: list[GeneratedImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two queries for a tag that few have: their numbers, and the page. One that many have costs one more than any."""
    collecting.tag(few[-1], ["owl"])
    wanted = [collecting.tagged(Tag.objects.get())]
    for rare, count in ((library.RARE, 2), (0, 3)):
        monkeypatch.setattr(library, "RARE", rare)
        with CaptureQueriesContext(connection) as captured:
            library.page(GeneratedImage.objects.all(), wanted, size=3)
        assert len(captured) == count
    assert [pk for page in pages(wanted) for pk in numbers(page.images)] == [few[-1].pk]


@pytest.mark.parametrize(
    "text",
    ["", "1", "yesterday,0,1", "{day}", "{day},0,x", "2026-02-30T00:00:00+00:00,0,1", "2026-11-26T00:00:00,0,1",
     "0001-01-01T00:00:00+23:59,0,1", "9999-12-31T00:00:00+00:00,0,1", f"{{day}},0,{2**64}", "{day},99999,1",
     "{day},-1,1", "'; DROP TABLE,0,1", "{day},0,1,2"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["older", "newer"])
def test_an_address_that_no_page_says(name: str, text: str, owner: User, browser: Browser) -> None:
    """It shows the newest."""
    first = picture()
    response = browser(owner).get(LIST, {name: text.replace("{day}", "2026-11-26T00:00:00+00:00")})
    assert response.status_code == 200
    assert numbers(response.context["cl"].result_list) == [first.pk]


def test_of_one_s_own_no_more_are_looked_through(
    few: list[GeneratedImage], editor: User, owner: User, browser: Browser
) -> None:
    """Who sees their own pictures alone is shown an old one at once, and the look is not at theirs alone."""
    Generation.objects.filter(pk=few[-1].generation_id).update(user=editor)
    response = browser(editor).get(LIST)
    assert numbers(response.context["cl"].result_list) == [few[-1].pk]
    assert response.context["cl"].older == ""


# -- Words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("looked_through", [1, 3_000])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fox", {"snow", "moss"}), ("FOX", {"snow", "moss"}), ("fox snow", {"snow"}), ('"fox in snow"', {"snow"}),
        ('"snow fox"', set()), ("Sir Reginald", {"moss"}), ("still", {"heron"}), ("  ", {"snow", "moss", "heron"}),
        ("100%", set()), ("50%", {"heron"}), ("_", set()), ("walrus", set()), ("\x00fox", {"snow", "moss"}),
        ("'", set()), ('"', set()), ("狐", {"moss"}), ("'; DROP TABLE", set()), ("\\", set()),
        ("fox " * 40, {"snow", "moss"}),
        ("!@#$%^&*() <->:*", set()), ("rock\\'", set()), ("C++", {"heron"}), ("white", {"snow"}), ("2.8", {"snow"}),
        ('"fox on"', {"moss"}), ("x" * 60_000, set()), ("a fox on moss a b c d e f g h walrus", set()),
        ("fox walrus", set()), ("e-mail", {"heron"}), ("mail", {"heron"}), ("ខ្មែរ", {"heron"}),
        ("front", {"snow", "heron"}), ("SPRING still", {"heron"}), ('"front page"', {"heron"}), ("spring fox", set()),
    ],
)  # fmt: skip
def test_words(text: str, found: set[str], looked_through: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word in prompt, title or alternative text, in any case, and nothing in a word means anything but itself.

    So it is among the newest, page after page, and where an index finds the older ones.
    """
    monkeypatch.setattr(library, "LOOKED_THROUGH", looked_through)
    rows = {
        "snow": picture(0, prompt="A fox in snow, black/white, f/2.8"),
        "moss": picture(1, prompt="A fox on moss, 狐", title="Sir Reginald"),
        "heron": picture(2, prompt="A heron, 50% grey, C++", alt="A bird stands still: e-mail ភាសាខ្មែរ"),
    }
    collecting.tag(rows["heron"], ["front page 100 %", "spring"])
    collecting.tag(rows["snow"], ["Front garden"])
    images = {image.pk for page in pages(library.words(text)) for image in page.images}
    assert {name for name, row in rows.items() if row.pk in images} == found


def test_words_by_an_index() -> None:
    """On PostgreSQL a rare word is found at once, however old its picture; elsewhere page after page."""
    is_indexed = connection.vendor == "postgresql"
    assert [wanted.index is not None for wanted in library.words("fox")] == [is_indexed]
    assert [wanted.index is not None for wanted in library.words("狐 ' ++")] == [False] * 3
    assert (
        sum(wanted.index is not None for wanted in library.words("a b c d e f g h i j k")) == 8 * is_indexed
    )


def test_a_number_is_found() -> None:
    """The provider's number of a picture, and that of its order."""
    image, _other = picture(1), picture()
    for number in (image.image_uuid, image.generation_id):
        assert library.page(GeneratedImage.objects.all(), library.words(f" {number} ")).images == [image]


# -- The page in the admin -----------------------------------------------------------------------------------


def listed(client: Client, **query: str) -> list[int]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return numbers(response.context["cl"].result_list)


def test_each_filter(owner: User, editor: User, browser: Browser) -> None:
    """What each choice leaves, of pictures of which each is something that no other is."""
    plain = picture(0, editor, alt="A fox", cost=Decimal("0.035"))
    wide = picture(1, alt="A fox", width=2848, height=1600, cost=Decimal("0.07"))
    used = picture(2, alt="A fox", cost=Decimal(0))
    flagged = picture(3, alt="A fox", flagged=True, review=Review.WAITING, private_file="a-private.jpg")
    failed = picture(4, alt="A fox", state=ImageState.FAILED)
    undescribed, decorative = picture(5), picture(6, decorative=True)
    hidden = picture(7, alt="A fox")
    Generation.objects.filter(pk=hidden.generation_id).update(hidden=True)
    topic = Topic.objects.create(name="Nature", slug="nature")
    Article.objects.create(title="Foxes", slug="foxes", topic=topic, cover=used)
    client = browser(owner)
    everything = listed(client)
    assert len(everything) == 8
    for query, expected in {
        ("who", str(editor.pk)): [plain],
        ("shape", "16:9"): [wide],
        ("used", "yes"): [used],
        ("used", "magazine.article"): [used],
        ("review", "waiting"): [flagged],
        ("review", "approved"): [],
        ("state", "failed"): [failed],
        ("state", "received"): [],
        ("state", "hidden"): [hidden],
        ("words", "none"): [undescribed],
        ("words", "decorative"): [decorative],
        ("cost", "none"): [used],
        ("cost", "less"): [plain],
        ("cost", "more"): [wide],
    }.items():
        assert listed(client, **dict([query])) == numbers(expected), query
    assert used.pk not in listed(client, used="no")
    for name in ("who", "shape", "used", "review", "state", "words", "cost", "when"):
        assert listed(client, **{name: "nonsense"}) == everything, name


def test_when_they_were_made(owner: User, browser: Browser) -> None:
    """By the days and months of the site."""
    first = midnight(today().replace(day=1))
    day = datetime.timedelta(days=1)
    moments = {
        "now": NOW,
        "month": first,
        "last": first - day / 2,
        "before": first - 32 * day,
        "old": first - 400 * day,
    }
    rows = {name: picture(created_at=moment) for name, moment in moments.items()}
    client = browser(owner)
    found = {value: {n for n, row in rows.items() if row.pk in listed(client, when=value)} for value in (
        "today", "week", "month", "last_month", "year")}  # fmt: skip
    assert {"now", "month"} <= found["month"]
    assert found["month"] & {"last", "before", "old"} == set()
    assert found["last_month"] == {"last"}
    assert "now" in found["today"] <= found["week"]
    assert "now" in found["year"]
    assert "old" not in found["year"]


def test_last_month_s_fox(owner: User, editor: User, browser: Browser) -> None:
    """Words and choices together, which the links to other choices and pages keep."""
    first = midnight(today().replace(day=1))
    last = first - datetime.timedelta(days=3)
    wanted = picture(0, editor, prompt="A fox in autumn", created_at=last)
    picture(0, prompt="A fox in autumn", created_at=last)
    picture(0, editor, prompt="A heron", created_at=last)
    picture(0, editor, prompt="A fox in autumn")
    client = browser(owner)
    query = {"q": "fox", "when": "last_month", "who": str(editor.pk)}
    assert listed(client, **query) == [wanted.pk]
    page = client.get(LIST, query).content.decode()
    assert f"?q=fox&amp;shape=16%3A9&amp;when=last_month&amp;who={editor.pk}" in page


def test_who_may_see_what(editor: User, person: Any, browser: Browser) -> None:
    """An editor sees their own pictures, and no choice of people or costs, in whatever address."""
    other = person("otto")
    mine, theirs = (
        picture(0, editor, cost=Decimal("0.035")),
        picture(1, other, prompt="a secret", cost=Decimal("0.07")),
    )
    client = browser(editor)
    assert listed(client) == listed(client, state="stored") == [mine.pk]
    assert listed(client, q="secret") == listed(client, q=str(theirs.image_uuid)) == []
    specs = client.get(LIST).context["cl"].filter_specs
    assert not [spec for spec in specs if isinstance(spec, (filters.PersonFilter, filters.CostFilter))]
    for query in ({"who": str(other.pk)}, {"cost": "more"}, {"generation__prompt__contains": "secret"}):
        assert client.get(LIST, query).status_code == 400


def test_people_are_those_who_ordered(owner: User, editor: User, person: Any, browser: Browser) -> None:
    """Each once, and nobody else."""
    picture(0, editor)
    picture(1, editor)
    person("nina")
    specs = browser(owner).get(LIST).context["cl"].filter_specs
    people = next(spec for spec in specs if isinstance(spec, filters.PersonFilter))
    assert people.lookup_choices == [(str(editor.pk), "edda")]


def links(page: str) -> dict[str, str]:
    return {
        unescape(words): unescape(to) for to, words in re.findall(r'<a href="([^"]*)"[^>]*>([^<]+)</a>', page)
    }


def test_from_page_to_page(owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older, newer, the newest: links that keep what was chosen, and are there where they lead somewhere."""
    monkeypatch.setattr("seedream_django.admin.pictures.GeneratedImageAdmin.list_per_page", 2)
    rows = [picture(number) for number in range(5)]
    client = browser(owner)
    first = client.get(LIST, {"q": "fox"})
    shown = links(first.content.decode())
    assert "Newer" not in shown
    second = client.get(LIST + shown["Older"])
    assert numbers(second.context["cl"].result_list) == numbers(rows[2:4])
    shown = links(second.content.decode())
    assert shown["Newest"] == "?q=fox"
    assert numbers(client.get(LIST + shown["Newer"]).context["cl"].result_list) == numbers(rows[:2])
    last = client.get(LIST + shown["Older"])
    assert numbers(last.context["cl"].result_list) == numbers(rows[4:])
    assert "Older" not in links(last.content.decode())
    assert "select_across" in last.content.decode()
    assert "question" not in last.content.decode()


def test_a_look_that_ends_says_so(
    owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch, few: list[GeneratedImage]
) -> None:
    """And leads on, where nothing was found, too."""
    client = browser(owner)
    page = client.get(LIST, {"shape": "21:9"}).content.decode()
    assert "Nothing fits among these." in page
    assert "7 pictures from here on were looked through." in page
    for _page in range(10):
        if "Older" not in (shown := links(page)):
            break
        page = client.get(LIST + shown["Older"]).content.decode()
    assert "Nothing fits this filter." in page


def test_gallery_or_table(owner: User, editor: User, browser: Browser) -> None:
    """What somebody chose stays theirs, and the page they were on stays where it was."""
    rows = [picture(number) for number in range(60)]
    client = browser(owner)
    first = client.get(LIST)
    assert "seedream-gallery" in first.content.decode()
    second = client.get(LIST + links(first.content.decode())["Older"])
    as_table = client.get(LIST + links(second.content.decode())["Table"])
    assert numbers(as_table.context["cl"].result_list) == numbers(rows[48:])
    assert "seedream-table" in as_table.content.decode()
    assert client.get(LIST).context["layout"] == "table"
    assert browser(editor).get(LIST).context["layout"] == "gallery"
    assert client.get(LIST, {"layout": "nonsense"}).context["layout"] == "table"


def test_an_action_is_for_what_is_ticked(owner: User, browser: Browser) -> None:
    """Of a search nobody knows all: what asks for all of them gets those that were ticked."""
    fox, other, heron = picture(0), picture(1), picture(2, prompt="A heron")
    sent = {"action": "delete_selected", "select_across": "1", "_selected_action": [fox.pk], "post": "yes"}
    browser(owner).post(f"{LIST}?q=fox", sent)
    assert set(GeneratedImage.objects.values_list("pk", flat=True)) == {other.pk, heron.pk}


def test_a_list_of_a_host_s_own(owner: User, rf: Any) -> None:
    """A subclass may edit in the list, and choose its own filters, search help and length of a page."""

    columns = {
        "list_display": ("small", "title"),
        "list_display_links": ("small",),
        "list_editable": ("title",),
    }
    choices = {"list_filter": ("format", WhenFilter), "list_per_page": 2}
    rows = [picture(number, format="JPG" if number else "PNG") for number in range(4)]
    own: Any = type("Own", (GeneratedImageAdmin,), {**columns, **choices})(GeneratedImage, admin.site)
    request = rf.get(LIST, {"format__exact": "JPG"})
    request.user, request.session = owner, {}
    response: Any = own.changelist_view(request)
    page = response.render().content.decode()
    assert numbers(response.context_data["cl"].result_list) == numbers(rows[1:3])
    assert 'name="form-0-title"' in page
    assert 'name="_save"' in page


def test_lookups_that_no_filter_offers(owner: User, editor: User, browser: Browser) -> None:
    """What a filter is called is no column to look things up in."""
    for user in (owner, editor):
        for query in ({"state__regex": "(a+)+$"}, {"review__gt": ""}, {"cost__gte": "0"}):
            assert browser(user).get(LIST, query).status_code == 400
    assert browser(owner).get(LIST, {"before": "2026-11-26T00:00:00+00:00"}).status_code == 200


def test_an_action_on_a_page_far_behind(owner: User, browser: Browser) -> None:
    """What is chosen on an old page, among what was looked for, is what an action gets."""
    rows = [
        picture(number, flagged=True, review=Review.WAITING, private_file=f"{number}-private.jpg")
        for number in range(3)
    ]
    client = browser(owner)
    place = str(paging.Place.of(rows[1]))
    address = f"{LIST}?review=waiting&q=fox&older={place.replace('+', '%2B')}"
    page = client.post(address, {"action": "reject", "_selected_action": [rows[2].pk]})
    assert page.status_code == 200
    assert f'value="{rows[2].pk}"' in page.content.decode()
    assert f'value="{rows[1].pk}"' not in page.content.decode()


@pytest.mark.parametrize("whose", ["owner", "editor"])
@pytest.mark.parametrize(
    "query",
    [
        {}, {"q": "fox"}, {"q": "walrus"}, {"used": "no"}, {"state": "failed"}, {"shape": "16:9", "when": "year"},
        {"favourite": "mine"}, {"tag": "{tag}"}, {"tag": "{tag}", "favourite": "mine", "used": "no"},
    ],
)  # fmt: skip
def test_as_many_queries_whatever_there_is(
    query: dict[str, str],
    whose: str,
    editor: User,
    browser: Browser,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three to six of the page's own, with ten pictures and with a hundred, for who sees all and who sees less."""
    monkeypatch.setattr(library, "LOOKED_THROUGH", 20)
    user = request.getfixturevalue(whose)
    client, counts = browser(user), []
    for number in range(2):
        image = picture(number, editor)
        collecting.tag(image, ["fox"])
        collecting.favour(image, user)
    query = {key: value.format(tag=Tag.objects.get().pk) for key, value in query.items()}
    for count in (10, 100):
        for number in range(count):
            picture(number, editor)
        client.get(LIST, query)
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST, query)
        # The session, the person, and what Django asks for the rights of those who have not all.
        counts.append(len(captured) - (2 if user.is_superuser else 4))
    # PostgreSQL has an index of words to ask, before it is known where the look ended.
    most = 7 if "q" in query and connection.vendor == "postgresql" else 6
    assert all(3 <= count <= most for count in counts)


# -- Descent -------------------------------------------------------------------------------------------------


def test_more_than_is_named_is_told(editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of orders that were made from it, or from those, and of what it was made from: never left out in silence."""
    more = "There are more than are named here."
    first = made("a fox", user=editor).images.get()
    second, other = (
        made(f"in {it}", user=editor, references=[first]).images.get() for it in ("snow", "rain")
    )
    third = made("at night", user=editor, references=[second, other]).images.get()
    last = made("a poster", user=editor, references=[third]).images.get()
    made("a card", user=editor, references=[third])

    def told(image: GeneratedImage) -> bool:
        page = reverse("admin:seedream_django_generatedimage_change", args=[image.pk])
        return more in browser(editor).get(page).content.decode()

    assert not any(told(image) for image in (first, second, third, last))
    monkeypatch.setattr(origins, "NAMED", 1)
    assert [told(image) for image in (first, second, third, last)] == [True, True, True, False]
    monkeypatch.setattr(origins, "NAMED", 12)
    monkeypatch.setattr(origins, "TOLD", 1)
    assert [told(image) for image in (first, second, third, last)] == [False, False, True, True]
    assert len(origins.made_from([third], editor)) == 2


# -- Details -------------------------------------------------------------------------------------------------


def test_how_it_was_made(editor: User, chief: User, browser: Browser) -> None:
    """Prompt as written and as sent, what was set, and for who may see that what it cost."""
    image = picture(0, editor, prompt="A <b>fox</b>", cost=Decimal("0.035"), seed=7, alt="A fox")
    task = {
        "width": 2848,
        "height": 1600,
        "outputFormat": "WEBP",
        "outputQuality": 80,
        "webhookURL": "https://secret.example/x",
    }
    Generation.objects.filter(pk=image.generation_id).update(parameters=task, prompt_sent="A tame fox")
    address = reverse("admin:seedream_django_generatedimage_change", args=[image.pk])
    page = browser(editor).get(address).content.decode()
    for told in ("A &lt;b&gt;fox&lt;/b&gt;", "A tame fox", "WEBP", "80", "16:9", "seed 7"):
        assert told in page
    assert "secret.example" not in page
    assert "$0.035" not in page
    assert "$0.035" in browser(chief).get(address).content.decode()
    Generation.objects.filter(pk=image.generation_id).update(parameters={})
    assert browser(editor).get(address).status_code == 200
    Generation.objects.filter(pk=image.generation_id).update(redacted_at=NOW, prompt="", prompt_sent="")
    page = browser(editor).get(address).content.decode()
    assert "(redacted)" in page
    assert "As it was sent" not in page
