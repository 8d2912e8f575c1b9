"""The site's own word on a prompt: refused or changed before anything is ordered, whatever the door."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy

from example_project.magazine.models import Article, Topic
from example_project.magazine.pictures import COVER
from seedream_django import checks, generate, moderation, orders
from seedream_django.exceptions import InvalidOrder, Moderated, OverBudget
from seedream_django.models import Budget, Generation, LedgerEntry, Slot, State
from seedream_django.panels import InPlaceForm
from seedream_django.sandbox import Books

from .editor import Form
from .gate import Gate
from .steps import made, said, spot
from .test_references import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

NO = "No people we know: write “a woman” or “a man”."
FAILED = (
    "The site could not check this prompt, so it was not ordered, and nothing is charged. Try again in a moment. "
    "If it stays so, tell an administrator: the log says why."
)
ADD = "admin:seedream_django_generation_add"
STATUS = "seedream_django:status"

asked: list[tuple[Any, Any, Any]] = []


def spy(prompt: str, *, user: Any, order: dict[str, Any]) -> None:
    """Has nothing against anything; remembers what it was asked, and meddles with what it was given."""
    asked.append((prompt, user, dict(order)))
    order.clear()


def refuse(prompt: str, *, user: Any, order: dict[str, Any]) -> None:
    raise Moderated(NO)


def repaint(prompt: str, *, user: Any, order: dict[str, Any]) -> str:
    return prompt.replace("fox", "badger")


def crash(prompt: str, *, user: Any, order: dict[str, Any]) -> None:
    raise RuntimeError("secret-of-the-hook")


@pytest.fixture(autouse=True)
def _forget() -> None:
    asked.clear()


@pytest.fixture
def moderated(settings: Any) -> Callable[..., None]:
    """Sets who is asked, and the rules."""

    def choose(function: Any, *rules: Any) -> None:
        settings.SEEDREAM = {**settings.SEEDREAM, "MODERATE": function, "MODERATION_PATTERNS": rules}

    return choose


def nothing_ordered(books: Books) -> bool:
    return not (Generation.objects.exists() or LedgerEntry.objects.exists() or books.charges())


# -- What is asked, and what its answer means ----------------------------------------------------------------


def test_nobody_is_asked_by_default(books: Books) -> None:
    """Without the setting an order is as it was written."""
    generation = orders.place("a fox")
    assert (generation.prompt, generation.prompt_sent, generation.sent) == ("a fox", "", "a fox")


@pytest.mark.parametrize("function", ["tests.test_moderation.spy", spy], ids=["path", "function"])
def test_it_is_asked_once_with_the_whole_order(
    function: Any, moderated: Callable[..., None], editor: User
) -> None:
    """The prompt as it is kept, who orders, and all that was decided; what it does to its copy changes nothing."""
    moderated(function)
    generation = orders.place(" a fox\r\n", user=editor, results=2, output_format="WEBP")
    ((prompt, user, order),) = asked
    assert (prompt, user) == ("a fox", editor)
    asked_for = {"prompt": "a fox", "width": 2048, "height": 2048, "results": 2, "output_format": "WEBP"}
    assert order == {**asked_for, "references": []}
    assert (generation.prompt, generation.prompt_sent, generation.expected) == ("a fox", "", 2)


def test_it_is_not_asked_about_what_is_no_order(moderated: Callable[..., None], db: None) -> None:
    """First come the rules of the page and the rights: nobody's paid service reads what cannot be ordered."""
    moderated(spy)
    for values in ({"prompt": ""}, {"prompt": "a fox", "results": 21}):
        with pytest.raises(InvalidOrder):
            orders.place(**values)  # type: ignore[arg-type]
    assert asked == []


def test_it_sees_what_a_picture_is_made_from(moderated: Callable[..., None], db: None) -> None:
    """The references are rows that are not saved yet; what is done to the list changes nothing."""
    moderated(spy)
    generation = orders.place("a fox", references=[(drawn(), "style")])
    ((_prompt, _user, order),) = asked
    assert [(row.label, row.role) for row in order["references"]] == [("picture.png", "style")]
    order["references"].clear()
    assert generation.references.count() == 1


