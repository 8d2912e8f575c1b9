"""Who may open, see and do what: every address of ours and every action, discovered, for every kind of person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from seedream_django import orders, places, slots, storyboards, tokens, turns, urls
from seedream_django.admin import SeedreamAdminMixin
from seedream_django.models import (
    Beat,
    Budget,
    BulkItem,
    BulkRun,
    BulkState,
    GeneratedImage,
    Generation,
    ImageState,
    ItemState,
    LedgerEntry,
    PromptTemplate,
    ReferenceFile,
    Slot,
    State,
    Style,
    Switch,
    Tag,
)

from .conftest import EDITOR_MAY
from .editor import Form
from .steps import carry, made
from .test_docs import reference, rows_of
from .test_references import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Person = Callable[..., User]

OURS = "seedream_django"
#: What only those read who may see the editor's prompts: a word of each, in titles and names of files as well.
WORD = "zebrafish"
ARTICLES = ("add_article", "change_article", "view_article", "delete_article", "view_topic", "change_topic")


# -- People --------------------------------------------------------------------------------------------------

#: Nobody; somebody whose account is closed, with every permission, and let in by a backend that asks for none; staff
#: that writes articles; somebody who orders elsewhere and has nothing to do with this editor's order; the editor whose
#: order it is; one who has every permission of ours; and a superuser.
PEOPLE = ("nobody", "closed", "without", "stranger", "editor", "chief", "owner")


@pytest.fixture
def people(settings: Any, person: Person, owner: User) -> dict[str, User | None]:
    backends = ("ModelBackend", "AllowAllUsersModelBackend")
    settings.AUTHENTICATION_BACKENDS = [f"django.contrib.auth.backends.{name}" for name in backends]
    all_of_ours = Permission.objects.filter(content_type__app_label=OURS).values_list("codename", flat=True)
    return {
        "nobody": None,
        "closed": person("ina", *all_of_ours, *ARTICLES, is_active=False),
        "without": person("wanda", *ARTICLES),
        "stranger": person(
            "sam", "generate", "view_generation", "view_generatedimage", "change_generatedimage"
        ),
        "editor": person("edda", *EDITOR_MAY, *ARTICLES, "bulk"),
        "chief": person("carl", *all_of_ours, *ARTICLES),
        "owner": owner,
    }


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.AllowAllUsersModelBackend")
    return client


# -- The matrix ----------------------------------------------------------------------------------------------

#: The status for each of PEOPLE, in that order; “login” leads there; with a star something changed: was ordered,
#: decided, saved. At the addresses of the editor's own rows, with what is good to send there.
MATRIX = """
admin:app_list GET                                   login login   404   200   200   200   200
admin:app_list POST                                  login login   404   200   200   200   200
admin:autocomplete GET                               login login   403   200   200   200   200
admin:autocomplete POST                              login login   405   405   405   405   405
admin:index GET                                      login login   200   200   200   200   200
admin:index POST                                     login login   200   200   200   200   200
admin:magazine_article_add GET                       login login   200   403   200   200   200
admin:magazine_article_add POST                      login login   200   403  302*  302*  302*
admin:magazine_article_change GET                    login login   200   403   200   200   200
admin:magazine_article_change POST                   login login   200   403  302*  302*  302*
admin:magazine_article_changelist GET                login login   200   403   200   200   200
admin:magazine_article_changelist POST               login login   200   403   200   200   200
admin:magazine_topic_add GET                         login login   403   403   403   403   200
admin:magazine_topic_add POST                        login login   403   403   403   403  302*
admin:magazine_topic_change GET                      login login   200   403   200   200   200
admin:magazine_topic_change POST                     login login   200   403  302*  302*  302*
admin:magazine_topic_changelist GET                  login login   200   403   200   200   200
admin:magazine_topic_changelist POST                 login login   200   403   200   200   200
admin:seedream_django_budget/ GET                    login login   302   302   302   302   302
admin:seedream_django_budget/ POST                   login login   302   302   302   302   302
admin:seedream_django_budget_add GET                 login login   403   403   403   200   200
admin:seedream_django_budget_add POST                login login   403   403   403  302*  302*
admin:seedream_django_budget_change GET              login login   403   403   403   200   200
admin:seedream_django_budget_change POST             login login   403   403   403  302*  302*
admin:seedream_django_budget_changelist GET          login login   403   403   403   200   200
admin:seedream_django_budget_changelist POST         login login   403   403   403   200   200
admin:seedream_django_budget_delete GET              login login   403   403   403   200   200
admin:seedream_django_budget_delete POST             login login   403   403   403  302*  302*
admin:seedream_django_budget_history GET             login login   403   403   403   200   200
admin:seedream_django_budget_history POST            login login   403   403   403   200   200
admin:seedream_django_bulkrun_again GET              login login   405   405   405   405   405
admin:seedream_django_bulkrun_again POST             login login   403   403  302*   403   403
admin:seedream_django_bulkrun_cancel GET             login login   405   405   405   405   405
admin:seedream_django_bulkrun_cancel POST            login login   403   403  302*  302*  302*
admin:seedream_django_bulkrun_change GET             login login   403   403   200   200   200
admin:seedream_django_bulkrun_change POST            login login   405   405   405   405   405
admin:seedream_django_bulkrun_changelist GET         login login   403   403   200   200   200
admin:seedream_django_bulkrun_changelist POST        login login   403   403   200   200   200
admin:seedream_django_bulkrun_pause GET              login login   405   405   405   405   405
admin:seedream_django_bulkrun_pause POST             login login   403   403  302*  302*  302*
admin:seedream_django_bulkrun_plan GET               login login   405   405   405   405   405
admin:seedream_django_bulkrun_plan POST              login login   403   403  302*   403   403
admin:seedream_django_bulkrun_rest GET               login login   405   405   405   405   405
admin:seedream_django_bulkrun_rest POST              login login   403   403  302*   403   403
admin:seedream_django_bulkrun_resume GET             login login   405   405   405   405   405
admin:seedream_django_bulkrun_resume POST            login login   403   403  302*   403   403
admin:seedream_django_bulkrun_sample GET             login login   405   405   405   405   405
admin:seedream_django_bulkrun_sample POST            login login   403   403  302*   403   403
admin:seedream_django_bulkrun_state GET              login login   403   403   200   200   200
admin:seedream_django_bulkrun_state POST             login login   405   405   405   405   405
admin:seedream_django_finding_changelist GET         login login   403   403   403   200   200
admin:seedream_django_finding_changelist POST        login login   405   405   405   405   405
admin:seedream_django_finding_examine GET            login login   405   405   405   405   405
admin:seedream_django_finding_examine POST           login login   403   403   403   302   302
admin:seedream_django_finding_state GET              login login   403   403   403   200   200
admin:seedream_django_finding_state POST             login login   405   405   405   405   405
admin:seedream_django_generatedimage/ GET            login login   302   302   302   302   302
admin:seedream_django_generatedimage/ POST           login login   302   302   302   302   302
admin:seedream_django_generatedimage_add GET         login login   403   403   403   403   403
admin:seedream_django_generatedimage_add POST        login login   403   403   403   403   403
admin:seedream_django_generatedimage_change GET      login login   403   302   200   200   200
admin:seedream_django_generatedimage_change POST     login login   403   302  302*  302*  302*
admin:seedream_django_generatedimage_changelist GET  login login   403   200   200   200   200
admin:seedream_django_generatedimage_changelist POST login login   403   200   200   200   200
admin:seedream_django_generatedimage_compare GET     login login   403   404   200   200   200
admin:seedream_django_generatedimage_compare POST    login login   405   405   405   405   405
admin:seedream_django_generatedimage_delete GET      login login   403   403   200   200   200
admin:seedream_django_generatedimage_delete POST     login login   403   403  302*  302*  302*
admin:seedream_django_generatedimage_download GET    login login   403   404   200   200   200
admin:seedream_django_generatedimage_download POST   login login   405   405   405   405   405
admin:seedream_django_generatedimage_favourite GET   login login   403   404   200   200   200
admin:seedream_django_generatedimage_favourite POST  login login   403   404  302*  302*  302*
admin:seedream_django_generatedimage_history GET     login login   302   302   200   200   200
admin:seedream_django_generatedimage_history POST    login login   302   302   200   200   200
admin:seedream_django_generatedimage_import GET      login login   403   403   403   200   200
admin:seedream_django_generatedimage_import POST     login login   403   403   403  200*  200*
admin:seedream_django_generatedimage_look GET        login login   403   403   403   200   200
admin:seedream_django_generatedimage_look POST       login login   405   405   405   405   405
admin:seedream_django_generatedimage_review GET      login login   403   403   403   200   200
admin:seedream_django_generatedimage_review POST     login login   403   403   403  302*  302*
admin:seedream_django_generatedimage_review_queue GET login login 403   403   403   200   200
admin:seedream_django_generatedimage_review_queue POST login login 403  403   403  302*  302*
admin:seedream_django_generation/ GET                login login   302   302   302   302   302
admin:seedream_django_generation/ POST               login login   302   302   302   302   302
admin:seedream_django_generation_add GET             login login   403   200   200   200   200
admin:seedream_django_generation_add POST            login login   403  302*  302*  302*  302*
admin:seedream_django_generation_back GET            login login   405   405   405   405   405
admin:seedream_django_generation_back POST           login login   403   404  302*  302*  302*
admin:seedream_django_generation_before_all GET      login login   405   405   405   405   405
admin:seedream_django_generation_before_all POST     login login   403   404   403  302*  302*
admin:seedream_django_generation_change GET          login login   404   404   200   200   200
admin:seedream_django_generation_change POST         login login   404   404   200   200   200
admin:seedream_django_generation_changelist GET      login login   403   200   200   200   200
admin:seedream_django_generation_changelist POST     login login   403   200   200   200   200
admin:seedream_django_generation_delete GET          login login   403   403   200   200   200
admin:seedream_django_generation_delete POST         login login   403   403  302*  302*  302*
admin:seedream_django_generation_first GET           login login   405   405   405   405   405
admin:seedream_django_generation_first POST          login login   403   404  302*   403   403
admin:seedream_django_generation_frame GET           login login   403   404   200   200   200
admin:seedream_django_generation_frame POST          login login   403   404  302*  302*  302*
admin:seedream_django_generation_frame_caption GET   login login   405   405   405   405   405
admin:seedream_django_generation_frame_caption POST  login login   403   404  302*  302*  302*
admin:seedream_django_generation_frame_put GET       login login   405   405   405   405   405
admin:seedream_django_generation_frame_put POST      login login   403   404  302*  302*  302*
admin:seedream_django_generation_go_on GET           login login   405   405   405   405   405
admin:seedream_django_generation_go_on POST          login login   403   403   403   302   302
admin:seedream_django_generation_history GET         login login   302   302   200   200   200
admin:seedream_django_generation_history POST        login login   302   302   200   200   200
admin:seedream_django_generation_pause GET           login login   405   405   405   405   405
admin:seedream_django_generation_pause POST          login login   403   403   403  302*  302*
admin:seedream_django_generation_queue GET           login login   403   200   200   200   200
admin:seedream_django_generation_queue POST          login login   405   405   405   405   405
admin:seedream_django_generation_queue_state GET     login login   403   200   200   200   200
admin:seedream_django_generation_queue_state POST    login login   405   405   405   405   405
admin:seedream_django_generation_storyboard GET      login login   403   404   200   200   200
admin:seedream_django_generation_storyboard POST     login login   405   405   405   405   405
admin:seedream_django_generation_storyboard_state GET login login 403  404   200   200   200
admin:seedream_django_generation_storyboard_state POST login login 405 405   405   405   405
admin:seedream_django_generation_storyboard_zip GET  login login   403   404   200   200   200
admin:seedream_django_generation_storyboard_zip POST login login   405   405   405   405   405
admin:seedream_django_ledgerentry/ GET               login login   302   302   302   302   302
admin:seedream_django_ledgerentry/ POST              login login   302   302   302   302   302
admin:seedream_django_ledgerentry_add GET            login login   403   403   403   403   403
admin:seedream_django_ledgerentry_add POST           login login   403   403   403   403   403
admin:seedream_django_ledgerentry_change GET         login login   403   403   403   200   200
admin:seedream_django_ledgerentry_change POST        login login   403   403   403   403   403
admin:seedream_django_ledgerentry_changelist GET     login login   403   403   403   200   200
admin:seedream_django_ledgerentry_changelist POST    login login   403   403   403   200   200
admin:seedream_django_ledgerentry_csv GET            login login   403   403   403   200   200
admin:seedream_django_ledgerentry_csv POST           login login   403   403   403   200   200
admin:seedream_django_ledgerentry_delete GET         login login   403   403   403   403   403
admin:seedream_django_ledgerentry_delete POST        login login   403   403   403   403   403
admin:seedream_django_ledgerentry_history GET        login login   403   403   403   200   200
admin:seedream_django_ledgerentry_history POST       login login   403   403   403   200   200
admin:seedream_django_prompttemplate/ GET            login login   302   302   302   302   302
admin:seedream_django_prompttemplate/ POST           login login   302   302   302   302   302
admin:seedream_django_prompttemplate_add GET         login login   403   403   403   200   200
admin:seedream_django_prompttemplate_add POST        login login   403   403   403  302*  302*
admin:seedream_django_prompttemplate_change GET      login login   403   403   403   200   200
admin:seedream_django_prompttemplate_change POST     login login   403   403   403  302*  302*
admin:seedream_django_prompttemplate_changelist GET  login login   403   403   403   200   200
admin:seedream_django_prompttemplate_changelist POST login login   403   403   403   200   200
admin:seedream_django_prompttemplate_delete GET      login login   403   403   403   200   200
admin:seedream_django_prompttemplate_delete POST     login login   403   403   403  302*  302*
admin:seedream_django_prompttemplate_examples GET    login login   403   200   200   200   200
admin:seedream_django_prompttemplate_examples POST   login login   405   405   405   405   405
admin:seedream_django_prompttemplate_export GET      login login   403   403   403   200   200
admin:seedream_django_prompttemplate_export POST     login login   405   405   405   405   405
admin:seedream_django_prompttemplate_history GET     login login   403   403   403   200   200
admin:seedream_django_prompttemplate_history POST    login login   403   403   403   200   200
admin:seedream_django_prompttemplate_import GET      login login   403   403   403   200   200
admin:seedream_django_prompttemplate_import POST     login login   403   403   403   200   200
admin:seedream_django_prompttemplate_keep GET        login login   405   405   405   405   405
admin:seedream_django_prompttemplate_keep POST       login login   403   403   403  302*  302*
admin:seedream_django_prompttemplate_picture GET     login login   403   200   200   200   200
admin:seedream_django_prompttemplate_picture POST    login login   405   405   405   405   405
admin:seedream_django_style/ GET                     login login   302   302   302   302   302
admin:seedream_django_style/ POST                    login login   302   302   302   302   302
admin:seedream_django_style_add GET                  login login   403   403   403   200   200
admin:seedream_django_style_add POST                 login login   403   403   403  302*  302*
admin:seedream_django_style_change GET               login login   403   403   403   200   200
admin:seedream_django_style_change POST              login login   403   403   403  302*  302*
admin:seedream_django_style_changelist GET           login login   403   403   403   200   200
admin:seedream_django_style_changelist POST          login login   403   403   403   200   200
admin:seedream_django_style_delete GET               login login   403   403   403   200   200
admin:seedream_django_style_delete POST              login login   403   403   403  302*  302*
admin:seedream_django_style_history GET              login login   403   403   403   200   200
admin:seedream_django_style_history POST             login login   403   403   403   200   200
admin:seedream_django_switch/ GET                    login login   302   302   302   302   302
admin:seedream_django_switch/ POST                   login login   302   302   302   302   302
admin:seedream_django_switch_add GET                 login login   403   403   403   403   403
admin:seedream_django_switch_add POST                login login   403   403   403   403   403
admin:seedream_django_switch_change GET              login login   403   403   403   200   200
admin:seedream_django_switch_change POST             login login   403   403   403  302*  302*
admin:seedream_django_switch_changelist GET          login login   403   403   403   302   302
admin:seedream_django_switch_changelist POST         login login   403   403   403   302   302
admin:seedream_django_switch_delete GET              login login   403   403   403   403   403
admin:seedream_django_switch_delete POST             login login   403   403   403   403   403
admin:seedream_django_switch_history GET             login login   403   403   403   200   200
admin:seedream_django_switch_history POST            login login   403   403   403   200   200
admin:seedream_django_tag/ GET                       login login   302   302   302   302   302
admin:seedream_django_tag/ POST                      login login   302   302   302   302   302
admin:seedream_django_tag_add GET                    login login   403   403   403   403   403
admin:seedream_django_tag_add POST                   login login   403   403   403   403   403
admin:seedream_django_tag_change GET                 login login   403   403   403   200   200
admin:seedream_django_tag_change POST                login login   403   403   403  302*  302*
admin:seedream_django_tag_changelist GET             login login   403   403   403   200   200
admin:seedream_django_tag_changelist POST            login login   403   403   403   200   200
admin:seedream_django_tag_delete GET                 login login   403   403   403   200   200
admin:seedream_django_tag_delete POST                login login   403   403   403  302*  302*
admin:seedream_django_tag_history GET                login login   403   403   403   200   200
admin:seedream_django_tag_history POST               login login   403   403   403   200   200
admin:view_on_site GET                               login login   404   404   404   404   404
admin:view_on_site POST                              login login   404   404   404   404   404
seedream_django:again GET                              405   405   405   405   405   405   405
seedream_django:again POST                             403   403   404   404  302*  302*  302*
seedream_django:ask GET                                405   405   405   405   405   405   405
seedream_django:ask POST                               403   403   404   404   404  302*  302*
seedream_django:cancel GET                             405   405   405   405   405   405   405
seedream_django:cancel POST                            403   403   404   404  302*  302*  302*
seedream_django:live GET                               403   403   200   200   200   200   200
seedream_django:live POST                              405   405   405   405   405   405   405
seedream_django:order GET                              405   405   405   405   405   405   405
seedream_django:order POST                             403   403   422   403  201*  201*  201*
seedream_django:picture GET                            404   404   404   404   404   404   404
seedream_django:picture POST                           405   405   405   405   405   405   405
seedream_django:reference GET                          404   404   404   404   200   200   200
seedream_django:reference POST                         405   405   405   405   405   405   405
seedream_django:send_again GET                         405   405   405   405   405   405   405
seedream_django:send_again POST                        403   403   404   404   404  302*  302*
seedream_django:show GET                               405   405   405   405   405   405   405
seedream_django:show POST                              403   403   404   404  302*  302*  302*
seedream_django:status GET                             403   403   404   404   200   200   200
seedream_django:status POST                            405   405   405   405   405   405   405
seedream_django:try-now GET                            405   405   405   405   405   405   405
seedream_django:try-now POST                           403   403   403   403   403   302   302
seedream_django:upload GET                             405   405   405   405   405   405   405
seedream_django:upload POST                            405   405   405   405   405   405   405
seedream_django:upload PUT                             403   403   403   403   403   403   403
seedream_django:webhook GET                            405   405   405   405   405   405   405
seedream_django:webhook POST                          200*  200*  200*  200*  200*  200*  200*
seedream_django:write_off GET                          405   405   405   405   405   405   405
seedream_django:write_off POST                         403   403   404   404   404  302*  302*
"""

#: How an address is tried that is not for browsers.
METHODS = {"seedream_django:upload": ("GET", "POST", "PUT")}


# -- What there is -------------------------------------------------------------------------------------------


@pytest.fixture
def world(people: dict[str, User | None], settings: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """One editor's orders of every kind, with pictures, money, a reference and places."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    editor: Any = people["editor"]
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="T", slug="t", summary="s", body="b", author="a", topic=topic)
    done = made(f"a {WORD}", user=editor, results=2, references=[ContentFile(drawn(), f"{WORD}.png")])
    hidden = made(f"a hidden {WORD}", user=editor)
    Generation.objects.filter(pk=hidden.pk).update(hidden=True)
    flagged = made(f"a {WORD} sandbox:nsfw", user=editor).images.get()
    stopped = orders.place(f"a stopped {WORD}", user=editor)
    assert orders.cancel(stopped)
    unsaved = made(f"an unsaved {WORD}", user=editor).images.get()
    GeneratedImage.objects.filter(pk=unsaved.pk).update(state=ImageState.FAILED)
    lost = orders.place(f"a lost {WORD}", user=editor)
    Generation.objects.filter(pk=lost.pk).update(state=State.LOST)
    story = made(f"a {WORD} in two scenes", user=editor, sequence=2)
    scene = storyboards.replace(story, 2, prompt=f"a {WORD} again", user=editor)
    carry(scene)
    raised = orders.place(f"a raised {WORD}", user=editor)
    assert turns.put_first(raised)
    # As on a site with a worker: in immediate mode whoever looks does the work.
    monkeypatch.setattr(settings.HUEY, "immediate", False)
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": "https://www.example.org"}
    return SimpleNamespace(
        owner=people["owner"],
        topic=topic,
        article=article,
        done=done,
        image=done.images.all()[0],
        hidden=hidden,
        flagged=flagged,
        stopped=stopped,
        unsaved=unsaved,
        lost=lost,
        story=story,
        scene=scene.images.get(),
        raised=raised,
        waiting=orders.place(f"a waiting {WORD}", user=editor),
        budget=Budget.objects.create(limit=5, user=editor),
        entry=LedgerEntry.objects.first(),
        switch=Switch.objects.create(pk=1),
        style=Style.objects.create(name="Noon", words="no shade"),
        template=PromptTemplate.objects.create(name="Hero", text="{subject}"),
        tag=Tag.objects.create(name="Day"),
        runs={state: run_of(editor, article, state) for state in BulkState},
        file=ReferenceFile.objects.get(),
    )


