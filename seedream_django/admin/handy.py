"""What a person does with a picture that is there: order it again or more like it, take it along, keep it together
with others."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms.widgets import Media, Script
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from .. import collecting, lost, orders, pictures, prompts
from ..diagnosis import money, why_not_again
from ..models import GeneratedImage, Generation, Tag
from .reviews import TYPES

MEDIA = Media(
    css={"all": ["seedream_django/handy.css"]},
    js=[Script(f"seedream_django/{name}.js", type="module") for name in ("copy", "status")],  # type: ignore[misc]
)
#: What stands in the way of a file's name, on one system or another, and what turns its direction around.
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
#: What of its address a list is come back to with, as Django calls it.
LISTED = "_changelist_filters"


class Handy:
    """The part of the pictures' admin that does something with one."""

    admin_site: Any
    get_object: Any

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "seedream_django_generatedimage"
        return [
            path("<path:object_id>/download/", view(self.download_view), name=f"{name}_download"),
            path("<path:object_id>/favourite/", view(self.favourite_view), name=f"{name}_favourite"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        image = context["original"]
        context |= {
            "media": context["media"] + MEDIA,
            "handy": self._doors(image),
            "favourite": collecting.is_favourite(image, request.user),
            "template_tag": _template_tag(image),
            "again": _again(request, image),
        }
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc, no-any-return]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        if "tagged" in form.changed_data:
            collecting.tag(form.instance, form.cleaned_data["tagged"])

    @admin.display(description=gettext_lazy("Favourite"))
    def heart(self, image: Any) -> SafeString:
        """A button of the list's form: with the script all stays as it is, without it this leads back to the list."""
        shown = self._heart(image, image.is_favourite, image.came_from)
        return render_to_string("seedream_django/_favourite.html", shown)

    @admin.display(description=pgettext_lazy("of pictures", "Tags"))
    def tagged(self, image: GeneratedImage) -> SafeString | str:
        """For whoever may look and not write."""
        page = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_changelist")
        tags = Tag.objects.filter(images=image).values_list("pk", "name")
        return format_html_join(", ", '<a href="{}?tag={}">{}</a>', ((page, *tag) for tag in tags)) or "–"

    # -- Views

    @method_decorator(require_safe)
    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The file, to be kept under a name that says what it shows."""
        image = self._seen(request, object_id)
        if not image.is_stored or image.is_held_back or not image.file:
            raise Http404
        name = file_name(image)
        try:
            local = open(image.file.path, "rb")  # noqa: SIM115 – the response closes it
        except NotImplementedError:
            # Another machine has it, and the browser asks that one: no worker of this site waits for it.
            if address := _address(image, name):
                return HttpResponseRedirect(address)
        except OSError:
            pass
        else:
            headers = {"X-Content-Type-Options": "nosniff"}
            kind = TYPES.get(image.format, "application/octet-stream")
            return FileResponse(local, as_attachment=True, filename=name, content_type=kind, headers=headers)
        messages.warning(request, _("This picture cannot be fetched at the moment."))
        return redirect(self._page("change", image))

    @method_decorator(require_http_methods(["GET", "POST"]))
    def favourite_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As the button says, and not the other way round: a second press of the same one changes nothing.

        The heart alone is given to the script that presses it where it stands: what is typed beside it stays.
        """
        image = self._seen(request, object_id)
        listed = request.GET.get(LISTED)
        if request.method == "GET":
            is_favourite = collecting.is_favourite(image, request.user)
            return render(request, "seedream_django/_heart.html", self._heart(image, is_favourite, listed))
        wanted = request.POST.get("favourite", request.GET.get("favourite"))
        collecting.favour(image, request.user, wanted == "1")
        if listed is None:
            return redirect(self._page("change", image))
        # Only the part after the question mark is from outside.
        page = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_changelist")
        return redirect(f"{page}?{listed.partition('#')[0]}#{_anchor(image)}")

    def _seen(self, request: HttpRequest, object_id: str) -> GeneratedImage:
        """A picture whose page this person may open. Raises PermissionDenied and Http404."""
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        image: GeneratedImage | None = self.get_object(request, unquote(object_id))
        if image is None:
            raise Http404
        return image

    # -- What the page shows

    def _doors(self, image: GeneratedImage) -> dict[str, str]:
        """The addresses of what may be done; a held-back picture is nobody's to take along."""
        open_to_all = image.is_stored and not image.is_held_back and bool(image.file)
        download = self._page("download", image) if open_to_all else ""
        return {"download": download, "favourite": self._page("favourite", image)}

    def _heart(self, image: GeneratedImage, is_favourite: bool, listed: str | None = None) -> dict[str, Any]:
        """What the heart's template needs; ``listed`` is what the list that it stands in was asked for."""
        shown = {"image": image, "favourite": is_favourite, "page": self._page("favourite", image)}
        if listed is None:
            return shown
        return {
            **shown,
            "page": f"{shown['page']}?{urlencode({LISTED: listed})}",
            "listed": _anchor(image),
        }

    def _page(self, name: str, image: GeneratedImage) -> str:
        return reverse(f"{self.admin_site.name}:seedream_django_generatedimage_{name}", args=[image.pk])


def _anchor(image: GeneratedImage) -> str:
    """Where in the list its heart is."""
    return f"heart-{image.pk}"


def file_name(image: GeneratedImage) -> str:
    """What the file is called for people: the title, or the prompt's first words, and the number's first digits."""
    words = image.title or prompts.title(image.generation.prompt, 60)
    words = " ".join(NOT_IN_NAMES.sub(" ", words).split())[:60].strip(". ")
    ending = pictures.EXTENSIONS.get(image.format, "jpg")
    return f"{' '.join(filter(None, [words, str(image.image_uuid)[:8]]))}.{ending}"


def _address(image: GeneratedImage, name: str) -> str:
    """Where another machine has it: with the name, if its addresses are signed, else as its pages have it."""
    storage: Any = image.file.storage
    # Amazon's own: only of a signed address it answers with a name that the address wishes for.
    if hasattr(storage, "signature_version") and storage.querystring_auth and not storage.custom_domain:
        wish = {"ResponseContentDisposition": content_disposition_header(True, name)}
        return str(storage.url(image.file.name, parameters=wish))
    return image.file_url


def _template_tag(image: GeneratedImage) -> str:
    """What one writes in a template to show it; blank for one that no page shows."""
    shown = image.is_stored and not image.is_held_back and not image.generation.hidden
    return f'{{% seedream_image "{image.image_uuid}" %}}' if shown else ""


def _unused_besides(image: GeneratedImage, user: Any) -> int:
    """How many others there are of exactly the same order that nobody uses."""
    order = image.generation
    return orders.unused_by_digest([order], user=user, besides=Q(pk=image.pk)).get(order.digest, 0)


def _again(request: HttpRequest, image: GeneratedImage) -> dict[str, Any]:
    """Ordering the same once more, as it was or changed; blank where that is not for this person or this order."""
    user: Any = request.user
    order = image.generation
    mine = user.has_perm("seedream_django.generate") and order.is_final
    if not mine or order.hidden or order.redacted_at or lost.is_open(order):
        return {}
    try:
        page = reverse("admin:seedream_django_generation_add")
        more = "" if why_not_again(order) else reverse("seedream_django:again", args=[order.pk])
    except NoReverseMatch:
        return {}
    costs = user.has_perm("seedream_django.see_costs")
    return {
        "change": f"{page}?from={order.pk}",
        "more": more,
        "price": money(orders.estimate(order.expected)) if costs else "",
        "pictures": order.expected,
        "count": Generation.objects.filter(parent=order).count(),
        "unused": _unused_besides(image, user) if more else 0,
    }
