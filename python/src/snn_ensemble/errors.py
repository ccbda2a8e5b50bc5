"""What the program says when it ends without results, as exceptions."""

from __future__ import annotations


class ProgramError(RuntimeError):
    """The program failed, or skipped a point (exit code 1); its text is the message, with how to open what was computed all the same."""

    def __init__(self, text: str, code: int, directory: str | None = None) -> None:
        super().__init__(text if directory is None else f"{text}\nwhat was computed: snn_ensemble.open({directory!r})")
        self.code = code
        """Exit code of the program."""
        self.directory = directory
        """Where there are results all the same; None if there are none."""


class ConfigError(ProgramError, ValueError):
    """A config or an option is wrong (exit code 2): where, what was found, what is allowed, and the likely fix."""


class DifferenceError(ProgramError):
    """A comparison, of backends or of time steps, found a difference (exit code 3)."""


class Interrupted(KeyboardInterrupt):
    """The run was stopped with Ctrl-C. What was finished is kept: `run(..., resume=True)` goes on."""


def of_exit(code: int, text: str, directory: str | None) -> BaseException:
    """The exception of an exit code that is not 0; `directory` has results all the same."""
    kinds: dict[int, type[ProgramError]] = {2: ConfigError, 3: DifferenceError}
    return Interrupted(text) if code == 130 else kinds.get(code, ProgramError)(text, code, directory)
