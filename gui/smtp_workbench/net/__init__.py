"""HOW TO REACH IT. The only room that opens client sockets.

Each function says what happened, never what it means: it returns facts or raises `NetError`.
Read `errors` first, then in order of a connection: `resolve`, `dial`, `proxy`, `tls`.
Imports `settings` only.
"""
