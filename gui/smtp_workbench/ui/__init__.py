"""The window. The only room that knows Qt; it adds no SMTP logic of its own."""
