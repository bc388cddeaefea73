"""From nothing to a window on the screen: the frame first, then what it holds.

Whatever takes long to load is imported after the frame has been painted.
"""

import os
import sys

from platformdirs import user_config_path
from PySide6.QtWidgets import QApplication

from smtp_workbench.store.state import State
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.theme import Theme

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def run() -> int:
    """Open the window; return the exit status when it is closed."""
    if sys.platform == "linux" and not any(map(os.environ.get, _SCREENS)):
        print(
            "smtp-workbench: there is no screen to open the window on; with a command it works "
            "without one (smtp-workbench --help)",
            file=sys.stderr,
        )
        return 2
    os.environ["QT_API"] = "pyside6"  # qasync asks for it
    application = QApplication(sys.argv[:1])
    application.setApplicationName("smtp-workbench")
    application.setApplicationDisplayName("SMTP Workbench")
    application.setDesktopFileName("smtp-workbench")
    application.setQuitOnLastWindowClosed(False)
    folder = user_config_path("smtp-workbench", appauthor=False)
    kept = State(folder).load()
    theme = Theme(application, str(kept.get("theme", "system")))
    frame = Frame(kept)
    frame.show()
    application.processEvents()

    from smtp_workbench.ui.loop import fill  # noqa: PLC0415  # see above

    return fill(application, frame, theme, folder, kept)
