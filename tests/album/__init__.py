"""An app of somebody's whose models have files of their own, for tests of places that a picture is copied into."""
