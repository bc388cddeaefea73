"""WHAT TO SEND. From a draft to the octets that go over the wire; no network.

Start with `draft` (the nouns), then `build` (draft to octets) and `content` (how large ones are
held). Imports `settings`. Reads files only where the user named them.
"""
