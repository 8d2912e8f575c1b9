"""The two accounts of the demo. Their password is public: the demo answers on this machine only."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission, User

from seedream_django.models import Budget, Period

PASSWORD = "tidemark"
#: What the editors may spend together in a month, in play dollars.
LIMIT = 10

EDITOR_MAY = {
    "seedream_django": (
        "generate",
        "bulk",
        "see_costs",
        "view_generation",
        "view_generatedimage",
        "change_generatedimage",
    ),
    "magazine": (
        *("add_article", "change_article", "view_article", "change_topic", "view_topic"),
        *("add_photo", "change_photo", "view_photo", "delete_photo"),
    ),
}


def make() -> None:
    """Make whoever is missing. Who exists keeps a changed password."""
    if not User.objects.filter(username="owner").exists():
        User.objects.create_superuser("owner", password=PASSWORD, first_name="Olga", last_name="Owner")
    editor, is_new = User.objects.get_or_create(
        username="editor", defaults={"is_staff": True, "first_name": "Edda", "last_name": "Editor"}
    )
    if is_new:
        editor.set_password(PASSWORD)
        editor.save()
    editor.groups.add(_editors())


def _editors() -> Group:
    group, is_new = Group.objects.get_or_create(name="Editors")
    if is_new:
        Budget.objects.create(group=group, period=Period.MONTH, limit=LIMIT)
    for app, codenames in EDITOR_MAY.items():
        group.permissions.add(*Permission.objects.filter(content_type__app_label=app, codename__in=codenames))
    return group
