"""The columns of the window, put together from widgets."""
