import subprocess
import sys
from pathlib import Path

import routing
from routing.compiled import SOURCES, folder

HERE = Path(routing.__file__).parent


def test_the_folder_is_named_after_every_file_that_is_compiled():
    decorated = {
        path.name for path in HERE.glob("*.py") if "\n@compiled\n" in path.read_text("utf-8")
    }
    assert decorated
    assert decorated <= set(SOURCES)


def test_compiling_ahead_leaves_what_the_next_process_loads():
    subprocess.run([sys.executable, "-m", "routing", "compile"], check=True, timeout=300)
    kept = {path.name.split("-")[0].rsplit(".", 1)[-1] for path in folder().rglob("*.nbi")}
    assert {"fill", "refresh", "take_rounds"} <= kept
