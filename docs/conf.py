"""Sphinx's settings: ``make docs`` builds the pages into var/docs."""

from __future__ import annotations

import seedream_django

project = "seedream_django"
author = "The seedream_django authors"
copyright = "the seedream_django authors, BSD 3-Clause"
release = version = seedream_django.__version__

extensions = ["myst_parser"]
# Headings get the anchors that a forge gives them, so that a link works in both places.
myst_heading_anchors = 4
# Drawings are the blocks that name no language.
highlight_language = "text"

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_show_sphinx = html_copy_source = False
