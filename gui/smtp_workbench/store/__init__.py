"""Kept on this machine: profiles, secrets, the state of the program."""