def test_a_changed_prompt_fits_with_its_roles(moderated: Callable[..., None], db: None) -> None:
    """What is said of the references counts here as well: nothing is sent that the provider refuses."""
    moderated(lambda prompt, **kwargs: "x" * 2000)
    assert orders.place("a fox", references=[drawn()]).prompt_sent == "x" * 2000
    with pytest.raises(Moderated):
        orders.place("an owl", references=[(drawn(), "style")])


def test_the_site_s_own_code_is_asked_about_too(moderated: Callable[..., None], db: None) -> None:
    """``generate`` without a user is a door like the others."""
    moderated(refuse)
    with pytest.raises(Moderated) as caught:
        generate("a fox")
    assert caught.value.errors == {"prompt": [NO]}
    assert not Generation.objects.exists()


def test_a_changed_prompt_is_sent_and_the_written_one_kept(
    moderated: Callable[..., None], gate: Gate
) -> None:
    """The provider gets the new words; the row has both, and the names of what is made are of the new ones."""
    moderated(repaint)
    generation = made("a red fox, running")
    assert (generation.prompt, generation.prompt_sent) == ("a red fox, running", "a red badger, running")
    assert gate.posts[0]["positivePrompt"] == "a red badger, running"
    image = generation.images.get()
    assert image.title == "A red badger"
    assert "a-red-badger" in image.file.name


@pytest.mark.parametrize(
    ("answer", "sent"),
    [(None, ""), ("a fox", ""), (" a cat\r\n", "a cat"), ("x" * 2000, "x" * 2000)],
    ids=["None", "same", "cleaned", "longest"],
)
def test_answers(answer: Any, sent: str, moderated: Callable[..., None], db: None) -> None:
    """None and the same text leave it; any other is cleaned like one that is typed."""
    moderated(lambda prompt, **values: answer)
    assert orders.place("a fox").prompt_sent == sent


@pytest.mark.parametrize("answer", ["", " \n", "x" * 2001], ids=["nothing", "blank", "long"])
def test_a_changed_prompt_must_fit(answer: str, moderated: Callable[..., None], books: Books) -> None:
    """What the provider would refuse is refused here, and it is said that the site changed it."""
    moderated(lambda prompt, **values: answer)
    with pytest.raises(
        Moderated, match=r"changes this prompt .* Must be 1 to 2000 characters long"
    ) as caught:
        orders.place("a fox")
    assert list(caught.value.errors) == ["prompt"]
    assert nothing_ordered(books)


