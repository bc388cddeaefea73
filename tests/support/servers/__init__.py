"""Real mail servers for tests: own configuration, spool and ports, loopback only, gone at the end.

`server` has what they share; each other file starts one program. `tests/e2e/conftest.py` makes
session fixtures of them, `packaging/test` brings the programs.
"""