def run_of(editor: User, article: Article, state: BulkState) -> BulkRun:
    """The editor's run for many objects, as far as this."""
    run = BulkRun.objects.create(
        user=editor,
        content_type=ContentType.objects.get_for_model(Article),
        field="cover",
        state=state,
        prompt=f"a {WORD} of {{title}}",
        shape="16:9",
        options={"place": {}},
    )
    item = ItemState.FAILED if state == BulkState.DONE else ItemState.WAITING
    BulkItem.objects.create(run=run, object_id=str(article.pk), position=0, state=item)
    return run


# -- The addresses -------------------------------------------------------------------------------------------


def our_admins() -> Iterator[Any]:
    return (page for model, page in admin.site._registry.items() if model._meta.app_label == OURS)


def host_admins() -> Iterator[Any]:
    """Those of hosts that have a place for a picture."""
    return (page for page in admin.site._registry.values() if isinstance(page, SeedreamAdminMixin))


def addresses() -> set[str]:
    """Every address of ours, of our models in the admin, and of the pages on which ours are parts."""
    found = {f"{OURS}:{pattern.name}" for pattern in urls.urlpatterns}
    for page in our_admins():
        kind = page.opts.model_name
        found |= {f"admin:{url.name or f'{OURS}_{kind}/'}" for url in page.get_urls()}
    for page in host_admins():
        kind = f"{page.opts.app_label}_{page.opts.model_name}"
        found |= {f"admin:{kind}_{name}" for name in ("changelist", "add", "change")}
    return found | {"admin:index", "admin:app_list", "admin:autocomplete", "admin:view_on_site"}