@pytest.mark.parametrize(
    "broken",
    [
        crash,
        "nowhere.moderate",
        "seedream_django.moderation.NOTHING",
        "tests.test_moderation.NO",
        lambda prompt, **values: 3,
        lambda prompt, **values: True,
        lambda prompt: None,
        42,
    ],
    ids=["raises", "no module", "no name", "no function", "number", "True", "signature", "no path"],
)
def test_what_fails_orders_nothing(
    broken: Any, moderated: Callable[..., None], books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    """A moderation that cannot speak has not said yes: words for the editor, the reason for the log alone."""
    moderated(broken)
    with pytest.raises(Moderated) as caught:
        orders.place("a fox")
    assert caught.value.errors == {"prompt": [FAILED]}
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    (record,) = [r for r in caplog.records if r.name == "seedream_django.moderation"]
    assert (record.levelno, bool(record.exc_info)) == (logging.ERROR, True)
    assert nothing_ordered(books)


@pytest.mark.parametrize("words", ["", " ", gettext_lazy("")])
def test_a_refusal_without_words_gets_some(words: Any, moderated: Callable[..., None], db: None) -> None:
    """An empty error under a field would be a riddle."""

    def moderate(prompt: str, **values: Any) -> None:
        raise Moderated(words)

    moderated(moderate)
    with pytest.raises(
        Moderated, match=r"This site does not order pictures from this prompt\. Write another\."
    ):
        orders.place("a fox")


def test_a_form_sent_twice_is_one_row(moderated: Callable[..., None], db: None) -> None:
    """What counts for "the same order" is what was written, even if the moderation answers differently now."""
    moderated(lambda prompt, **values: "a badger")
    first = orders.place("a fox", nonce="n")
    moderated(lambda prompt, **values: "a weasel")
    again = orders.place("a fox", nonce="n")
    assert (again.pk, again.prompt_sent) == (first.pk, "a badger")
    assert orders.place("an otter", nonce="n").pk != first.pk
    assert first.digest == orders.place("a fox").digest


def test_a_new_look_at_an_old_order(moderated: Callable[..., None], db: None) -> None:
    """ "Try again" goes by the rules of today, with the prompt as it was written."""
    moderated(repaint)
    old = orders.place("a fox")
    moderated(spy)
    assert orders.again(old).sent == "a fox"
    assert [prompt for prompt, _, _ in asked] == ["a fox"]
    moderated(refuse)
    with pytest.raises(Moderated):
        orders.again(old)
    assert Generation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_outside_every_transaction(moderated: Callable[..., None], db: None) -> None:
    """It may ask another service, and must not hold the database meanwhile."""
    from django.db import connection

    inside = []
    moderated(lambda prompt, **values: inside.append(connection.in_atomic_block))
    orders.again(orders.place("a fox"))
    assert inside == [False, False]


# -- Every door ----------------------------------------------------------------------------------------------


def typed(page: str) -> list[str]:
    """What stands in the text areas."""
    return [
        text.strip()
        for text in re.findall(r'<textarea name="[a-z_-]*prompt"[^>]*>(.*?)</textarea>', page, re.S)
    ]


def order_form(client: Client, **values: str) -> str:
    """The page that comes back when the admin's order form is sent."""
    shown = Form(client.get(reverse(ADD)).content.decode()).values
    return unescape(client.post(reverse(ADD), {**shown, **values}).content.decode())


@pytest.mark.parametrize(("function", "words"), [(refuse, NO), (crash, FAILED)], ids=["refuses", "fails"])
def test_the_order_page_shows_it_under_the_prompt(
    function: Any, words: str, moderated: Callable[..., None], editor: User, browser: Browser, books: Books
) -> None:
    """The form comes back with what was typed and the words in the prompt's row; no page of an error."""
    moderated(function)
    page = order_form(browser(editor), prompt="a fox of mine", results="3")
    (row,) = re.findall(r'<div class="form-row errors">(.*?</textarea>)', page, re.S)
    assert words in row
    assert typed(page) == ["a fox of mine"]
    assert Form(page).values["results"] == "3"
    assert "secret-of-the-hook" not in page
    assert nothing_ordered(books)


def test_the_order_page_asks_once(moderated: Callable[..., None], editor: User, browser: Browser) -> None:
    """The form's check and the order are one question."""
    moderated(spy)
    order_form(browser(editor), prompt="a fox")
    assert [prompt for prompt, _, _ in asked] == ["a fox"]
    assert Generation.objects.get().user == editor


def test_beside_a_field(moderated: Callable[..., None], editor: User, browser: Browser, books: Books) -> None:
    """ "Generate" beside a field gets the words for that field's prompt."""
    moderated(refuse)
    data = {"spot": spot(editor), "shape": "1:1", "results": "1", "prompt": "a fox"}
    answer = browser(editor).post(reverse("seedream_django:order"), data)
    assert (answer.status_code, answer.json()) == (422, {"errors": {"prompt": [NO]}})
    assert nothing_ordered(books)
    moderated(spy)
    assert browser(editor).post(reverse("seedream_django:order"), data).status_code == 201
    assert len(asked) == 1


def test_the_command(moderated: Callable[..., None], books: Books) -> None:
    """One line, and a code that is not zero."""
    moderated(refuse)
    with pytest.raises(CommandError, match=re.escape(f"prompt: {NO}")):
        call_command("seedream_generate", "a fox")
    assert nothing_ordered(books)


def test_try_again(moderated: Callable[..., None], editor: User, browser: Browser) -> None:
    """The page of the old order says why there is no new one."""
    row = orders.place("a fox", user=editor)
    Generation.objects.update(state=State.FAILED, error_kind="server")
    moderated(refuse)
    page = browser(editor).post(reverse("seedream_django:again", args=[row.pk]), follow=True)
    assert f"Prompt: {NO}" in unescape(page.content.decode())
    assert Generation.objects.count() == 1


# -- A form that places its order as it is saved, without JavaScript -----------------------------------------

TEXTS = {"title": "Foxes", "slug": "foxes", "summary": "s", "body": "b", "author": "A"}
ORDERED = {"cover-prompt": "a fox of mine", "cover-shape": "1:1", "cover-results": "1", "cover-order": "on"}


@pytest.fixture
def save(editor: User, browser: Browser, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Saves a new article with an order for its cover, as the admin's form sends it."""
    topic = Topic.objects.create(name="Nature", slug="nature")
    client, address = browser(editor), reverse("admin:magazine_article_add")

    def post(**options: Any) -> Any:
        values = Form(client.get(address).content.decode()).values
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, {**values, **TEXTS, "topic": str(topic.pk), **ORDERED}, **options)

    return post


def test_a_refusal_comes_back_with_the_form(
    save: Callable[..., Any], moderated: Callable[..., None], books: Books
) -> None:
    """Nothing is saved and nothing typed is lost: the words stand at the field, the prompt in its place."""
    moderated(refuse)
    page = unescape(save().content.decode())
    assert NO in page
    assert "a fox of mine" in typed(page)
    assert not Article.objects.exists()
    assert nothing_ordered(books)
    moderated(repaint)
    assert save().status_code == 302
    assert Generation.objects.get().sent == f"a badger of mine\n{COVER.hint}"
    assert Slot.objects.get().object_id == str(Article.objects.get().pk)


def test_the_form_asks_once(save: Callable[..., Any], moderated: Callable[..., None]) -> None:
    """What was decided as the form was checked is what is ordered once it is saved."""
    moderated(spy)
    save()
    assert len(asked) == 1
    assert Generation.objects.get().prompt == "a fox of mine"


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_after_the_save_is_told(
    save: Callable[..., Any], moderated: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generating was switched off in between, say: the next page says so, with the prompt that was written."""
    check = orders.check_allowed
    calls: list[Any] = []

    def off_meanwhile(user: Any) -> None:
        calls.append(user)
        if len(calls) > 1:
            raise orders.SwitchedOff("Generating is switched off: holiday")
        check(user)

    monkeypatch.setattr(orders, "check_allowed", off_meanwhile)
    page = unescape(save(follow=True).content.decode())
    told = "Saved, but this picture was not ordered: “a fox of mine”. Generating is switched off: holiday"
    assert told in page
    assert Article.objects.count() == 1
    assert not Generation.objects.exists()


# -- What is shown -------------------------------------------------------------------------------------------


def test_the_status_says_what_was_sent(
    moderated: Callable[..., None], editor: User, chief: User, browser: Browser, person: Any
) -> None:
    """On the page and in the fragment, to those who see the prompt; not where nothing was changed."""
    moderated(lambda prompt, **values: "a <badger>" if "fox" in prompt else None)
    changed, plain = orders.place("a fox", user=editor), orders.place("an owl", user=editor)
    page = reverse("admin:seedream_django_generation_change", args=[changed.pk])
    for user in (editor, chief):
        for address in (
            reverse(STATUS, args=[changed.pk]),
            f"{reverse(STATUS, args=[changed.pk])}?in=field",
            page,
        ):
            shown = browser(user).get(address).content.decode()
            assert "Sent as: “<bdi>a &lt;badger&gt;</bdi>”" in shown
    assert ">a fox</blockquote>" in browser(editor).get(page).content.decode()
    assert "Sent as" not in browser(editor).get(reverse(STATUS, args=[plain.pk])).content.decode()
    assert browser(person("p", "generate")).get(reverse(STATUS, args=[changed.pk])).status_code == 404


def test_the_list_and_the_next_order_have_what_was_written(
    moderated: Callable[..., None], editor: User, browser: Browser
) -> None:
    """The editor's own words: in the list, and where "Change and order again" begins."""
    moderated(repaint)
    row = orders.place("a fox", user=editor)
    shown = browser(editor).get(reverse("admin:seedream_django_generation_changelist")).content.decode()
    assert "a fox" in shown
    assert "badger" not in shown
    begun = browser(editor).get(f"{reverse(ADD)}?from={row.pk}").content.decode()
    assert typed(begun) == ["a fox"]


# -- The provider's own refusal is final ---------------------------------------------------------------------

FINAL_WORDS = (
    "The provider's safety check refused these words, and that is final. Change the prompt and order again."
)


@pytest.mark.parametrize(
    ("word", "cost"),
    [("refused", "Nothing was charged."), ("flagged-late", "The provider reported no charge.")],
)
def test_a_safety_refusal_is_told_as_final(
    word: str, cost: str, editor: User, browser: Browser, books: Books
) -> None:
    """No button orders the same words again; to change them leads on; nothing was charged."""
    row, client = made(f"a fox sandbox:{word}", user=editor), browser(editor)
    assert (row.state, row.error_kind) == (State.FAILED, "safety")
    assert said(client, row).endswith(
        f"{cost} That is final for these words. Change the prompt and order again; the prompt is kept."
    )
    assert sum(charge.images for charge in books.charges()) == 0
    page = client.get(reverse("admin:seedream_django_generation_change", args=[row.pk])).content.decode()
    assert "seedream-again" not in page
    (change,) = re.findall(rf'<a href="[^"]*\?from={row.pk}" class="([^"]*)">', page)
    assert "seedream-lead" in change


def test_the_same_refused_words_are_not_ordered_again(editor: User, browser: Browser) -> None:
    """Whatever page was still open, or from Python: the order is refused with the reason."""
    row = made("a fox sandbox:refused", user=editor)
    with pytest.raises(InvalidOrder) as caught:
        orders.again(row, user=editor)
    assert caught.value.errors == {"prompt": [FINAL_WORDS]}
    page = browser(editor).post(reverse("seedream_django:again", args=[row.pk]), follow=True)
    assert FINAL_WORDS in unescape(page.content.decode())
    assert Generation.objects.count() == 1


def test_the_action_leaves_refused_words_out(editor: User, browser: Browser) -> None:
    """Of two failed orders one is offered again; the other is left out, and it is said why."""
    refused, failed = (made(f"a fox sandbox:{word}", user=editor) for word in ("refused", "misspelt"))
    address = reverse("admin:seedream_django_generation_changelist")
    data = {"action": "try_again", "_selected_action": [str(refused.pk), str(failed.pk)]}
    page = unescape(browser(editor).post(address, data).content.decode())
    assert f"1 order is left out: {FINAL_WORDS}" in page
    assert re.findall(r'name="_selected_action" value="([^"]+)"', page) == [str(failed.pk)]
    data["_selected_action"] = [str(refused.pk)]
    page = unescape(browser(editor).post(address, data, follow=True).content.decode())
    assert f"1 order is left out: {FINAL_WORDS}" in page
    assert "Nothing to do" in page
    assert Generation.objects.count() == 2


def test_some_that_came_are_no_refusal(editor: User, browser: Browser) -> None:
    """Where three of four came, more of the same may be ordered, though the fourth was refused."""
    row = made("a fox", user=editor)
    Generation.objects.update(error_kind="safety", expected=2)
    assert "seedream-again" in browser(editor).get(reverse(STATUS, args=[row.pk])).content.decode()


# -- The list of patterns ------------------------------------------------------------------------------------

PATTERNS = "seedream_django.moderation.patterns"


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        ("a fox", "a fox"),
        ("a portrait of Jane Doe", None),
        ("JANE\nDOE, smiling", None),
        ("a can of Acme", "a can of our product"),
        ("ACME acme", "our product our product"),
        ("a map of Sector 7", "a map of area 7"),
    ],
)
def test_patterns(prompt: str, sent: str | None, moderated: Callable[..., None], db: None) -> None:
    """A pair refuses with its words, a triple replaces; capital or small, one after the other."""
    rules = [(r"jane\s+doe", gettext_lazy("No people.")), (r"\bacme\b", None, "our product"),
             (r"sector (\d)", None, r"area \1")]  # fmt: skip
    moderated(PATTERNS, *rules)
    if sent is None:
        with pytest.raises(Moderated) as caught:
            orders.place(prompt)
        assert caught.value.errors == {"prompt": ["No people."]}
    else:
        assert orders.place(prompt).sent == sent


