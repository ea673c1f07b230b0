"""Commands that keep running: the web pages and the worker of long runs."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, now, pass_workplace

if TYPE_CHECKING:
    from types import FrameType


@click.command("serve", help="启动网页和后台任务。")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--worker/--no-worker", "with_worker", default=True, help="同时启动后台任务")
@pass_workplace
def serve(workplace: Workplace, host: str, port: int, *, with_worker: bool) -> None:
    """Serve until stopped; the worker is a process of its own and ends with the server."""
    run_server(workplace, host, port, with_worker=with_worker)


def run_server(workplace: Workplace, host: str, port: int, *, with_worker: bool) -> None:
    """Serve the pages on `host:port`."""
    from waitress import create_server  # lazy: start-up time

    from outreach.services.queue import Queue
    from outreach.web import create_app

    database = workplace.database
    queue = Queue(workplace.settings, database, now)
    app = create_app(workplace.settings, database=database, queue=queue, clock=now)
    server = create_server(app, host=host, port=port, threads=8, ident=None)
    helper = subprocess.Popen([sys.executable, "-m", "outreach", "worker"]) if with_worker else None
    signal.signal(signal.SIGTERM, _stop)
    workplace.print("网页:http://{host}:{port}(按 Ctrl+C 停止)", host=host, port=port)
    try:
        server.run()
    except KeyboardInterrupt:
        workplace.print("已停止")
    finally:
        server.close()
        if helper is not None:
            helper.terminate()
            helper.wait(timeout=30)
        database.close()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command("worker", help="做后台的长任务(排计划);serve 会自动启动一个。")
@pass_workplace
def worker(workplace: Workplace) -> None:
    """Carry out runs until stopped."""
    from outreach.services.queue import Queue

    Queue(workplace.settings, workplace.database, now).work()