def actions(owner: User) -> set[str]:
    """Every action of these lists: Django's own, those that are named there, and what an owner is offered."""
    request: Any = RequestFactory().get("/")
    request.user = owner
    return {
        f"{page.opts.label}.{name}"
        for page in (*our_admins(), *host_admins())
        for name in {
            "delete_selected",
            *(getattr(each, "__name__", each) for each in page.actions or ()),
            *page.get_actions(request),
        }
    }


def at(world: SimpleNamespace, user: User | None) -> dict[str, tuple[str, dict[str, Any]]]:
    """Where each address leads with this editor's rows in it, and what is good to send there."""
    row = {"generation": world.done, "generatedimage": world.image, "budget": world.budget}
    row |= {
        "ledgerentry": world.entry,
        "switch": world.switch,
        "style": world.style,
        "tag": world.tag,
        "prompttemplate": world.template,
        "article": world.article,
        "topic": world.topic,
    }
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for page in (*our_admins(), *host_admins()):
        kind, app = page.opts.model_name, page.opts.app_label
        for url in page.get_urls():
            pk = row_for(world, row, kind, url.name) if "<" in str(url.pattern) else None
            args = [pk, *([2] if "<int:number>" in str(url.pattern) else [])] if pk else []
            data = dict(SENT.get(f"{kind}_{(url.name or '').rpartition('_')[2]}", {}))
            if url.name is None:
                list_page = reverse(f"admin:{app}_{kind}_changelist")
                found[f"admin:{app}_{kind}/"] = (f"{list_page}{pk}/", data)
            else:
                found[f"admin:{url.name}"] = (reverse(f"admin:{url.name}", args=args), data)
    for name, values in in_forms(world).items():
        found[name] = (found[name][0], values)
    for name, order in {"first": world.waiting, "before_all": world.waiting, "back": world.raised}.items():
        name = f"admin:{OURS}_generation_{name}"
        found[name] = (reverse(name, args=[order.pk]), {})
    flagged = {f"admin:{OURS}_generatedimage_{name}": name for name in ("look", "review")}
    for name in flagged:
        found[name] = (reverse(name, args=[world.flagged.pk]), {"decision": "approve"})
    queue = f"admin:{OURS}_generatedimage_review_queue"
    found[queue] = (reverse(queue), {"decision": "approve", "picture": world.flagged.pk})
    shown = f"{world.story.images.get(position=0).pk}-{world.scene.pk}-"
    story = {
        "frame": {"prompt": "an owl", "seen": shown},
        "frame_put": {"image": str(world.story.images.get(position=1).pk)},
    }
    story["frame_caption"] = {"image": str(world.scene.pk), "title": "An owl", "alt": "An owl sleeps"}
    for name, data in story.items():
        name = f"admin:{OURS}_generation_{name}"
        found[name] = (found[name][0], data)
    for name in ("keep", "picture"):
        page = f"admin:{OURS}_prompttemplate_{name}"
        found[page] = (reverse(page, args=["portrait"]), {})
    for name, (pk, data) in ours_at(world, user).items():
        found[f"{OURS}:{name}"] = (reverse(f"{OURS}:{name}", args=pk), data)
    token = tokens.make(tokens.WEBHOOK, world.waiting.pk)
    found[f"{OURS}:webhook"] = (f"{found[f'{OURS}:webhook'][0]}?token={token}", {})
    asked = f"order={world.done.pk}&order={world.lost.pk}&order={world.flagged.generation_id}"
    found[f"{OURS}:live"] = (f"{reverse(f'{OURS}:live')}?{asked}", {})
    kind = ContentType.objects.get_for_model(Generation)
    field = {"app_label": "magazine", "model_name": "article", "field_name": "cover", "term": WORD[:5]}
    query = "&".join(f"{key}={value}" for key, value in field.items())
    days = "since=2026-01-01&until=2026-12-31"
    two = "&".join(f"picture={image.pk}" for image in (world.image, world.flagged))
    return found | {
        f"admin:{OURS}_ledgerentry_csv": (f"{reverse(f'admin:{OURS}_ledgerentry_csv')}?{days}", {}),
        f"admin:{OURS}_generatedimage_compare": (
            f"{reverse(f'admin:{OURS}_generatedimage_compare')}?{two}",
            {},
        ),
        f"admin:{OURS}_generatedimage_import": (
            reverse(f"admin:{OURS}_generatedimage_import"),
            {"pictures": SimpleUploadedFile("an-owl.png", drawn()), "is_ai": "on"},
        ),
        "admin:index": (reverse("admin:index"), {}),
        "admin:app_list": (reverse("admin:app_list", args=[OURS]), {}),
        "admin:autocomplete": (f"{reverse('admin:autocomplete')}?{query}", {}),
        "admin:view_on_site": (reverse("admin:view_on_site", args=[kind.pk, world.done.pk]), {}),
    }