def test_rules_are_gone_through_in_order(moderated: Callable[..., None], db: None) -> None:
    """A later rule sees what an earlier one made."""
    moderated(PATTERNS, ("fox", None, "wolf"), ("wolf", "No wolves."))
    with pytest.raises(Moderated, match="No wolves"):
        orders.place("a fox")


RULES = [
    (("a", "b"), ""),
    (["a", None, "b"], ""),
    (("a", gettext_lazy("No.")), ""),
    (("(", "b"), "it is no regular expression"),
    (("a", None, r"\1"), "it is no regular expression"),
    (("a", ""), "it has no words"),
    (("a", None), "it has no words"),
    (("a", "b", "c"), "the second of three is None"),
    (("a", None, None), "the second of three is None"),
    (("a",), "it is neither"),
    ("ab", "it is neither"),
    ((1, "b"), "it is neither"),
    (None, "it is neither"),
]


@pytest.mark.parametrize(("rule", "problem"), RULES, ids=repr)
def test_problems_of_rules(rule: Any, problem: str, moderated: Callable[..., None], db: None) -> None:
    """What the check says of a rule; and one that it has nothing against does not fail an order."""
    assert moderation.problem_of(rule).startswith(problem)
    assert bool(moderation.problem_of(rule)) is bool(problem)
    if not problem:
        moderated(PATTERNS, rule)
        assert orders.place("xyz").sent == "xyz"


