"""The list's action and the page of a run: who may, what it says, what each button does, how many queries it takes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from example_project.magazine.admin import ArticleAdmin
from example_project.magazine.models import Article
from seedream_django import bulk, bulking, plans
from seedream_django.admin import bulk_page, bulk_rows
from seedream_django.models import (
    Budget,
    BulkItem,
    BulkRun,
    BulkState,
    Generation,
    ItemState,
    LedgerEntry,
    Style,
    Switch,
)
from seedream_django.places import slot

from .conftest import EDITOR_MAY
from .steps import made
from .test_bulk import (
    COVER,
    LIST,
    RUNS,
    Browser,
    articles,
    bulky,
    carried,
    chosen,
    fields,
    look,
    notes,
    post,
    run_of,
    sampled,
    states,
    text_of,
)
from .test_pages_call_nothing import called

__all__ = ["bulky", "called", "fields"]

pytestmark = pytest.mark.django_db

#: The addresses of one run, and how they are asked.
PAGES = ("change", "state")
BUTTONS = ("plan", "sample", "rest", "pause", "resume", "cancel", "again")
PLAN = {"prompt": "{title}", "shape": "1:1"}


def said(client: Client, run: BulkRun) -> str:
    response = client.get(reverse(f"{RUNS}change", args=[run.pk]))
    assert response.status_code == 200
    return text_of(response)


# -- Who may -------------------------------------------------------------------------------------------------

#: By what a person has: how pages and buttons of somebody else's run answer.
PEOPLE: dict[str, tuple[tuple[str, ...], int, int]] = {
    "without": (EDITOR_MAY, 403, 403),
    "without generate": (("bulk", "change_article", "see_others_prompts"), 403, 403),
    "with": ((*EDITOR_MAY, "bulk"), 404, 404),
    "who sees others'": ((*EDITOR_MAY, "bulk", "see_others_prompts"), 200, 403),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_somebody_else_s_run(who: str, bulky: User, person: Callable[..., User], browser: Browser) -> None:
    """It is seen by those who may see others' prompts, and started by nobody but its own person."""
    rights, pages, buttons = PEOPLE[who]
    run, client = run_of(bulky), browser(person("otto", *rights))
    assert [client.get(reverse(f"{RUNS}{name}", args=[run.pk])).status_code for name in PAGES] == [pages] * 2
    answers = [client.post(reverse(f"{RUNS}{name}", args=[run.pk]), PLAN).status_code for name in BUTTONS]
    assert answers == [buttons] * len(BUTTONS)
    listed = client.get(reverse(f"{RUNS}changelist"))
    assert listed.status_code == (403 if pages == 403 else 200)
    assert (str(run.pk) in listed.content.decode()) == (pages == 200)
    run.refresh_from_db()
    assert (run.state, Generation.objects.count()) == ("draft", 0)


def test_nobody_without_an_account(bulky: User, browser: Browser) -> None:
    """Every address asks who one is."""
    run, client = run_of(bulky), browser(None)
    for name in (*PAGES, *BUTTONS):
        response = client.generic("GET" if name in PAGES else "POST", reverse(f"{RUNS}{name}", args=[run.pk]))
        assert (response.status_code, "/login/" in response.headers["Location"]) == (302, True)


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_is_pressed(name: str, bulky: User, browser: Browser) -> None:
    """An address that somebody follows does nothing."""
    run = run_of(bulky)
    assert browser(bulky).get(reverse(f"{RUNS}{name}", args=[run.pk])).status_code == 405


