"""THE CONVERSATION, over aiosmtplib's protocol, one command at a time, reported as it goes.

Read `events` first: it is the contract of the whole program. `session` holds the steps, `verify`
puts them in order, `protocol` talks to the wire, `wire` redacts, `auth/` has a file a mechanism,
`report` folds events. Imports `net` and `settings`. Facts only: `diagnosis` judges.
"""
