"""The one error the program raises on purpose: a code for machines, a sentence for people."""


class LensError(Exception):
    """Something the user can act on.

    `code` is a short stable word (``unreadable``, ``missing``, ``out-of-memory``, ``cancelled``, ``crashed``, …);
    the message is one sentence saying what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type["LensError"], tuple[str, str]]:
        return (type(self), (self.code, self.message))
