"""Taking an order: what is refused, in which words and for which field, before any row is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

import seedream_django
from seedream_django import orders, signals
from seedream_django.exceptions import InvalidOrder, NoStorage, NotAllowed, SwitchedOff
from seedream_django.models import Generation, State, Switch
from seedream_django.sandbox import Books

from .steps import carry, made, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Person = Callable[..., User]

# -- Bad input -----------------------------------------------------------------------------------------------

#: The order, and the fields that must be named, each with a piece of its sentence.
BAD = [
    ({"prompt": ""}, {"prompt": "1 to 2000 characters"}),
    ({"prompt": " \r\n\t "}, {"prompt": "1 to 2000 characters"}),
    ({"prompt": "\x00\x00"}, {"prompt": "1 to 2000 characters"}),
    ({"prompt": "x" * 2001}, {"prompt": "it has 2001"}),
    ({"prompt": "🦊" * 2001}, {"prompt": "it has 2001"}),
    ({"prompt": None}, {"prompt": "Must be text."}),
    ({"prompt": 5}, {"prompt": "Must be text."}),
    ({"prompt": b"a fox"}, {"prompt": "Must be text."}),
    ({"results": 0}, {"results": "from 1 to 20; it is 0"}),
    ({"results": 21}, {"results": "from 1 to 20; it is 21"}),
    ({"results": -1}, {"results": "from 1 to 20"}),
    ({"results": "2"}, {"results": "whole number"}),
    ({"results": 2.0}, {"results": "whole number"}),
    ({"results": True}, {"results": "whole number"}),
    ({"size": "1024x1024"}, {"width": ""}),
    ({"size": "9999x9999"}, {"width": ""}),
    ({"size": "16000x640"}, {"width": ""}),
    ({"size": "large"}, {"size": "Write a size as width x height, such as 2848x1600."}),
    ({"size": "2048"}, {"size": "Write a size"}),
    ({"size": "2048x2048x2048"}, {"size": "Write a size"}),
    ({"size": (2048,)}, {"size": "Write a size"}),
    ({"size": 2048}, {"size": "Write a size"}),
    ({"size": (2048.7, 2048)}, {"width": "whole number"}),
    ({"size": (float("inf"), 2048)}, {"width": "whole number"}),
    ({"size": ("2048", None)}, {"width": "whole number"}),
    ({"width": "2048", "height": 2048}, {"width": "whole number"}),
    ({"output_format": "GIF"}, {"output_format": "Choose one of: JPG, PNG, WEBP."}),
    ({"output_format": "png"}, {"output_format": "Choose one of"}),
    ({"output_quality": 19}, {"output_quality": "from 20 to 99"}),
    ({"output_quality": 100}, {"output_quality": "from 20 to 99"}),
    ({"optimize_prompt_mode": "slow"}, {"optimize_prompt_mode": "Choose one of"}),
    ({"result": 2}, {"result": "Did you mean “results”?"}),
    ({"heigth": 2}, {"heigth": "Did you mean “height”?"}),
    ({"format": "PNG"}, {"format": "Did you mean “output_format”?"}),
    ({"seed": 7}, {"seed": "There is no parameter “seed”. There are: prompt, width, height, results"}),
    ({"negative_prompt": "dogs"}, {"negative_prompt": "There is no parameter “negative_prompt”."}),
    ({"include_cost": False}, {"include_cost": "There is no parameter “include_cost”."}),
    ({"prompt": "", "results": 0}, {"prompt": "characters", "results": "from 1 to 20"}),
]


@pytest.mark.parametrize(("values", "named"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input(values: dict[str, Any], named: dict[str, str]) -> None:
    """One InvalidOrder names every wrong field in a sentence, and no row is made."""
    with pytest.raises(InvalidOrder) as caught:
        seedream_django.generate(**{"prompt": "a fox", **values})
    errors = caught.value.errors
    assert set(named) <= set(errors) <= set(named) | {"width", "height"}
    for field, piece in named.items():
        assert piece in " ".join(errors[field])
        assert field in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert not Generation.objects.exists()


GOOD_PROMPTS = [
    ("x" * 2000, "x" * 2000),
    ("🦊" * 2000, "🦊" * 2000),
    ("  a fox \r\n in snow\r", "a fox \n in snow"),
    ("a\r\n" * 999 + "bb", "a\n" * 999 + "bb"),
    ("a\x00 fox\x1b[31m\x7f", "a fox[31m"),
    ("half\ud83e of an emoji", "half of an emoji"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
]


@pytest.mark.parametrize(("typed", "kept"), GOOD_PROMPTS, ids=range(len(GOOD_PROMPTS)))
def test_prompts_as_they_are_kept(typed: str, kept: str) -> None:
    """2,000 characters are counted as people count them; NUL, escapes and CRLF never reach a row."""
    generation = orders.place(typed)
    generation.refresh_from_db()
    assert generation.prompt == kept


@pytest.mark.parametrize(
    "size", ["2848x1600", "2848×1600", " 2848 X 1600 ", (2848, 1600), [2848, 1600]], ids=str
)
def test_sizes_as_people_write_them(size: Any) -> None:
    """A size is a text or a pair."""
    generation = seedream_django.generate("a fox", size=size)
    assert (generation.width, generation.height) == (2848, 1600)


@pytest.mark.parametrize(("given", "missing"), [({"width": 2848}, "height"), ({"height": 1600}, "width")])
def test_a_side_alone_is_half_a_size(given: dict[str, int], missing: str) -> None:
    """The two come as a pair: the other is not made up from the default."""
    with pytest.raises(InvalidOrder) as refused:
        orders.place("a fox", **given)
    assert refused.value.errors == {missing: ["This value is required."]}


def test_none_means_the_default() -> None:
    """A caller may pass on what was not given."""
    generation = seedream_django.generate("a fox", size=None, results=None, output_format=None, width=None)
    assert (generation.expected, generation.width, generation.height) == (1, 2048, 2048)
    assert "outputFormat" not in generation.parameters


def test_listed_sizes_only(settings: Any) -> None:
    """By a setting only the provider's own list is taken."""
    settings.SEEDREAM |= {"LISTED_SIZES_ONLY": True}
    with pytest.raises(InvalidOrder):
        orders.place("a fox", width=2560, height=1440)
    assert orders.place("a fox", width=2848, height=1600)


