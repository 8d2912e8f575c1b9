"""Articles by topic. A cover is a GeneratedImageField; teasers and photos are files of their own, as on any site."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from seedream_django.fields import GeneratedImageField
from seedream_django.models import Slot


class Topic(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=200, blank=True)
    picture = GeneratedImageField(verbose_name="picture")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("magazine:topic", args=[self.slug])


class ArticleQuerySet(models.QuerySet["Article"]):
    def for_pages(self) -> ArticleQuerySet:
        """With everything that a page shows of an article, in one query."""
        return self.select_related("topic", "cover")

    def published(self) -> ArticleQuerySet:
        return self.filter(published_at__lte=timezone.now())


class Article(models.Model):
    title = models.CharField(max_length=120)
    slug = models.SlugField(unique=True, max_length=120)
    summary = models.TextField(max_length=300, help_text="One or two sentences, shown on the front page.")
    body = models.TextField(help_text="Paragraphs, with an empty line between them.")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="articles")
    author = models.CharField(max_length=80)
    published_at = models.DateTimeField(default=timezone.now)
    cover = GeneratedImageField(verbose_name="cover")
    quote = models.CharField(
        max_length=100,
        blank=True,
        help_text="One sentence of the text: set large in it, and in place of a cover.",
    )
    inset = GeneratedImageField(verbose_name="picture in the text")
    caption = models.CharField(max_length=160, blank=True, help_text="Under the picture in the text.")
    # The size is kept beside it, so that no page opens the file to learn it.
    teaser = models.ImageField(
        upload_to="teasers", blank=True, width_field="teaser_width", height_field="teaser_height"
    )
    teaser_width = models.PositiveIntegerField(null=True, editable=False)
    teaser_height = models.PositiveIntegerField(null=True, editable=False)
    teaser_alt = models.CharField(
        "alternative text of the teaser", max_length=500, blank=True, help_text="What the teaser shows."
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-id")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("magazine:article", args=[self.slug])

    def paragraphs(self) -> list[str]:
        return [text for text in self.body.replace("\r\n", "\n").split("\n\n") if text.strip()]


class PhotoQuerySet(models.QuerySet["Photo"]):
    def with_origin(self) -> PhotoQuerySet:
        """With ``made_with_ai``: whether the file is the copy of a picture; else somebody gave it."""
        copies = Slot.objects.filter(
            content_type__app_label="magazine",
            content_type__model="photo",
            object_id=Cast(models.OuterRef("pk"), models.CharField()),
            field="image",
            copied=models.OuterRef("image"),
        )
        return self.annotate(made_with_ai=models.Exists(copies))


class Photo(models.Model):
    """One of the series under an article. It may be saved before its picture is there."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="photos")
    # Optional: a row may have its words before anybody has made its picture.
    image = models.ImageField(
        "picture", blank=True, upload_to="photos", width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    alt = models.CharField(
        "alternative text", max_length=500, blank=True, help_text="What the picture shows."
    )
    caption = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest comes first.")

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.caption or f"Photo {self.pk}"
