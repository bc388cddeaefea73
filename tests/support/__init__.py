"""Servers, certificates and dialogues that tests share."""
