"""What every command shares: settings, database, district, output."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from outreach.domain.calendar import CHINA
from outreach.i18n import Language, say, translate
from outreach.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from sqlalchemy.orm import Session

    from outreach.services.progress import OnProgress
    from outreach.storage.database import Database
    from outreach.storage.districts import District


def now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in China."""
    return datetime.now(CHINA).date()


@dataclass(kw_only=True)
class Workplace:
    """One command's surroundings."""

    language: Language
    district_code: str | None = None
    settings: Settings = field(default_factory=load_settings)

    def __post_init__(self) -> None:
        """Every command knows the same sources."""
        from outreach.sources.specs import learn_sources

        learn_sources(self.settings.sources_folder)

    def settings_of(self, session: Session) -> Settings:
        """The settings with what the district set for itself."""
        from outreach.services.administration.district_settings import (
            settings_on,
        )  # lazy: start-up time

        return settings_on(session, self.district(session).id, self.settings, today())

    @cached_property
    def console(self) -> Console:
        """Where people read."""
        from rich.console import Console  # lazy: start-up time

        # A pipe has no width: there, long lines are for the reader's own tools to cut.
        return Console(highlight=False, width=None if sys.stdout.isatty() else 200)

    @cached_property
    def database(self) -> Database:
        """The database, at its newest revision; PostgreSQL is upgraded by `outreach db upgrade`."""
        from outreach.services.planning.travel import use_roads  # lazy: start-up time
        from outreach.storage.database import Database

        database = Database(self.settings.database)
        use_roads(database, self.settings)
        if database.engine.dialect.name == "sqlite" or database.revision() is None:
            database.upgrade()
        else:
            database.require_current()
        return database

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One command, one transaction."""
        with self.database.transaction() as session:
            yield session

    def district(self, session: Session) -> District:
        """The district that the command is about."""
        from outreach.services.administration.districts import current_district

        return current_district(session, self.district_code)

    def receiving_district(self, session: Session) -> District:
        """The district that a received file belongs to."""
        from outreach.services.administration.districts import receiving_district

        return receiving_district(session, self.district_code, self.settings.district)

    def say(self, template: str, **values: object) -> str:
        """Put a text into the command's language."""
        return say(self.language, template, **values)

    def print(self, template: str, **values: object) -> None:
        """Print one line."""
        self.console.print(self.say(template, **values), markup=False)

    def print_json(self, value: object) -> None:
        """Print a result for a script."""
        click.echo(json.dumps(value, ensure_ascii=False, default=str))

    def print_pairs(self, title: str, pairs: Sequence[tuple[str, object]]) -> None:
        """Print names and numbers, numbers to the right."""
        from rich.table import Table  # lazy: start-up time

        table = Table(
            title=self.say(title), title_justify="left", show_header=False, box=None, padding=(0, 2)
        )
        table.add_column(style="dim")
        table.add_column(justify="right")
        for name, value in pairs:
            shown = f"{value:,}" if isinstance(value, int) else str(value)
            table.add_row(translate(name, self.language), translate(shown, self.language))
        self.console.print(table)

    def print_table(self, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table; cells are shown as they are, never read as markup."""
        from rich.table import Table  # lazy: start-up time
        from rich.text import Text

        table = Table(box=None, header_style="bold", padding=(0, 1))
        for header in headers:
            table.add_column(translate(header, self.language), overflow="fold")
        for row in rows:
            table.add_row(*(Text(str(cell)) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self, title: str, *, quiet: bool = False) -> Iterator[OnProgress]:
        """Show a bar on a terminal, nothing elsewhere."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
        )
        with Progress(
            *columns, console=self.console, disable=quiet or not self.console.is_terminal
        ) as bars:
            task = bars.add_task(self.say(title), total=None)

            def on_progress(done: int, total: int) -> None:
                bars.update(task, completed=done, total=total)

            yield on_progress


pass_workplace = click.make_pass_decorator(Workplace)


def json_option(command: Any) -> Any:  # noqa: ANN401  (click's decorators are untyped here)
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="输出 JSON,给程序用")(command)
