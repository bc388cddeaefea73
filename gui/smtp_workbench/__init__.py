"""SMTP Workbench: find out why mail settings fail, send test mails, export working settings."""

__version__ = "0.1.0"
