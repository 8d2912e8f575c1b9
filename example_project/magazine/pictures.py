"""What the picture of each field is to be like: said once, for the admin, the form outside of it, and the demo."""

from __future__ import annotations

from seedream_django.places import slot

#: The cover begins with the article's own words, and leaves room for them.
COVER = slot(
    ratio="16:9", prompt_from="{title}. {summary}", hint="Calm ground on the left, with room for a title."
)
#: Where an article is shown small. The provider has no 5:4, so that this one is cut around its focal point.
TEASER = slot(ratio="5:4", max_width=800, prompt_from="{title}", hint="One motif, large.", alt="teaser_alt")
#: A photo of the series under an article.
PHOTO = slot(ratio="3:2", max_width=1600, prompt_from="{caption}", alt="alt")
