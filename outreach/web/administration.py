"""The way to everything that a district sets for itself."""

from __future__ import annotations

from flask import Blueprint, render_template

from outreach.services.administration.principals import require_district
from outreach.web import current

pages = Blueprint("administration", __name__)


@pages.get("/administration")
def index() -> str:
    """List the pages with what each decides."""
    require_district(current.principal())
    return render_template("administration/index.html")
