"""Windows over the window: each is opened without blocking and answers with a signal."""
