"""IN AND OUT OF OTHER PROGRAMS. One file a format, one explicit list: `registry.FORMATS`.

Start with `format` (what a format is), then `flask_mail` (a small one). Imports `settings`. Nothing
here reads or writes a file or runs what it reads: the caller does the first, nobody the second.
"""
