"""The one kind of failure that a user is told without a stack trace."""


class Fail(Exception):
    """What was asked for cannot be done; the message says why."""