def test_whoever_decides_may_stop_what_somebody_began(
    bulky: User, person: Callable[..., User], browser: Browser
) -> None:
    """Pause and cancel, and nothing that spends."""
    chief = person("carla", *EDITOR_MAY, "bulk", "see_others_prompts", "change_generation")
    run, client = run_of(bulky), browser(chief)
    bulk.make_sample(run)
    assert "Paused it." not in str(list(LogEntry.objects.all()))
    post(client, run, "pause")
    assert run.state == BulkState.PAUSED
    assert client.post(reverse(f"{RUNS}resume", args=[run.pk])).status_code == 403
    assert 'id="bulk-resume"' not in client.get(reverse(f"{RUNS}change", args=[run.pk])).content.decode()
    assert " waiting</a>" in client.get(reverse(f"{RUNS}change", args=[run.pk])).content.decode()
    post(client, run, "cancel")
    assert run.state == BulkState.CANCELLED
    page = client.get(reverse(f"{RUNS}change", args=[run.pk])).content.decode()
    assert " waiting</a>" not in page
    assert " not ordered</a>" in page
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", "user")) == [
        ("Paused it.", chief.pk),
        ("Cancelled it.", chief.pk),
    ]


WITHOUT = ("bulk", "generate", "change_article")


@pytest.mark.parametrize("right", WITHOUT)
def test_no_trace_of_the_action(right: str, bulky: User, browser: Browser) -> None:
    """Neither in the list nor when it is sent all the same, nor on the index."""
    (row,) = articles(1)
    client = browser(bulky)
    assert "generate_for_these" in client.get(LIST).content.decode()
    assert reverse(f"{RUNS}changelist") in client.get("/admin/").content.decode()
    bulky.user_permissions.remove(Permission.objects.get(codename=right))
    assert "generate_for_these" not in client.get(LIST).content.decode()
    if right != "change_article":
        assert reverse(f"{RUNS}changelist") not in client.get("/admin/").content.decode()
    chosen(client, row.pk)
    assert not BulkRun.objects.exists()


def test_no_action_where_one_is_chosen_for_another_form(bulky: User, browser: Browser) -> None:
    """In a window that chooses an article there is nothing to do to many."""
    articles(1)
    assert "generate_for_these" not in browser(bulky).get(f"{LIST}?_popup=1").content.decode()


