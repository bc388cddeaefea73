"""A SERVER TO PRACTISE AGAINST: aiosmtpd on loopback, an inbox in memory, faults on demand.

Start with `server`. Imports `settings` and `net`.
"""
