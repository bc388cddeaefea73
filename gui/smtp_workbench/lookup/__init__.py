"""What a mail domain publishes: where to send its mail from, and whom to believe.

Facts only; what they mean for a person is said where they are shown.
"""