# -- The row -------------------------------------------------------------------------------------------------


def test_row_of_an_order(editor: User) -> None:
    """The row says who, how, what it will cost, until when, and what goes to the provider."""
    generation = seedream_django.generate(
        "a fox", results=3, user=editor, output_format="PNG", output_quality=80
    )
    generation.refresh_from_db()
    assert (generation.user, generation.door, generation.expected) == (editor, "python", 3)
    assert (generation.state, generation.estimate) == (State.QUEUED, Decimal("0.105"))
    assert generation.deadline
    assert generation.deadline > generation.created_at
    assert generation.pk.version == 4
    sent = generation.parameters
    assert (sent["outputFormat"], sent["numberResults"], sent["outputQuality"]) == ("PNG", 3, 80)
    assert (sent["deliveryMethod"], sent["includeCost"], sent["outputType"]) == ("async", True, "URL")
    assert not {"taskUUID", "positivePrompt"} & set(sent)


def test_provider_gets_what_was_ordered(books: Books) -> None:
    """The task in the sandbox's books is the order, with the row's UUID."""
    generation = made("a fox", width=2848, height=1600, optimize_prompt_mode="fast")
    task = json.loads(books.request(str(generation.pk)))
    assert (task["taskUUID"], task["positivePrompt"]) == (str(generation.pk), "a fox")
    assert (task["width"], task["height"]) == (2848, 1600)
    assert task["providerSettings"]["bytedance"]["optimizePromptMode"] == "fast"


# -- Once ----------------------------------------------------------------------------------------------------


def test_the_same_key_is_the_same_row() -> None:
    """``key=``: the same order twice is one row, paid once; a changed order under that key is another."""
    first = seedream_django.generate("a fox", key="teaser-7")
    assert seedream_django.generate("a fox ", key="teaser-7").pk == first.pk
    assert seedream_django.generate("a fox", key="teaser-8").pk != first.pk
    assert seedream_django.generate("an owl", key="teaser-7").pk != first.pk
    assert seedream_django.generate("a fox", key="teaser-7", results=2).pk != first.pk
    assert Generation.objects.count() == 4


def test_without_a_key_each_order_is_its_own() -> None:
    """The same words twice are two orders, where nobody says otherwise."""
    assert orders.place("a fox").pk != orders.place("a fox").pk


def test_a_key_belongs_to_one_person(editor: User, chief: User) -> None:
    """Two people who use one key do not get each other's row."""
    rows = {orders.place("a fox", user=user, nonce="n").pk for user in (editor, chief, None)}
    assert len(rows) == 3


def test_a_key_used_after_the_end(books: Books) -> None:
    """The same key next year is still the same row: done, and not paid again."""
    first = made("a fox", nonce="n")
    assert carry(orders.place("a fox", nonce="n")).pk == first.pk
    assert len(books.charges()) == 1


