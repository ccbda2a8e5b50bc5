"""What the program says when it ends without results, as exceptions."""

from __future__ import annotations


class ProgramError(RuntimeError):
    """The program failed; its text is the message."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code
        """Exit code of the program."""


class ConfigError(ProgramError, ValueError):
    """A config or an option is wrong (exit code 2): where, what was found, what is allowed, and the likely fix."""


class DifferenceError(ProgramError):
    """A comparison of backends found a difference (exit code 3)."""


class Interrupted(KeyboardInterrupt):
    """The run was stopped with Ctrl-C. What was finished is kept: `run(..., resume=True)` goes on."""


def of_exit(code: int, text: str) -> BaseException:
    """The exception of an exit code that is not 0."""
    kinds: dict[int, type[ProgramError]] = {2: ConfigError, 3: DifferenceError}
    text = text.strip() or f"the program ended with exit code {code}"
    if code == 130:
        return Interrupted(text)
    return kinds.get(code, ProgramError)(text, code)
