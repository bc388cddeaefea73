"""Run with `QT_QPA_PLATFORM=offscreen .venv/bin/python tests/bench/start_up.py`.

From the start of the process to the first painted window: ours against a bare PySide6 window with
one label, in turns, medians compared; and until all that is in it has been painted. Exit status 1
if the target is missed.
"""

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

ROUNDS = 15
TARGET = 1.5

_WATCH = """
import os
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and watched.objectName() == {name!r}:
            print("painted", flush=True)
            os._exit(0)
        return False
watch = Watch()
"""
BARE = f"""
import sys
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication(sys.argv)
{_WATCH.format(name="label")}
app.installEventFilter(watch)
label = QLabel("Hello", objectName="label")
label.show()
app.exec()
"""
_OURS = """
import smtp_workbench.ui.start as start
{watch}
create = start.Frame.__init__
def created(frame, kept):
    create(frame, kept)
    frame.setObjectName("frame")
    start.QApplication.instance().installEventFilter(watch)
start.Frame.__init__ = created
from smtp_workbench.__main__ import main
main([])
"""
FRAME = _OURS.format(watch=_WATCH.format(name="frame"))
WHOLE = _OURS.format(watch=_WATCH.format(name="shell"))


def milliseconds(script: str, home: str) -> float:
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # only a first start compiles
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**environment, "HOME": home, "XDG_CONFIG_HOME": home},
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"painted\n"
        return (time.perf_counter() - began) * 1000


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        scripts = {"bare window": BARE, "ours": FRAME, "ours, with all in it": WHOLE}
        took: dict[str, list[float]] = {name: [] for name in scripts}
        for round_ in range(ROUNDS + 1):
            for name, script in scripts.items():
                once = milliseconds(script, home)
                if round_:  # the first fills the caches
                    took[name].append(once)
    bare = median(took["bare window"])
    for name, times in took.items():
        print(f"{name:22}{median(times):5.0f} ms  {median(times) / bare:.2f}")
    ratio = median(took["ours"]) / bare
    print(f"first paint: {ratio:.2f} (target {TARGET}: {'met' if ratio <= TARGET else 'MISSED'})")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