# -- Wrong settings are told before anybody orders -----------------------------------------------------------

CHECKS = [
    ({}, []),
    ({"MODERATE": PATTERNS, "MODERATION_PATTERNS": [("a", "No.")]}, []),
    ({"MODERATE": spy}, []),
    ({"MODERATE": "tests.test_moderation.spy", "MODERATION_PATTERNS": [("a", "No.")]}, []),
    ({"MODERATE": "nowhere.moderate"}, ["seedream.E008"]),
    ({"MODERATE": "nowhere"}, ["seedream.E008"]),
    ({"MODERATE": "seedream_django.moderation.nothing"}, ["seedream.E008"]),
    ({"MODERATE": "tests.test_moderation.NO"}, ["seedream.E008"]),
    (
        {"MODERATE": PATTERNS, "MODERATION_PATTERNS": [("a", "No."), ("(", "No."), ("b", "")]},
        ["seedream.E009"] * 2,
    ),
    ({"MODERATION_PATTERNS": [("a", "No.")]}, ["seedream.W010"]),
    ({"MODERATION_PATTERNS": "ab"}, []),  # that is no list: E006
]


@pytest.mark.parametrize(("seedream", "expected"), CHECKS)
def test_checks(seedream: dict[str, Any], expected: list[str], settings: Any) -> None:
    """A path that leads nowhere, rules that cannot be used, rules that nobody reads; each with what to type."""
    settings.SEEDREAM = seedream
    found = checks.check_moderation()
    assert [message.id for message in found] == expected
    assert all(message.hint for message in found)