def row_for(world: SimpleNamespace, row: dict[str, Any], kind: str, name: str | None) -> Any:
    if kind == "generation" and re.search("_frame|_storyboard", name or ""):
        return world.story.pk
    if kind != "bulkrun":
        return row[kind].pk
    at = {
        "rest": BulkState.SAMPLED,
        "resume": BulkState.PAUSED,
        "pause": BulkState.RUNNING,
        "again": BulkState.DONE,
    }
    return world.runs[at.get((name or "").rpartition("_")[2], BulkState.DRAFT)].pk


def in_forms(world: SimpleNamespace) -> dict[str, dict[str, str]]:
    """Filled in as they come to somebody who may everything, with an order in each."""
    client, found = client_of(world.owner), {}
    order = {"prompt": "an owl"}
    field = {"prompt": "an owl", "order": "1"}
    article = {
        "title": "U",
        "slug": "u",
        "summary": "s",
        "body": "b",
        "author": "a",
        "topic": str(world.topic.pk),
    }
    forms = {
        f"{OURS}_generation_add": order,
        "magazine_article_add": {**article, **{f"cover-{key}": value for key, value in field.items()}},
        "magazine_article_change": {**article, **{f"cover-{key}": value for key, value in field.items()}},
        "magazine_topic_add": {"name": "U", "slug": "u", **{f"picture-{k}": v for k, v in field.items()}},
        "magazine_topic_change": {f"picture-{key}": value for key, value in field.items()},
    }
    for name, values in forms.items():
        pk = [getattr(world, name.split("_")[1]).pk] if name.endswith("change") else []
        page = client.get(reverse(f"admin:{name}", args=pk)).content.decode()
        found[f"admin:{name}"] = {**Form(page).values, **values}
    return found


