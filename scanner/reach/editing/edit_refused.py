"""Why a file is not edited."""


class EditRefusedError(Exception):
    """The text is not what it would have to be; the message says why and quotes nothing of it."""
