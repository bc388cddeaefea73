"""Pieces of the window that render what they are given."""