def ours_at(world: SimpleNamespace, user: Any) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    spot = places.spot_of(world.article, "cover", places.Place())
    order = {
        "spot": places.token_of(spot, user or AnonymousUser()),
        "prompt": "an owl",
        "shape": "1:1",
        "results": "1",
        "nonce": "n",
    }
    order |= {"make": "variations", "sequence": "4"}
    sure = {"confirmed": "1"}
    return {
        "order": ([], order),
        "try-now": ([], {}),
        "live": ([], {}),
        "picture": ([world.image.image_uuid], {}),
        "reference": ([world.file.pk], {}),
        "webhook": ([world.waiting.pk], {}),
        "upload": ([world.waiting.pk, world.waiting.pk], {}),
        "status": ([world.done.pk], {}),
        "cancel": ([world.waiting.pk], {}),
        "show": ([world.hidden.pk], {}),
        "again": ([world.done.pk], {}),
        "ask": ([world.lost.pk], {}),
        "send_again": ([world.lost.pk], sure),
        "write_off": ([world.lost.pk], sure),
    }


#: What is good to send to a page of the admin, by model and page.
SENT: dict[str, dict[str, Any]] = {
    "generation_delete": {"post": "yes"},
    "generatedimage_delete": {"post": "yes"},
    "generatedimage_favourite": {"favourite": "1"},
    "budget_delete": {"post": "yes"},
    "budget_add": {"user": "", "group": "", "period": "day", "limit": "1"},
    "budget_change": {"limit": "2"},
    "bulkrun_plan": {"field": "cover", "prompt": "an owl of {title}", "shape": "1:1"},
    "prompttemplate_add": {"name": "Map", "text": "a map of {place}", "active": "on"},
    "prompttemplate_change": {"name": "Plan", "text": "a plan of {place}", "active": "on"},
    "prompttemplate_delete": {"post": "yes"},
    "style_add": {"name": "Dusk", "words": "soft light", "active": "on"},
    "style_change": {"name": "Dawn", "words": "hard light", "active": "on"},
    "style_delete": {"post": "yes"},
    "switch_change": {"reason": "tea"},
    "tag_change": {"name": "Night"},
    "tag_delete": {"post": "yes"},
    "generatedimage_change": {"title": "Owl", "alt": "An owl", "focal_x": "50", "focal_y": "50"},
}


# -- What comes of it ----------------------------------------------------------------------------------------


def everything() -> dict[str, list[Any]]:
    """All rows of ours, of the magazine's and of the admin's log, but for signs of life."""
    models = [
        *apps.get_app_config(OURS).get_models(),
        *apps.get_app_config("magazine").get_models(),
        LogEntry,
    ]
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in models
        if model is not Beat
    }


