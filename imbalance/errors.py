"""The one exception that a user is meant to read."""


class InputError(ValueError):
    """An error in the user's parameters, data or files; the message says what, where, and what to do.

    Stages print the message without a traceback and exit with status 1 (`stages.run`).
    """
