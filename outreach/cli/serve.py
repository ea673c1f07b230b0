"""Commands that keep running: the web pages and the worker of long runs."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, now, pass_workplace
from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from types import FrameType


RESTART_AFTER_S = 2.0
"""A worker that dies at once, again and again, must not fill the machine with attempts."""


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

    from outreach.services.runs.queue import Queue
    from outreach.services.runs.readiness import start_warming
    from outreach.web import create_app

    listening = _listen(host, port)
    database = workplace.database
    queue = Queue(workplace.settings, database, now)
    app = create_app(workplace.settings, database=database, queue=queue, clock=now)
    server = create_server(app, sockets=[listening], threads=8, ident=None)
    helper = _WorkerKeeper() if with_worker else None
    signal.signal(signal.SIGTERM, _stop)
    start_warming()
    workplace.print("网页:{address}(按 Ctrl+C 停止)", address=f"http://{host}:{port}")
    try:
        server.run()
    except KeyboardInterrupt:
        workplace.print("已停止")
    finally:
        server.close()
        if helper is not None:
            helper.stop()
        database.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as error:
        raise InvalidInput(
            "不能在 {address} 上启动网页,可能已有程序在用,请用 --port 换一个端口",
            address=f"{host}:{port}",
        ) from error


class _WorkerKeeper:
    """Keeps one worker process running: one that dies is started again, its run is taken up."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "outreach", "worker"])

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(RESTART_AFTER_S):
                self._process = self._start()

    def stop(self) -> None:
        """End the worker and wait for it."""
        self._stopping.set()
        while self._thread.is_alive():
            self._process.terminate()
            self._thread.join(timeout=5)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command("worker", help="做后台的长任务(排计划);serve 会自动启动一个。")
@pass_workplace
def worker(workplace: Workplace) -> None:
    """Carry out runs until stopped."""
    from outreach.services.runs.queue import Queue

    Queue(workplace.settings, workplace.database, now).work()
