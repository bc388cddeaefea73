"""WHAT IT MEANS. The only room that judges: rules are data in `resources/diagnosis`.

Start with `explain`. Imports `smtp`, `net` and `settings`; nothing below knows it.
"""