# -- Who may -------------------------------------------------------------------------------------------------


def test_rights(person: Person, editor: User, owner: User) -> None:
    """Editors and owners may; others may not; the site's own code may."""
    for user in (editor, owner, None):
        assert orders.place("a fox", user=user)
    count = Generation.objects.count()
    for user in (person("plain"), person("gone", "generate", is_active=False), AnonymousUser()):
        with pytest.raises(NotAllowed, match="You may not generate pictures"):
            orders.place("a fox", user=user)
    assert Generation.objects.count() == count


def test_rights_come_before_the_form(person: Person) -> None:
    """Who may not order is told that, not what is wrong with the order."""
    with pytest.raises(NotAllowed):
        orders.place("", user=person("plain"))


@pytest.mark.parametrize("reason", ["Budget spent.", ""])
def test_switched_off(reason: str, owner: User) -> None:
    """Off means off for everybody, the site's own code too, with the owner's reason."""
    Switch.objects.create(pk=1, on=False, reason=reason)
    for user in (None, owner):
        with pytest.raises(SwitchedOff) as caught:
            orders.place("a fox", user=user)
        assert str(caught.value) == f"Generating is switched off: {reason or 'no reason is given.'}"
    assert not Generation.objects.exists()


NOWHERE = {"BACKEND": "nowhere.Storage"}


@pytest.mark.parametrize("storage", ["gone", "broken"])
def test_nothing_is_taken_that_could_not_be_kept(storage: str, settings: Any, owner: User) -> None:
    """With a storage that is not there, or cannot be loaded, an order is refused in words, before any row."""
    settings.STORAGES = {**settings.STORAGES, "broken": NOWHERE}
    settings.SEEDREAM |= {"STORAGE": storage}
    for user in (None, owner):
        with pytest.raises(NoStorage, match=r"cannot be kept at the moment\. Tell an administrator"):
            orders.place("a fox", user=user)
    assert not Generation.objects.exists()


def test_nothing_is_sent_that_could_not_be_kept(settings: Any, books: Books) -> None:
    """A storage that is gone after the order: it waits unpaid, and is made once the storage is back."""
    generation = orders.place("a fox")
    good = settings.SEEDREAM
    settings.SEEDREAM = {**good, "STORAGE": "gone"}
    turn(3)
    generation.refresh_from_db()
    assert (generation.state, books.accepted()) == (State.QUEUED, [])
    settings.SEEDREAM = good
    assert carry(generation).state == State.DONE


@pytest.mark.parametrize("wanted", [True, False])
def test_the_safety_check(wanted: bool, settings: Any) -> None:
    """It is the owner's to ask for, with every order; never an order's own."""
    settings.SEEDREAM |= {"SAFETY_CHECK": wanted}
    asked = orders.place("a fox").parameters.get("safety")
    assert asked == ({"checkContent": True} if wanted else None)
    with pytest.raises(InvalidOrder, match="check_content"):
        orders.place("a fox", check_content=not wanted)


# -- Again ---------------------------------------------------------------------------------------------------


def test_again_is_a_new_row(books: Books) -> None:
    """The same order, a new row with a new UUID, its own seed and its own charge."""
    first = made(
        "a fox", width=2848, height=1600, results=2, output_format="WEBP", optimize_prompt_mode="fast"
    )
    second = carry(orders.again(first))
    assert (second.parent, second.parameters, second.prompt) == (first, first.parameters, first.prompt)
    assert second.pk != first.pk
    assert len(books.charges()) == 2
    seeds = {image.seed for row in (first, second) for image in row.images.all()}
    assert len(seeds) == 4


# -- Telling the queue ---------------------------------------------------------------------------------------


def test_a_receiver_that_fails_does_not_refuse_the_order(
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The row is taken when it is committed; a queue that is down changes nothing about that."""

    def broken(**kwargs: Any) -> None:
        raise ConnectionError("the queue is down")

    signals.generation_queued.connect(broken)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            generation = orders.place("a fox")
    finally:
        signals.generation_queued.disconnect(broken)
    assert Generation.objects.filter(pk=generation.pk).exists()


def test_one_signal_for_one_row(django_capture_on_commit_callbacks: Any) -> None:
    """A repeated order wakes nobody a second time."""
    told: list[Any] = []

    def listen(generation: Generation, **kwargs: Any) -> None:
        told.append(generation.pk)

    signals.generation_queued.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            rows = [orders.place("a fox", nonce="n") for _ in range(2)]
    finally:
        signals.generation_queued.disconnect(listen)
    assert told == [rows[0].pk]
