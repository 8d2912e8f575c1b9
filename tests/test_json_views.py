"""One picture as JSON: what everybody may know of it, where a site wants that, and of no other picture anything."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from seedream_django.models import GeneratedImage, Generation, ImageState, Review

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SEEDREAM |= {"JSON": True}


@pytest.fixture
def image(editor: User) -> GeneratedImage:
    image: GeneratedImage = made(
        "a secret fox, in the snow", user=editor, width=2848, height=1600
    ).images.get()
    GeneratedImage.objects.update(alt="A fox", focal_x=30)
    return image


def address(image: GeneratedImage | uuid.UUID) -> str:
    number = image.image_uuid if isinstance(image, GeneratedImage) else image
    return reverse("seedream_django:picture", args=[number])


def test_what_is_told(image: GeneratedImage, client: Client, django_assert_num_queries: Any) -> None:
    """File, preview, words and focal point, with whole addresses; in one query, of no session and for any cache."""
    with django_assert_num_queries(1):
        response = client.get(address(image))
    assert json.loads(response.content) == {
        "uuid": str(image.image_uuid),
        "title": "",
        "alt": "A fox",
        "decorative": False,
        "width": 2848,
        "height": 1600,
        "format": "JPG",
        "url": f"http://testserver{image.file_url}",
        "preview": f"http://testserver{image.preview_url}",
        "focal_point": {"x": 30, "y": 50},
        "made_with_ai": True,
    }
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in response.headers or "Cookie" not in response.headers["Vary"]
    assert not response.cookies
    assert address(image).endswith(f"/pictures/{image.image_uuid}.json")


def test_no_prompt_and_no_person(image: GeneratedImage, client: Client, settings: Any) -> None:
    """The title that every picture is given is the beginning of its prompt: only one that somebody wrote is told."""
    body = client.get(address(image)).json()
    told = json.dumps({key: value for key, value in body.items() if key not in ("url", "preview")})
    assert image.title == "A secret fox"
    for word in ("secret", "edda", "0.0", str(image.generation_id), "seed"):
        assert word not in told, word
    GeneratedImage.objects.update(title="Winter „“ 🦊")
    assert client.get(address(image)).json()["title"] == "Winter „“ 🦊"


def test_one_that_only_decorates(image: GeneratedImage, client: Client) -> None:
    """It has no words, whatever text it still has."""
    GeneratedImage.objects.update(decorative=True)
    body = client.get(address(image)).json()
    assert (body["alt"], body["decorative"]) == ("", True)


@pytest.mark.parametrize(
    "gone",
    [
        {"flagged": True},
        {"flagged": True, "review": Review.REJECTED},
        {"flagged": True, "review": Review.APPROVED, "private_file": "x"},
        {"state": ImageState.RECEIVED},
        {"state": ImageState.FAILED},
        {"file": ""},
    ],
)
def test_what_may_not_be_shown_is_not_there(
    gone: dict[str, Any], image: GeneratedImage, owner: User, client: Client
) -> None:
    """Not even for an owner: the answer is one for all."""
    client.force_login(owner)
    GeneratedImage.objects.update(**gone)
    assert client.get(address(image)).status_code == 404


def test_nothing_else_is_there(image: GeneratedImage, client: Client, settings: Any) -> None:
    """Not what was cancelled, not what there never was, and nothing at all where the setting is off."""
    assert client.get(address(uuid.uuid4())).status_code == 404
    Generation.objects.update(hidden=True)
    assert client.get(address(image)).status_code == 404
    Generation.objects.update(hidden=False)
    assert client.get(address(image)).status_code == 200
    settings.SEEDREAM |= {"JSON": False}
    assert client.get(address(image)).status_code == 404


def test_who_has_it_already_is_told_so(image: GeneratedImage, client: Client) -> None:
    """With the same ETag there is no body; once anything changed, there is a new one."""
    first = client.get(address(image))
    again = client.get(address(image), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "public, max-age=60"
    GeneratedImage.objects.update(alt="A fox looks back")
    changed = client.get(address(image), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_methods(image: GeneratedImage, client: Client) -> None:
    """One may ask, and nothing more."""
    head = client.head(address(image))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"]
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(address(image)).status_code == 405, method
