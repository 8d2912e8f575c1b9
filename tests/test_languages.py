"""What editors read in their own language: words, amounts, times, and numbers that machines read as well."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from seedream_django import orders, troubles
from seedream_django.diagnosis import diagnose, money
from seedream_django.forms import GeneratedImageChoiceField
from seedream_django.models import GeneratedImage, Generation
from seedream_django.order_forms import OrderForm

from .steps import made, past, turn

pytestmark = pytest.mark.django_db

Browser = Callable[[User | None], Client]

ADD = reverse("admin:seedream_django_generation_add")
LIST = reverse("admin:seedream_django_generation_changelist")
PICTURES = reverse("admin:seedream_django_generatedimage_changelist")


def page(client: Client, address: str, language: str) -> str:
    """The page with ordinary blanks, where print has narrow or fixed ones."""
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200
    return re.sub(r"[^\S\n]", " ", response.content.decode())


# -- Pages ---------------------------------------------------------------------------------------------------

ORDERING = {
    "de": ("Bilder erzeugen", "Anzahl der Bilder", "Varianten desselben Prompts.", "Verbleibende Zeichen: {count}",
           "2K, etwa 4 Megapixel", "Weitere Optionen", "Erzeugen", "0,035 $"),
    "fr": ("Générer des images", "Nombre d’images", "des variantes du même prompt.", "Caractères restants : {count}",
           "2K, environ 4 mégapixels", "Plus d’options", "Générer", "0,035 $US"),
    "es": ("Generar imágenes", "Número de imágenes", "variaciones del mismo prompt.", "Caracteres que quedan: {count}",
           "2K, unos 4 megapíxeles", "Más opciones", "Generar", "0,035 US$"),
    "nl": ("Afbeeldingen genereren", "Aantal afbeeldingen", "variaties op dezelfde prompt.", "Tekens over: {count}",
           "2K, ongeveer 4 megapixel", "Meer", "Genereren", "$ 0,035"),
    "pt-br": ("Gerar imagens", "Número de imagens", "variações do mesmo prompt.", "Caracteres restantes: {count}",
              "2K, cerca de 4 megapixels", "Mais opções", "Gerar", "US$ 0,035"),
    "ja": ("画像を生成", "画像の枚数", "同じプロンプトのバリエーションです。", "残り文字数\uff1a{count}",
           "約4メガピクセル", "その他の設定", "生成", "$0.035"),
    "en": ("Generate pictures", "Number of pictures", "variations of the same prompt.", "Characters left: {count}",
           "2K, about 4 megapixels", "More", "Generate", "$0.035"),
}  # fmt: skip


@pytest.mark.parametrize("language", ORDERING)
def test_ordering(language: str, chief: User, browser: Browser) -> None:
    """The page to order follows the browser's language, the parameter page's own texts and the price too."""
    html = page(browser(chief), ADD, language)
    assert f'lang="{language}"' in html
    assert [text for text in ORDERING[language] if text not in html] == []


WATCHING = {
    "de": ("2 Bilder sind fertig.", "Kosten: 0,07 $.", "Mehr davon", "Ändern und neu beauftragen"),
    "fr": (
        "2 images sont prêtes.",
        "Coût : 0,07 $US.",
        "D’autres semblables",
        "Modifier et commander à nouveau",
    ),
    "es": ("2 imágenes están listas.", "Coste: 0,07 US$.", "Más como esta", "Cambiar y pedir de nuevo"),
    "nl": (
        "2 afbeeldingen zijn klaar.",
        "Kosten: $ 0,07.",
        "Meer zoals deze",
        "Wijzigen en opnieuw bestellen",
    ),
    "pt-br": ("2 imagens estão prontas.", "Custo: US$ 0,07.", "Mais como esta", "Alterar e pedir de novo"),
    "ja": ("2枚の画像ができました。", "費用\uff1a$0.07。", "似た画像をもっと", "変更して再注文"),
    "en": ("2 pictures are ready.", "Cost: $0.07.", "More like this", "Change and order again"),
}


@pytest.mark.parametrize("language", WATCHING)
def test_watching(language: str, chief: User, browser: Browser) -> None:
    """The status page and the fragment that renews it say the same, in the language of whoever looks."""
    generation, client = made("a fox", user=chief, results=2), browser(chief)
    for name in ("admin:seedream_django_generation_change", "seedream_django:status"):
        html = page(client, reverse(name, args=[generation.pk]), language)
        assert [text for text in WATCHING[language] if text not in html] == [], name


AGO = [
    ("de", 1, "vor 1 Tag<"), ("de", 3, "vor 3 Tagen<"), ("de", 40, "vor 1 Monat<"), ("de", 800, "vor 2 Jahren<"),
    ("fr", 1, "il y a 1 jour<"), ("fr", 15, "il y a 2 semaines<"), ("en", 3, "3 days ago<"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "days", "text"), AGO, ids=[text for _, _, text in AGO])
def test_how_long_ago(language: str, days: int, text: str, chief: User, browser: Browser) -> None:
    """The list says when something was ordered, with the ending that the language asks for."""
    row = made("a fox", user=chief)
    Generation.objects.filter(pk=row.pk).update(
        created_at=timezone.now() - datetime.timedelta(days=days, hours=1)
    )
    assert text in page(browser(chief), LIST, language)


# -- Sentences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "amount"), [("en", "$1,234.50"), ("de", "1.234,50\xa0$"), ("fr", "1\xa0234,50\xa0$US")]
)
def test_amounts(language: str, amount: str) -> None:
    """US dollars are written as each language writes them, thousands apart."""
    with translation.override(language):
        assert money(Decimal("1234.5")) == amount


def test_the_workers_language_does_not_matter(editor: User) -> None:
    """What went wrong with a picture is kept in English, and read in the language of whoever reads it."""
    with translation.override("fr"):
        generation = orders.place("sandbox:expired", user=editor)
        turn(3)
    image = generation.images.get()
    assert image.error == "The picture's address is gone (HTTP status 404)."
    generation.refresh_from_db()
    gone = "Die Adresse des Bildes gibt es nicht mehr (HTTP-Status 404)."
    with translation.override("de"):
        assert diagnose(generation).what.endswith(f"noch nicht gespeichert werden: {gone}")
        past(image, "trouble_since")
        turn()
        generation.refresh_from_db()
        assert f"„{gone}“" in diagnose(generation).what
    assert troubles.told(image.error) == image.error


def test_refusals(chief: User) -> None:
    """A wrong order is refused in the language of the form, by Django and by us."""
    with translation.override("de"):
        form = OrderForm({"prompt": "x" * 2001, "results": "21"}, user=chief)
        assert form.errors["results"] == ["Dieser Wert muss kleiner oder gleich 20 sein."]
        with pytest.raises(orders.InvalidOrder) as refused:
            orders.clean({"prompt": "x" * 2001, "results": 21})
        words = orders.in_words(refused.value)
    assert words == (
        "Anzahl der Bilder: Muss zwischen 1 und 20 liegen; ist 21. "
        "Prompt: Muss 1 bis 2000 Zeichen lang sein; hat 2001."
    )


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_sentence_names_buttons_as_they_are(language: str) -> None:
    """What an editor is told to tick stands on the page in the same words."""
    with translation.override(language):
        sentence = str(GeneratedImageChoiceField.default_error_messages["not_ticked"])
        assert translation.gettext("Order this picture when I save") in sentence


# -- Numbers that machines read ------------------------------------------------------------------------------


class Attributes(HTMLParser):
    """The attributes of a page that a language wrote as people write numbers, such as ``width="2.048"``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.grouped: list[str] = []
        self.numbers = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.numbers += bool(re.fullmatch(r"\d{4,}", value or ""))
            if re.search(r"(?<![\d.])[1-9]\d{0,2}[.\s]\d{3}(?!\d)", value or "") and name not in {
                "title",
                "datetime",
                "d",
            }:
                self.grouped.append(f'<{tag} {name}="{value}">')


def test_no_separators_in_attributes(chief: User, browser: Browser, settings: Any) -> None:
    """Where numbers are grouped for people, keys, sizes and waiting times stay what a browser can read."""
    settings.USE_THOUSAND_SEPARATOR = True
    generation, client = made("a fox", user=chief), browser(chief)
    image = generation.images.get()
    GeneratedImage.objects.filter(pk=image.pk).update(id=1234567)
    waiting = orders.place("an owl", user=chief)
    addresses = [ADD, LIST, PICTURES, reverse("admin:magazine_article_add")]
    addresses += [
        reverse("admin:seedream_django_generation_change", args=[row.pk]) for row in (generation, waiting)
    ]
    addresses += [f"{reverse('seedream_django:status', args=[waiting.pk])}?in=field"]
    found = {address: Attributes(page(client, address, "de")) for address in addresses}
    assert {address: parsed.grouped for address, parsed in found.items() if parsed.grouped} == {}
    assert all(parsed.numbers for address, parsed in found.items() if address != LIST)
