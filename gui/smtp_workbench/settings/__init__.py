"""WHAT TO CONNECT TO. Plain data and pure functions, no input or output.

Start with `transport` (the nouns), then `change` (what fills the form) and `checks` (transport to
findings). Imports nothing of this program but the door to its data files.
"""
