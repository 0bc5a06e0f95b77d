"""The one exception that a user is meant to read."""


class InputError(ValueError):
    """Something the user gave or owns is wrong; the message says what, where, and what to do.

    Stages print the message without a traceback and exit with status 1 (`stages.run`).
    """