@contextmanager
def undone() -> Iterator[list[str]]:
    """Nothing of it stays. Gives what is written meanwhile: most write nothing, and need no second look."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield written
        transaction.set_rollback(True)


def text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    words = " ".join(str(message) for message in get_messages(response.wsgi_request))
    return f"{body.decode(errors='replace')} {words} {response.headers}"


def outcome(client: Client, method: str, address: str, data: dict[str, Any], before: Any) -> tuple[str, str]:
    """The status, with a star where something changed, or “login”; and all that was said. Then all is as before."""
    kind = {"content_type": "application/json"} if "token=" in address else {}
    with undone() as written:
        response = getattr(client, method.lower())(address, *([data] if method == "POST" else []), **kind)
        told = text_of(response)
        if response.headers.get("Content-Type", "").startswith(("image/", "application/zip")):
            # What the bytes of pictures look like as letters tells nobody anything.
            told = ""
        star = "*" if written and everything() != before else ""
    if response.status_code == 302 and response.headers["Location"].startswith("/admin/login/"):
        return f"login{star}", told
    return f"{response.status_code}{star}", told


#: What leads to an address of ours.
LEADS_TO_US = re.compile(r'(href|src|action|data-order)="/(admin/seedream_django|seedream)/')


def leaks(who: str, told: str) -> list[str]:
    """What this person should not have been told."""
    found = []
    if who in ("nobody", "closed", "without", "stranger") and WORD in told:
        found.append("a prompt")
    if who not in ("chief", "owner") and re.search(r"\$ ?\d", told):
        found.append("a price")
    if who in ("nobody", "closed", "without") and re.search(r"\bGenerate\b", told):
        found.append("a way to order")
    if who in ("nobody", "closed", "without") and LEADS_TO_US.search(told):
        found.append("an address of ours")
    return found


def cells(people: dict[str, User | None], world: SimpleNamespace) -> tuple[list[str], list[str]]:
    """The matrix as it is, and what was told to whom it should not be told."""
    rows, told_too_much = dict[str, list[str]](), []
    for who in PEOPLE:
        client, before, there = client_of(people[who]), everything(), at(world, people[who])
        assert addresses() <= set(there), "These have no line in the matrix yet."
        for name in sorted(addresses()):
            for method in METHODS.get(name, ("GET", "POST")):
                status, told = outcome(client, method, *there[name], before)
                rows.setdefault(f"{name} {method}", []).append(status)
                told_too_much += [f"{who} at {name}, {method}: {what}" for what in leaks(who, told)]
    return [" ".join([name, *row]) for name, row in rows.items()], told_too_much


def test_no_file_of_ours_where_nothing_of_ours_is(people: dict[str, User | None]) -> None:
    """Who may neither order nor choose gets an article's form without a style sheet or a script of ours."""
    add = reverse("admin:magazine_article_add")
    bare = client_of(people["without"]).get(add).content.decode()
    assert "seedream_django/" not in bare
    assert "No picture" in bare
    assert "seedream_django/image.css" in client_of(people["editor"]).get(add).content.decode()


def test_matrix(people: dict[str, User | None], world: SimpleNamespace) -> None:
    """Whoever opens whatever of ours, or sends something good to it: exactly this comes of it, and nothing is told
    to those who should not be told."""
    found, told_too_much = cells(people, world)
    assert found == [" ".join(line.split()) for line in MATRIX.splitlines() if line]
    assert told_too_much == []


#: The same of a candidate of the editor's, and of one of the chief's where a second person has to decide.
OF_CANDIDATES = {
    "own": """
look GET login login 403 403 200 200 200
review GET login login 403 403 403 200 200
review POST login login 403 403 403 302* 302*
review_queue POST login login 403 403 403 302* 302*
download GET login login 403 404 404 404 404
""",
    "second": """
look GET login login 403 403 403 200 200
review GET login login 403 403 403 403 200
review POST login login 403 403 403 403 302*
review_queue POST login login 403 403 403 302 302*
download GET login login 403 404 404 404 404
""",
}


@pytest.mark.parametrize("setting", ["own", "second"])
def test_candidates(setting: str, people: dict[str, User | None], settings: Any) -> None:
    """Its original is for those who may see its row, deciding for those who may, and what it is for nobody else."""
    settings.SEEDREAM |= {"REVIEW": setting}
    generation = made(f"a {WORD}", user=people["editor"])
    image = generation.images.get()
    if setting == "second":
        Generation.objects.update(user=people["chief"])
    found, told_too_much = dict[str, list[str]](), []
    for who in PEOPLE:
        client, before = client_of(people[who]), everything()
        for name, method, *_statuses in map(str.split, filter(None, OF_CANDIDATES[setting].splitlines())):
            page = f"admin:{OURS}_generatedimage_{name}"
            address = reverse(page, args=[] if name == "review_queue" else [image.pk])
            data = {"decision": "approve", "picture": image.pk}
            status, told = outcome(client, method, address, data, before)
            found.setdefault(f"{name} {method}", []).append(status)
            told_too_much += [f"{who} at {name}: {what}" for what in leaks(who, told)]
    assert "\n".join(" ".join([name, *row]) for name, row in found.items()) == OF_CANDIDATES[setting].strip()
    assert told_too_much == []


# -- Actions -------------------------------------------------------------------------------------------------

#: The same of each list's actions; with a plus where it stands in the list's menu.
ACTIONS = """
magazine.Article.delete_selected                login login +302*   403 +302* +302* +302*
magazine.Article.generate_for_these             login login   302   403 +302* +302* +302*
magazine.Topic.delete_selected                  login login   200   403   302   302  +200
magazine.Topic.generate_for_these               login login   200   403 +302* +302* +302*
seedream_django.Budget.delete_selected          login login   403   403   403   200   200
seedream_django.BulkRun.delete_selected         login login   403   403   200   200   200
seedream_django.Finding.delete_selected         login login   405   405   405   405   405
seedream_django.GeneratedImage.approve          login login   403   302   302 +302* +302*
seedream_django.GeneratedImage.compare          login login   403   302  +302  +302  +302
seedream_django.GeneratedImage.delete_selected  login login   403   302 +302* +302* +302*
seedream_django.GeneratedImage.fetch_again      login login   403   302 +302* +302* +302*
seedream_django.GeneratedImage.reject           login login   403   302   302 +302* +302*
seedream_django.GeneratedImage.tag_chosen       login login   403   302 +302* +302* +302*
seedream_django.Generation.cancel               login login   403   302 +302* +302* +302*
seedream_django.Generation.delete_selected      login login   403   302 +302* +302* +302*
seedream_django.Generation.more_like_this       login login   403   302 +302* +302* +302*
seedream_django.Generation.try_again            login login   403   302 +302* +302* +302*
seedream_django.LedgerEntry.delete_selected     login login   403   403   403   200   200
seedream_django.PromptTemplate.delete_selected  login login   403   403   403 +302* +302*
seedream_django.PromptTemplate.export_chosen    login login   403   403   403  +200  +200
seedream_django.Style.delete_selected           login login   403   403   403 +302* +302*
seedream_django.Style.export_chosen             login login   403   403   403  +200  +200
seedream_django.Switch.delete_selected          login login   403   403   403   302   302
seedream_django.Tag.delete_selected             login login   403   403   403 +302* +302*
"""


def chosen_for(world: SimpleNamespace) -> dict[str, Any]:
    """What is good to tick for each action."""
    return {
        "Generation.try_again": world.stopped,
        "Generation.more_like_this": world.done,
        "Generation.cancel": world.waiting,
        "Generation.delete_selected": world.done,
        "GeneratedImage.compare": world.image,
        "GeneratedImage.fetch_again": world.unsaved,
        "GeneratedImage.approve": world.flagged,
        "GeneratedImage.reject": world.flagged,
        "GeneratedImage.tag_chosen": world.image,
        "GeneratedImage.delete_selected": world.image,
        "Budget.delete_selected": world.budget,
        "Style.delete_selected": world.style,
        "PromptTemplate.delete_selected": world.template,
        "PromptTemplate.export_chosen": world.template,
        "Style.export_chosen": world.style,
        "Tag.delete_selected": world.tag,
        "Switch.delete_selected": world.switch,
        "LedgerEntry.delete_selected": world.entry,
        "Finding.delete_selected": world.switch,
        "Article.delete_selected": world.article,
        "Topic.delete_selected": world.topic,
        "Article.generate_for_these": world.article,
        "Topic.generate_for_these": world.topic,
        "BulkRun.delete_selected": world.runs[BulkState.DRAFT],
    }