def test_the_check_names_the_rule(settings: Any) -> None:
    """Of a long list one knows which."""
    settings.SEEDREAM = {"MODERATE": PATTERNS, "MODERATION_PATTERNS": [("a", "No."), ("(", "No.")]}
    (message,) = checks.check_moderation()
    assert message.msg.startswith(
        'Rule 2 of SEEDREAM["MODERATION_PATTERNS"] cannot be used: it is no regular'
    )


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("MODERATE", 3, spy),
        ("MODERATION_PATTERNS", "fox", [("fox", "No.")]),
        ("PROMPT_DAYS", "30", 30),
        ("PROMPT_DAYS", 0, None),
    ],
)
def test_kinds(name: str, wrong: Any, right: Any, settings: Any) -> None:
    """Each of these settings is looked at like the others."""
    settings.SEEDREAM = {name: wrong}
    assert [(m.id, f'"{name}"' in m.msg) for m in checks.check_values()] == [("seedream.E006", True)]
    settings.SEEDREAM = {name: right}
    assert checks.check_values() == []


def test_money_is_asked_after_it(moderated: Callable[..., None], editor: User) -> None:
    """A refused prompt reserves nothing, and is told before a budget is."""
    Budget.objects.create(user=editor, limit=0)
    moderated(refuse)
    with pytest.raises(Moderated):
        orders.place("a fox", user=editor)
    moderated(None)
    with pytest.raises(OverBudget):
        orders.place("a fox", user=editor)


def test_a_form_of_one_s_own(moderated: Callable[..., None], editor: User) -> None:
    """Whoever uses the form in Python finds the words among its errors, by field."""
    moderated(refuse)
    form = InPlaceForm({"prompt": "a fox", "shape": "1:1", "results": "1"}, user=editor)
    assert not form.is_valid()
    assert form.errors == {"prompt": [NO]}