def test_a_list_without_actions_stays_one(
    bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``actions = None`` is the host's word."""
    articles(1)
    monkeypatch.setattr(ArticleAdmin, "actions", None)
    assert "generate_for_these" not in browser(bulky).get(LIST).content.decode()


def test_objects_that_the_admin_keeps_from_this_person(
    bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ``has_change_permission`` says of one object counts, then and when the words change."""
    rows = articles(2)

    def own(self: Any, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.pk == rows[0].pk

    monkeypatch.setattr(ArticleAdmin, "has_change_permission", own)
    client = browser(bulky)
    chosen(client, *(row.pk for row in rows))
    run = BulkRun.objects.get()
    assert sorted(notes(run)) == ["", plans.NOT_ALLOWED]
    post(client, run, "plan", prompt="{slug}", shape="1:1")
    assert sorted(notes(run)) == ["", plans.NOT_ALLOWED]


def test_whoever_may_not_see_articles_reads_none_of_their_words(
    bulky: User, person: Callable[..., User], browser: Browser
) -> None:
    """Of a run for them, a chief of other things sees the numbers."""
    run = run_of(bulky, 2)
    text = said(browser(person("carla", "generate", "bulk", "see_others_prompts")), run)
    assert "Fox" not in text
    assert "#" in text
    assert "Fox 000" in said(browser(bulky), run)


# -- The action ----------------------------------------------------------------------------------------------


def test_all_that_a_search_finds(bulky: User, browser: Browser) -> None:
    """“Select all” goes across the pages, and no further than the search."""
    rows = articles(60)
    Article.objects.filter(pk__in=[row.pk for row in rows[:40]]).update(author="Ada")
    chosen(browser(bulky), rows[0].pk, address=f"{LIST}?q=Ada", across=True)
    run = BulkRun.objects.get()
    assert run.items.count() == 40
    assert run.user == bulky


def test_which_field(bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """With several fields the page asks; another one brings its own words and shape, and what has one is left out."""
    inset = slot(ratio="1:1", prompt_from="{caption}")
    monkeypatch.setattr(ArticleAdmin, "seedream_fields", {"cover": COVER, "inset": inset})
    first, second = articles(2, caption="A caption")
    Article.objects.filter(pk=first.pk).update(inset=made(user=bulky).images.get())
    client = browser(bulky)
    chosen(client, first.pk, second.pk)
    run = BulkRun.objects.get()
    assert (run.field, "For which field" in said(client, run)) == ("cover", True)
    post(client, run, "plan", field="inset", prompt=run.prompt, shape=run.shape)
    assert (run.field, run.prompt, run.shape) == ("inset", "{caption}", "1:1")
    assert sorted(notes(run)) == ["", plans.HAS_ONE]
    post(client, run, "sample")
    carried(run, BulkState.DONE)
    assert Article.objects.filter(inset=None).count() == 0
    assert Article.objects.exclude(cover=None).count() == 0


# -- What it says --------------------------------------------------------------------------------------------


def test_the_reasons_are_counted(bulky: User, browser: Browser) -> None:
    """How many are left out, and why, the most frequent first; no price for those who may not see it."""
    run = run_of(bulky, 5)
    ours = run.items.order_by("pk")
    for item, why in zip(ours, (plans.HAS_ONE, plans.HAS_ONE, plans.NO_WORDS), strict=False):
        BulkItem.objects.filter(pk=item.pk).update(state=ItemState.SKIPPED, note=why)
    text = said(browser(bulky), run)
    assert "Pictures 2" in text
    assert "3 objects are left out: It has a picture already. (2) Its prompt would be empty. (1)" in text
    assert "$" not in text


def test_over_the_budget(bulky: User, browser: Browser) -> None:
    """How many have room in it is said before anything is ordered."""
    Budget.objects.create(limit="0.105")
    run = run_of(bulky, 5)
    text = said(browser(bulky), run)
    assert "room for 3 more pictures" in text
    assert "A budget has room for 3 of 5 pictures. The run pauses there." in text
    Budget.objects.update(limit=1)
    assert "The run pauses there" not in said(browser(bulky), run)


#: By the right of who looks: who ends it and where. Only who began it has the button that is named then.
WHO_SWITCHES = {
    "": "These people can switch it on again: carla. ",
    "change_switch": "“Off switch” in the admin switches it on again. ",
}


@pytest.mark.parametrize("right", WHO_SWITCHES)
def test_why_it_paused(right: str, bulky: User, person: Callable[..., User], browser: Browser) -> None:
    """In the reader's words, with who switches it on again and where, and no button that is not there."""
    chief = person("carla", *EDITOR_MAY, "bulk", "see_others_prompts", "change_switch")
    if right:
        bulky.user_permissions.add(Permission.objects.get(codename=right))
        Permission.objects.get(codename=right).user_set.remove(chief)
    run = sampled(bulky)
    bulk.make_rest(run)
    Switch.objects.create(pk=1, on=False, reason="holidays")
    look(run)
    page, client = browser(bulky).get(reverse(f"{RUNS}change", args=[run.pk])), browser(bulky)
    link = f'href="{reverse("admin:seedream_django_switch_changelist")}" id="bulk-switch"'
    text = f"It is paused. Generating is switched off: holidays. {WHO_SWITCHES[right]}Then press “Resume”."
    assert text in text_of(page)
    assert (link in page.content.decode(), 'id="bulk-resume"' in page.content.decode()) == (bool(right), True)
    other = said(browser(chief), run)
    assert "Whoever began it can resume it: berta." in other
    assert "Then press" not in other
    assert "Generating is switched off." in post(client, run, "resume").content.decode()
    assert run.state == BulkState.PAUSED
    Switch.objects.update(on=True)
    assert "It is paused. What stopped it is over: press “Resume”." in said(client, run)
    assert "It is paused. Whoever began it can resume it: berta." in said(browser(chief), run)
    bulk.resume(run)
    carried(run, BulkState.DONE)


@pytest.mark.parametrize("state", [BulkState.DRAFT, BulkState.SAMPLED])
def test_switched_off_before_it_goes_on(state: BulkState, bulky: User, browser: Browser) -> None:
    """It is said beside what it would make; “Resume”, which is not there, is named nowhere."""
    run = sampled(bulky) if state == BulkState.SAMPLED else run_of(bulky)
    Switch.objects.create(pk=1, on=False)
    client = browser(bulky)
    for page in (said(client, run), text_of(post(client, run, "sample"))):
        assert "Generating is switched off: no reason is given. These people can" in page
        assert "Resume" not in page
    assert run.state == state


def test_nowhere_to_keep_pictures(bulky: User, browser: Browser, settings: Any) -> None:
    """That is not the switch: it says whom to tell."""
    run = sampled(bulky)
    bulk.make_rest(run)
    settings.SEEDREAM |= {"STORAGE": "gone"}
    look(run)
    assert (run.state, run.note) == ("paused", bulk.NO_STORAGE)
    text = said(browser(bulky), run)
    assert "Pictures cannot be kept at the moment. Tell an administrator" in text
    assert "says why. Then press “Resume”." in text
    assert "switch" not in text


@pytest.mark.parametrize("note", [bulk.OVER_BUDGET, bulk.BROKEN], ids=["budget", "broken"])
def test_whose_the_button_is(note: str, bulky: User, person: Callable[..., User], browser: Browser) -> None:
    """A note that names “Resume” says to all others whose page has it."""
    run = sampled(bulky)
    bulk.make_rest(run)
    bulk.pause(run, note)
    chief = person("carla", *EDITOR_MAY, "bulk", "see_others_prompts")
    assert f"{note} Whoever began it can resume it: berta." in said(browser(chief), run)
    assert "Whoever began it" not in said(browser(bulky), run)


def test_nothing_to_make(bulky: User, browser: Browser) -> None:
    """Where each object has a picture there is no price, no time and no order, and why is said."""
    bulky.user_permissions.add(Permission.objects.get(codename="see_costs"))
    rows = articles(2)
    Article.objects.update(cover=made(user=bulky).images.get())
    client = browser(bulky)
    page = chosen(client, *(row.pk for row in rows))
    text = text_of(page)
    assert "There is nothing to make. 2 objects are left out: It has a picture already. (2)" in text
    for words in ("about", "$", "Time it takes", "Price", "Make a sample", "go to the provider"):
        assert words not in text
    assert 'id="bulk-plan"' in page.content.decode()


AT_ONCE = (
    "Each picture is put in place as soon as it is there, a sample's as well: nobody looks at it before."
)
APPROVED = "Each picture waits for review, and is put in place once it is approved."
FLAGGED = "One that the safety check flags is put in place once somebody approves it."


@pytest.mark.parametrize(
    ("options", "wanted", "in_place"),
    [
        ({}, [AT_ONCE], 3),
        ({"SAFETY_CHECK": True}, [AT_ONCE, FLAGGED], 3),
        ({"REVIEW": "own"}, [APPROVED], 0),
        ({"REVIEW": "second", "SAFETY_CHECK": True}, [APPROVED], 0),
    ],
    ids=str,
)
def test_the_plan_says_when_a_sample_is_put_in_place(
    options: dict[str, Any], wanted: list[str], in_place: int, bulky: User, browser: Browser, settings: Any
) -> None:
    """Above the button that orders it, and as it then happens."""
    settings.SEEDREAM |= options
    run, client = run_of(bulky), browser(bulky)
    text = said(client, run)
    assert [words for words in (AT_ONCE, APPROVED, FLAGGED) if words in text] == wanted
    assert text.index(wanted[0]) < text.index("Make a sample of 3")
    bulk.make_sample(run)
    carried(run, BulkState.SAMPLED)
    assert Article.objects.exclude(cover=None).count() == in_place


def test_what_a_run_cost(bulky: User, browser: Browser) -> None:
    """Once it is over, from the ledger, to those who may see costs; what is deleted since is told as left out."""
    run, client = run_of(bulky, 3), browser(bulky)
    Article.objects.filter(title="Fox 001").update(summary="sandbox:refused")
    made(user=bulky)
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    assert "Spent" not in said(client, run)
    bulky.user_permissions.add(Permission.objects.get(codename="see_costs"))
    text = said(client, run)
    assert "Spent $0.07 Try again" in text
    items = run.items.order_by("position")
    LedgerEntry(
        kind="write_off", generation_id=items[0].generation_id, spent=Decimal("0.5"), unconfirmed=Decimal("0.5"),
        reserved=Decimal("0.035"),
    ).save()  # fmt: skip
    assert "Spent $0.57 Of it unconfirmed $0.50 Reserved now $0.035 Try again" in said(client, run)
    Generation.objects.filter(pk=items[1].generation_id).delete()
    assert "Without what was paid for orders that are deleted" in said(client, run)


def test_what_a_run_costs_is_not_told_before_it_is_over(bulky: User, browser: Browser) -> None:
    """A page that looks again by itself adds nothing up."""
    bulky.user_permissions.add(Permission.objects.get(codename="see_costs"))
    run, client = sampled(bulky), browser(bulky)
    assert "Spent" not in said(client, run)
    bulk.cancel(run)
    assert "Spent $0.105" in said(client, run)


def test_the_ledger_is_read_by_the_orders_of_the_run(bulky: User, browser: Browser) -> None:
    """Of its two queries neither goes through the ledger, or through the objects of other runs."""
    run = run_of(bulky, 3)
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    with CaptureQueriesContext(connection) as queries:
        bulk_rows.balance(run)
        bulk_rows.has_deleted(run)
    assert len(queries) == 2
    for row in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {row['sql'].replace('%', '%%')}")
            assert not [step[3] for step in cursor.fetchall() if step[3].startswith("SCAN")], row["sql"]


def test_how_one_failed(bulky: User, browser: Browser) -> None:
    """Beside the object, with its order one click away; the list can be narrowed to such."""
    run = run_of(bulky, 3)
    Article.objects.filter(title="Fox 001").update(summary="sandbox:refused")
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    client = browser(bulky)
    page = client.get(reverse(f"{RUNS}change", args=[run.pk]), {"show": "failed"})
    assert "Fox 001" in text_of(page)
    assert "Fox 000" not in text_of(page)
    assert "failed: The provider's safety check refused this picture." in text_of(page)
    assert f"/generation/{run.items.get(state='failed').generation_id}/change/" in page.content.decode()
    assert "It is done. 2 of 3 are in place." in text_of(page)


def test_a_fragment_that_renews_itself_and_rests(bulky: User, browser: Browser) -> None:
    """It says when to look again as long as something changes by itself, and then no more."""
    run, client = run_of(bulky, 4), browser(bulky)
    address = reverse(f"{RUNS}state", args=[run.pk])
    assert "data-next" not in client.get(address).content.decode()
    bulk.make_sample(run)
    fragment = client.get(address).content.decode()
    assert 'data-next="2000"' in fragment
    assert "<html" not in fragment
    carried(run, BulkState.SAMPLED)
    fragment = client.get(address).content.decode()
    assert "data-next" not in fragment
    assert 'value="3" aria-label' in fragment


@pytest.mark.parametrize("listed", [10, 50])
def test_the_same_queries_for_few_and_for_many(
    listed: int, bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many objects are on a page, and however many the run has."""
    run, client = sampled(bulky, 60), browser(bulky)
    said(client, run)
    found = []
    for name in ("change", "state"):
        for count in (1, listed):
            monkeypatch.setattr(bulk_page, "LISTED", count)
            with CaptureQueriesContext(connection, ) as queries:  # fmt: skip
                client.get(reverse(f"{RUNS}{name}", args=[run.pk]))
            found.append(len(queries))
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert max(found) < 60


def test_the_list_asks_as_much_for_many_runs(bulky: User, browser: Browser) -> None:
    """One query for all that are listed."""
    client, address, found = browser(bulky), reverse(f"{RUNS}changelist"), []
    for count in (1, 9):
        for _ in range(count):
            run_of(bulky, 2)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        found.append(len(queries))
    assert found[0] == found[1]
    assert "0 of 2" in page.content.decode()
    assert "articles: cover" in page.content.decode()


def test_a_page_calls_nobody(bulky: User, browser: Browser, request: pytest.FixtureRequest) -> None:
    """Neither the provider nor the storage, also where pictures are shown; a button neither."""
    run, client = sampled(bulky), browser(bulky)
    calls = request.getfixturevalue("called")
    for name in PAGES:
        assert "<img" in client.get(reverse(f"{RUNS}{name}", args=[run.pk])).content.decode()
    assert client.get(reverse(f"{RUNS}changelist")).status_code == 200
    post(client, run, "rest", prompt=run.prompt, shape=run.shape)
    assert run.state == BulkState.RUNNING
    assert calls == []


# -- What each button does -----------------------------------------------------------------------------------


def test_other_words_are_shown_before_they_are_paid(bulky: User, browser: Browser) -> None:
    """A sample is asked for with words that nobody has seen written out: they are shown, and nothing is ordered."""
    run, client = run_of(bulky), browser(bulky)
    response = post(client, run, "sample", prompt="A watercolour: {title}", shape="16:9")
    assert (run.state, run.prompt) == ("draft", "A watercolour: {title}")
    assert "A watercolour: Fox 000" in text_of(response)
    assert "Nothing was ordered; look at the prompts first." in response.content.decode()
    post(client, run, "sample", prompt="A watercolour: {title}", shape="16:9")
    assert run.state == BulkState.SAMPLE


MISTAKES = {
    "{nonsense}": "There is no text “nonsense” in these objects.",
    "{cover}": "There is no text “cover”",
    "{title.__class__}": "Only names of fields may stand in braces.",
    "{title!r}": "Only names of fields may stand in braces. “{title!r}” has more than a name in it: write “{title}”.",
    "{title:>10}": "“{title:>10}” has more than a name in it: write “{title}”.",
    "{": "Only names of fields may stand in braces. The braces do not match:",
    "{title} }": "Only names of fields may stand in braces. The braces do not match:",
    "a fox": "Name at least one field in braces",
    "": "This field is required.",
}


@pytest.mark.parametrize("prompt", MISTAKES)
@pytest.mark.parametrize("name", ["plan", "sample"])
def test_a_prompt_that_is_none(name: str, prompt: str, bulky: User, browser: Browser) -> None:
    """The mistake stands beside it, what was written stays, and nothing is ordered."""
    run, client = run_of(bulky), browser(bulky)
    response = post(client, run, name, prompt=prompt, shape="16:9")
    assert MISTAKES[prompt] in text_of(response)
    assert list(response.context["form"].errors) == ["prompt"]
    assert (run.state, run.prompt) == ("draft", "{title}. {summary}")


def test_a_style(bulky: User, browser: Browser) -> None:
    """Its words follow each prompt; they are kept as they were chosen, also when the style goes."""
    Style.objects.create(name="Soft", words="soft light")
    run, client = run_of(bulky), browser(bulky)
    response = post(client, run, "plan", prompt=run.prompt, shape=run.shape, style="Soft")
    assert "room for a title on the left soft light" in text_of(response)
    Style.objects.all().delete()
    post(client, run, "sample", prompt=run.prompt, shape=run.shape, style="Soft")
    assert run.state == BulkState.SAMPLE
    look(run)
    assert {row.sent.splitlines()[-1] for row in Generation.objects.all()} == {"soft light"}


def test_our_look(bulky: User, browser: Browser) -> None:
    """A run begins with it, as a single order does, and shows its words; whoever orders may take it away."""
    Style.objects.create(name="Lead", words="red ink", house=True, host="www.example.com")
    Style.objects.create(name="Old", words="sepia", house=True, host="testserver", active=False)
    Style.objects.create(name="Teal", words="teal tones", house=True)
    client = browser(bulky)
    page = chosen(client, *(article.pk for article in articles(2)))
    run = BulkRun.objects.get()
    assert (run.style, run.options["style"]) == ("Teal", "teal tones")
    assert "teal tones" in text_of(page)
    assert '<option value="Teal" selected>' in page.content.decode()
    post(client, run, "plan", prompt=run.prompt, shape=run.shape, style="")
    run.refresh_from_db()
    assert (run.style, plans.added(run)) == ("", plans.place_of(run).hint)


# -- What failed, once more ----------------------------------------------------------------------------------


def failed(user: User, count: int = 3) -> BulkRun:
    """A run that is done, and whose first object has no picture: the provider refused it."""
    run = run_of(user, count)
    first = Article.objects.get(pk=run.items.get(position=0).object_id)
    Article.objects.filter(pk=first.pk).update(summary="sandbox:refused")
    bulk.make_sample(run)
    carried(run, BulkState.DONE)
    assert states(run) == ["failed", *["filled"] * (count - 1)]
    Article.objects.filter(pk=first.pk).update(summary="It snows.")
    return run


def newest() -> BulkRun:
    return BulkRun.objects.latest("created_at")


def test_try_again_what_failed(chief: User, browser: Browser) -> None:
    """Its price is on the button, the page that it leads to says what it would make, and only then it is ordered."""
    chief.user_permissions.add(Permission.objects.get(codename="bulk"))
    run, client = failed(chief), browser(chief)
    assert "Try again what failed (1) · $0.035 at most" in said(client, run)
    shown = text_of(post(client, run, "again"))
    new = newest()
    assert (new.state, states(new), new.user, new.prompt) == ("draft", ["waiting"], chief, run.prompt)
    for text in (
        "Nothing is ordered yet.",
        "Pictures 1",
        "Price for all $0.035",
        "Fox 000. It snows. room for",
    ):
        assert text in shown
    assert (Generation.objects.count(), run.state) == (3, "done")
    post(client, new, "sample", prompt=new.prompt, shape=new.shape)
    carried(new, BulkState.DONE)
    assert (states(new), Generation.objects.count()) == (["filled"], 4)
    assert not Article.objects.filter(cover=None).exists()
    assert LogEntry.objects.filter(change_message="Began another run for what failed.").count() == 1


def test_try_again_twice_orders_once(bulky: User, browser: Browser) -> None:
    """A double click makes two plans; each object is ordered by one of them, and afterwards by none."""
    run, client = failed(bulky), browser(bulky)
    for _ in range(2):
        post(client, run, "again")
    plans_made = BulkRun.objects.exclude(pk=run.pk)
    assert plans_made.count() == 2
    for each in plans_made:
        bulk.make_sample(each)
        look(each)
    assert Generation.objects.filter(state="queued").count() == 1
    for each in plans_made:
        carried(each, BulkState.DONE)
    post(client, run, "again")
    assert notes(newest()) == [plans.HAS_ONE]
    assert Generation.objects.count() == 4


def test_what_is_lost_is_not_tried_again(bulky: User, browser: Browser) -> None:
    """As long as it may be paid, the new run leaves it out and says so."""
    run = run_of(bulky, 1)
    bulk.make_sample(run)
    look(run)
    Generation.objects.update(state="lost", finished_at=run.created_at)
    look(run)
    assert (states(run), run.state) == (["failed"], "done")
    assert "A picture is being made for it already. (1)" in text_of(post(browser(bulky), run, "again"))
    assert states(newest()) == ["skipped"]


def no_budget(run: BulkRun) -> None:
    Budget.objects.create(limit=0, user=run.user)


def is_off(run: BulkRun) -> None:
    Switch.objects.create(pk=1, on=False)


def may_not_change(run: BulkRun) -> None:
    assert run.user is not None
    run.user.user_permissions.remove(Permission.objects.get(codename="change_article"))


def came_late(run: BulkRun) -> None:
    run.items.update(state=ItemState.FILLED)


REFUSED = {
    no_budget: "has room for 0 more pictures. Ask",
    is_off: "Generating is switched off.",
    may_not_change: "may not do it any more",
    came_late: "It has moved on meanwhile.",
}


@pytest.mark.parametrize("why", REFUSED, ids=lambda why: why.__name__)
def test_nothing_is_tried_again_where_nothing_can_be(
    why: Callable[[BulkRun], None], bulky: User, browser: Browser
) -> None:
    """Neither the budget, the switch, a right nor the moment allows it: it is said, and there is no new run."""
    run = failed(bulky)
    why(run)
    response = post(browser(bulky), run, "again")
    assert REFUSED[why] in response.content.decode()
    assert BulkRun.objects.count() == 1


def test_no_button_where_nothing_failed(bulky: User, browser: Browser) -> None:
    """Nor while it works, nor for somebody else."""
    run, client = sampled(bulky, 5), browser(bulky)
    assert "Try again what failed" not in said(client, run)
    run.items.filter(position=0).update(state=ItemState.FAILED, slot=None)
    assert "Try again what failed (1) That begins" in said(client, run)
    bulk.make_rest(run)
    assert "Try again what failed" not in said(client, run)


@pytest.mark.parametrize("name", ["rest", "resume", "pause"])
def test_a_button_of_an_old_page(name: str, bulky: User, browser: Browser) -> None:
    """Where it does not fit any more it says so, and changes nothing."""
    run = run_of(bulky)
    response = post(browser(bulky), run, name)
    assert "It has moved on meanwhile." in response.content.decode()
    assert run.state == BulkState.DRAFT


def test_a_plan_for_what_works_already(bulky: User, browser: Browser) -> None:
    """From a page that lay open: nothing is changed."""
    run = run_of(bulky)
    bulk.make_sample(run)
    response = post(browser(bulky), run, "plan", **PLAN)
    assert "It has moved on meanwhile." in response.content.decode()
    assert run.prompt == "{title}. {summary}"


def test_twice_is_once(bulky: User, browser: Browser) -> None:
    """A double click on the button makes one sample."""
    run, client = run_of(bulky, 9), browser(bulky)
    post(client, run, "sample")
    post(client, run, "sample")
    carried(run, BulkState.SAMPLED)
    assert Generation.objects.count() == 3


def test_the_request_orders_nothing_where_a_worker_does(
    bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """The button moves the row and asks the queue; a page that is looked at does nothing at all."""
    asked: list[Any] = []
    monkeypatch.setattr(bulking.queue, "is_immediate", lambda: False)
    monkeypatch.setattr(bulking.go_on, "enqueue", lambda *args, **kwargs: asked.append((args, kwargs)))
    run, client = run_of(bulky), browser(bulky)
    with django_capture_on_commit_callbacks(execute=True):
        post(client, run, "sample")
    assert asked == [((str(run.pk),), {})]
    assert states(run) == ["waiting"] * 5
    bulking.go_on(str(run.pk))
    assert states(run) == ["ordered"] * 3 + ["waiting"] * 2
    assert asked[1:] == [((str(run.pk),), {"delay": bulk.LOOK})]


def test_a_queue_that_is_away(
    bulky: User, browser: Browser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """The row is there: the sweep finds it."""

    def away(*args: Any, **kwargs: Any) -> None:
        raise OSError("The queue is away.")

    monkeypatch.setattr(bulking.queue, "is_immediate", lambda: False)
    monkeypatch.setattr(bulking.go_on, "enqueue", away)
    run = run_of(bulky)
    with django_capture_on_commit_callbacks(execute=True):
        post(browser(bulky), run, "sample")
    assert run.state == BulkState.SAMPLE
    assert BulkRun.objects.due().get() == run


def test_a_model_that_is_gone(bulky: User, browser: Browser) -> None:
    """The page is still there, and lets it be cancelled."""
    run = run_of(bulky)
    BulkRun.objects.update(field="portrait")
    client = browser(bulky)
    assert "#" in said(client, run)
    post(client, run, "plan", **PLAN)
    post(client, run, "cancel")
    assert run.state == BulkState.CANCELLED