def test_actions(people: dict[str, User | None], world: SimpleNamespace) -> None:
    """The menu of each list offers exactly what one may do; sent all the same, nothing else is done."""
    chosen, rows, told_too_much = chosen_for(world), dict[str, list[str]](), []
    for who in PEOPLE:
        client, before, menus = client_of(people[who]), everything(), dict[str, str]()
        for label in sorted(actions(world.owner)):
            app, kind, name = label.split(".")
            address = reverse(f"admin:{app}_{kind.lower()}_changelist")
            data = {"action": name, "confirmed": "1", "post": "yes", "tagged": "snow"}
            data[ACTION_CHECKBOX_NAME] = str(chosen[f"{kind}.{name}"].pk)
            menus.setdefault(address, outcome(client, "GET", address, {}, before)[1])
            status, told = outcome(client, "POST", address, data, before)
            plus = "+" if f'<option value="{name}"' in menus[address] else ""
            rows.setdefault(label, []).append(f"{plus}{status}")
            told_too_much += [f"{who} by {label}: {what}" for what in leaks(who, told)]
    found = [" ".join([name, *row]) for name, row in rows.items()]
    assert found == [" ".join(line.split()) for line in ACTIONS.splitlines() if line]
    assert told_too_much == []


# -- One right alone -----------------------------------------------------------------------------------------

#: What somebody changes, with what is good to send, who has one right and none besides.
ALONE: dict[str, set[str]] = {
    "generate": {"admin:seedream_django_generation_add"},
    "bulk": set(),
    "approve": set(),
    "see_costs": set(),
    "see_others_prompts": set(),
    "view_generation": set(),
    "change_generation": set(),
    "delete_generation": set(),
    "view_generatedimage": set(),
    "change_generatedimage": set(),
    "delete_generatedimage": set(),
    "view_ledgerentry": set(),
    "view_budget": set(),
    "change_switch": {"admin:seedream_django_switch_change"},
}
#: Limits of budgets are for whoever may see budgets.
LIMITS = ("view_budget", "admin:seedream_django_budget_")


@pytest.mark.parametrize("right", ALONE)
def test_one_right_alone(right: str, person: Person, world: SimpleNamespace) -> None:
    """It opens what it says and nothing besides: each of the others is told, and may do, no more than nobody."""
    user = person("una", right)
    client, before, there = client_of(user), everything(), at(world, user)
    changed, told_too_much = set(), []
    machines = {f"{OURS}:webhook", f"{OURS}:upload"}
    for name in sorted(addresses() - machines):
        for method in ("GET", "POST"):
            status, told = outcome(client, method, *there[name], before)
            if "*" in status:
                changed.add(f"{name}")
            told_too_much += [f"{name}, {method}: {what}" for what in told_alone(right, name, told)]
    assert (changed, told_too_much) == (ALONE[right], [])


def told_alone(right: str, name: str, told: str) -> Iterator[str]:
    if right != "see_others_prompts" and WORD in told:
        yield "a prompt"
    if (
        right != "see_costs"
        and re.search(r"\$ ?\d", told)
        and not (right == LIMITS[0] and name.startswith(LIMITS[1]))
    ):
        yield "a price"
    if right != "generate" and re.search(r"\bGenerate\b", told):
        yield "a way to order"


# -- Sideways ------------------------------------------------------------------------------------------------


def sideways(world: SimpleNamespace) -> list[str]:
    """Addresses that ask for somebody else's order by another way than its page: by its words, its key, its person."""
    ours = f"admin:{OURS}"
    lists = {
        kind: reverse(f"{ours}_{kind}_changelist") for kind in ("generation", "generatedimage", "bulkrun")
    }
    add = reverse(f"{ours}_generation_add")
    editor = world.done.user_id
    queries = (
        f"q={WORD[:5]}", f"prompt__startswith=a {WORD[:5]}", f"prompt__icontains={WORD[:5]}", "_to_field=id",
        f"user__id__exact={editor}", f"generation__user__id__exact={editor}", "_popup=1", "o=2", "all=",
        f"generation__prompt__icontains={WORD[:5]}", f"title__startswith=A {WORD[:5]}", "review=waiting",
        f"pk__exact={world.done.pk}", "before=2999-01-01T00:00:00Z", "decision=open", "state__exact=done",
        f"images__title__icontains={WORD[:5]}",
    )  # fmt: skip
    fields = [
        ("magazine", "article", "cover"), ("magazine", "topic", "picture"), (OURS, "generatedimage", "generation"),
        (OURS, "generation", "parent"), (OURS, "slot", "image"), (OURS, "reference", "image"),
        (OURS, "budget", "user"),
    ]  # fmt: skip
    complete = reverse("admin:autocomplete")
    return [
        *(f"{page}?{query}" for page in lists.values() for query in queries),
        *(f"{complete}?app_label={a}&model_name={m}&field_name={f}&term={WORD[:5]}" for a, m, f in fields),
        f"{add}?from={world.done.pk}", f"{add}?edit={world.image.pk}", f"{add}?from={world.done.pk}&_popup=1",
        f"{reverse(f'{OURS}:live')}?order={world.done.pk}&order={world.waiting.pk}&in=field",
        f"{reverse(f'{OURS}:status', args=[world.done.pk])}?in=field",
        reverse(f"{ours}_generation_change", args=[world.waiting.pk]) + "?_popup=1",
        reverse(f"{ours}_generatedimage_change", args=[world.flagged.pk]),
        reverse(f"{ours}_generatedimage_look", args=[world.flagged.pk]),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["without", "stranger"])
def test_sideways(who: str, people: dict[str, User | None], world: SimpleNamespace) -> None:
    """No search, filter, choice, popup or address to begin with tells of somebody else's order, or how many fit."""
    user: Any = people[who]
    user.user_permissions.add(*Permission.objects.filter(codename__in=("approve", "delete_generation")))
    client, before, told_too_much = client_of(user), everything(), []
    for address in sideways(world):
        status, told = outcome(client, "GET", address, {}, before)
        assert status[:3] in ("200", "302", "400", "403", "404"), address
        found = [*leaks(who, told), *(["a picture"] if str(world.image.image_uuid) in told else [])]
        told_too_much += [(address, what) for what in found if what != "an address of ours"]
    assert told_too_much == []


