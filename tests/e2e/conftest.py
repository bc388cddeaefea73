"""The real servers."""

from support.servers.fixtures import dovecot, exim, mail_system, postfix, smtp_server

__all__ = ["dovecot", "exim", "mail_system", "postfix", "smtp_server"]
