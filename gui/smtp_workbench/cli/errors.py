"""The one error of this room."""


class CallError(Exception):
    """The words of the call are off; the text names which and is printed in one line."""