def test_the_log_tells_each_their_own(people: dict[str, User | None], world: SimpleNamespace) -> None:
    """The admin's first page has what one did oneself, and the history of a row is for whoever may see the row."""
    assert LogEntry.objects.filter(object_repr__icontains=WORD).exists()
    for who in ("without", "stranger"):
        client = client_of(people[who])
        assert WORD not in client.get(reverse("admin:index")).content.decode()
        for kind, row in (("generation", world.done), ("generatedimage", world.image)):
            page = client.get(reverse(f"admin:{OURS}_{kind}_history", args=[row.pk]), follow=True)
            assert WORD not in page.content.decode()


def test_tags_tell_nobody_how_to_order(
    people: dict[str, User | None], world: SimpleNamespace, rf: Any
) -> None:
    """A picture on a page is the same for all; where it is changed is told to those who may order."""
    text = "{% load seedream %}{% seedream_image image %}|{% seedream_edit_url image %}"
    seen = {}
    for who, user in people.items():
        request = rf.get("/")
        request.user = user or AnonymousUser()
        shown, _, address = (
            Template(text).render(Context({"request": request, "image": world.image})).partition("|")
        )
        assert shown.startswith("<img"), who
        seen[who] = bool(address)
    assert seen == {who: who in ("stranger", "editor", "chief", "owner") for who in PEOPLE}


def test_an_article_is_saved_by_those_who_may_not_order(
    people: dict[str, User | None], world: SimpleNamespace
) -> None:
    """What is ours in their form is the choice alone: it keeps the picture that is there, and takes it away."""
    Article.objects.update(cover=world.image)
    client, address = (
        client_of(people["without"]),
        reverse("admin:magazine_article_change", args=[world.article.pk]),
    )
    values = Form(client.get(address).content.decode()).values
    texts = {"title": "New", "summary": "s", "body": "b"}
    assert client.post(address, {**values, **texts}).status_code == 302
    assert (Article.objects.get().title, Article.objects.get().cover) == ("New", world.image)
    assert client.post(address, {**values, **texts, "cover": ""}).status_code == 302
    assert Article.objects.get().cover is None
    before = Generation.objects.count()
    page = client.post(address, {**values, **texts, "cover": str(world.image.pk), "cover-was": ""})
    assert (page.status_code, Article.objects.get().cover, Generation.objects.count()) == (200, None, before)


# -- Rights for one object -----------------------------------------------------------------------------------


class OneArticle(BaseBackend):
    """A host's backend: this person may change the article that is called “Theirs”."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm == "magazine.change_article" and obj is not None and obj.title == "Theirs"


def test_rights_for_one_object(person: Person, world: SimpleNamespace, settings: Any) -> None:
    """Who may change one article alone orders for that one, and not for another, nor for one that is not there yet;
    and its field is filled as long as that holds."""
    settings.AUTHENTICATION_BACKENDS += ["tests.test_rights.OneArticle"]
    settings.HUEY.immediate, settings.SEEDREAM["UPLOAD_ENDPOINT"] = True, False
    user, client = (una := person("una", "generate")), client_of(una)
    theirs = Article.objects.create(
        title="Theirs", slug="x", summary="s", body="b", author="a", topic=world.topic
    )

    def order(article: Article, prompt: str) -> Any:
        token = places.token_of(places.spot_of(article, "cover", places.Place()), user)
        data = {**ours_at(world, user)["order"][1], "spot": token, "prompt": prompt, "nonce": prompt}
        return client.post(reverse(f"{OURS}:order"), data)

    assert order(world.article, "an owl").status_code == 403
    assert order(Article(), "a cat").status_code == 403
    for prompt, title, note in (("a dog", "Theirs", ""), ("a hen", "Sold", "may not change the object")):
        Article.objects.filter(pk=theirs.pk).update(cover=None, title="Theirs")
        answer = order(theirs, prompt)
        assert answer.status_code == 201, answer.content
        slot = Slot.objects.latest("pk")
        Article.objects.filter(pk=theirs.pk).update(title=title)
        carry(slot.generation)
        slots.bind(slot, theirs, Article, "cover")
        slot.refresh_from_db()
        theirs.refresh_from_db()
        assert note in slot.note
        assert (theirs.cover is None, slot.image is None) == (bool(note), bool(note))


def test_prompts_for_many_quote_only_what_one_writes(
    people: dict[str, User | None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that the form keeps from somebody is read out by no prompt: neither as its beginning nor by its name."""
    page: Any = admin.site.get_model_admin(Article)
    client, before = client_of(people["editor"]), BulkRun.objects.count()
    address, data = at(world, people["editor"])[f"admin:{OURS}_bulkrun_plan"]
    monkeypatch.setattr(page, "fieldsets", ((None, {"fields": ("author", "cover")}),))
    monkeypatch.setattr(page, "prepopulated_fields", {})
    monkeypatch.setattr(page, "seedream_fields", {"cover": places.Place()})
    answer = client.post(address, data)
    assert "There is no text “title” in these objects. There are: " in answer.content.decode()
    assert client.post(address, {**data, "prompt": "an owl of {author}"}).status_code == 302
    ticked = {"action": "generate_for_these", ACTION_CHECKBOX_NAME: str(world.article.pk)}
    client.post(reverse("admin:magazine_article_changelist"), ticked)
    assert BulkRun.objects.count() == before + 1
    assert "{title}" not in BulkRun.objects.latest("created_at").prompt


# -- The same in the docs ------------------------------------------------------------------------------------

#: Not told of there: what leads on, what machines call, the site's own pages, and what a history is of.
UNTOLD = re.compile(
    r".*(/|_history|switch_changelist)$|.*:(webhook|upload|index|app_list|autocomplete|view_on_site|magazine_.*)$"
)


def in_words() -> dict[str, list[str]]:
    """For each address what the people of the docs' table may: those who are let in at all."""
    found: dict[str, list[list[str]]] = {}
    for line in MATRIX.split("\n"):
        if line and not UNTOLD.match(line.split()[0]):
            name, _method, *statuses = line.split()
            found.setdefault(name, []).append(statuses[2:])
    words = {name: [_word(cells) for cells in zip(*rows, strict=True)] for name, rows in found.items()}
    return {name: cells for name, cells in words.items() if set(cells) != {"–"}}


def _word(cells: tuple[str, ...]) -> str:
    verbs = (("sees", cells[0] == "200"), ("does", any("*" in cell for cell in cells)))
    # What is asked of a worker, or of what is all right already, changes no row.
    asks = cells == ("405", "302")
    return ", ".join(word for word, is_so in verbs if is_so) or ("does" if asks else "–")


def test_the_docs_have_the_matrix() -> None:
    """The page of permissions says of every address what this table says."""
    told = {name: cells for name, cells in rows_of(reference("permissions")).items() if ":" in name}
    assert told == in_words()
