"""SASL mechanisms (RFC 4422, RFC 4954), one file each, and the one table of them."""
