"""Errors that a person can act on: each names the thing, the value and the remedy."""

from __future__ import annotations


class OutreachError(Exception):
    """Root of the application's errors.

    `template` is the Chinese message with named placeholders (it is the key of the English
    catalogue); `values` fills it. `code` is stable and may be quoted to the help desk.
    """

    code = "E000"

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))


class NotFound(OutreachError, LookupError):
    """The thing does not exist, or the account may not know that it exists (web status 404)."""

    code = "E404"


class Refused(OutreachError, PermissionError):
    """The account's role does not allow the action (web status 403)."""

    code = "E403"


class InvalidInput(OutreachError, ValueError):
    """A value that a person gave cannot be used (web status 422)."""

    code = "E422"


class FileRefused(InvalidInput):
    """A received file cannot be read as a whole; nothing of it was stored."""

    code = "E101"


class Conflict(OutreachError, RuntimeError):
    """The action contradicts what is already stored (web status 409)."""

    code = "E409"
