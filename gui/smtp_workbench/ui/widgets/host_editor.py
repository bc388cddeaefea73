"""The field of the host, which takes a whole URL too."""

from smtp_workbench.ui.fields import FieldSpec
from smtp_workbench.ui.widgets.editors import TextEditor


class HostEditor(TextEditor):
    """Hands over a URL as a whole: a pasted one at once, a typed one at its end.

    What is typed of it so far is no host, and is not to be kept as one: a password may stand in it.
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._begun = False
        """Whether a URL is being typed."""
        self.line.editingFinished.connect(self._finish)

    def _typed(self, text: str) -> None:
        self._begun = "://" in text and (self._begun or text.endswith("://"))
        if not self._begun:
            super()._typed(text)

    def _finish(self) -> None:
        if self._begun:
            self._begun = False
            super()._typed(self.line.text())
