"""Runs the program that this package carries."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import of_exit
from .results import Results, open_results

NAME = "snn-ensemble"
WARNING = "warning: "


def program() -> str:
    """Path of the program: the one that SNN_ENSEMBLE_BIN names, else the package's own, else that of the search path."""
    named = os.environ.get("SNN_ENSEMBLE_BIN")
    if named:
        return named
    own = shutil.which(NAME, path=sysconfig.get_path("scripts"))
    found = own or shutil.which(NAME)
    if found is None:
        raise FileNotFoundError(f"no program {NAME}: install this package from its wheel, or name one in SNN_ENSEMBLE_BIN")
    return found


def run(
    config: str | os.PathLike[str] | Mapping[str, Any],
    *,
    set: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] | None = None,
    backend: str = "auto",
    device: str | int | None = None,
    seed: int | None = None,
    resume: bool = False,
    verify: int | None = None,
    threads: int | None = None,
    shard: str | None = None,
    progress: bool = True,
) -> Results:
    """Runs an experiment and returns its results.

    `config` is the path of a YAML file, or the same as nested dicts; `set` overrides values by their paths, as `--set` does. None is the
    config's `none`; numbers and arrays may be of numpy. The other arguments are the options of `snn-ensemble run` (`shard="2/7"` computes
    a part, `threads` counts those of the CPU); results go to `out`, by default `out/NAME` in the current folder. What the program tells on
    the way appears on standard error; with `progress=False` only its warnings are told, as Python's. Ctrl-C, or the end of Python, stops
    the run, which keeps what it finished.

    Raises `ConfigError` (which calls a dict `config`), `ProgramError` and `Interrupted`, each with the program's text. A point that cannot
    be computed is a `ProgramError` too, with its reason; the others are in the error's `directory`.
    """
    options = {"--backend": backend, "--device": device, "--seed": seed, "--verify": verify}
    options |= {"--threads": threads, "--shard": shard, "--resume": resume}
    return _results("run", config, set, out, options, progress)


def branches(
    config: str | os.PathLike[str] | Mapping[str, Any],
    *,
    set: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> Results:
    """Follows fixed points and orbits of `dsode`, as `snn-ensemble branches` does, and returns the results with `branches()`.

    The config has a section `continuation`. Arguments, what appears on the way, and errors are those of `run`; the same call goes on with
    what an interrupted one has found. A branch that ends for want of a network is a `ProgramError`, with its reason; the others are in the
    error's `directory`.
    """
    return _results("branches", config, set, out, {"--threads": threads}, progress)


def check(
    config: str | os.PathLike[str] | Mapping[str, Any], *, set: Mapping[str, Any] | None = None, converge: bool = False
) -> str:
    """What an experiment is and costs, as the text of `snn-ensemble check`: the resolved config with comments.

    Computes nothing, but `converge` computes two points shortly with the time step and with half of it; `DifferenceError` if their rates disagree. Warnings
    appear on standard error. Raises `ConfigError`.
    """
    return _start("check", config, set, {"--converge": converge}, True)


def validate(
    config: str | os.PathLike[str] | Mapping[str, Any],
    *,
    set: Mapping[str, Any] | None = None,
    members: int = 4,
    device: str | int | None = None,
    against: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Computes the same members on CPU and GPU, or the stored ones of `against` again, and compares them number by number.

    Returns what `validation.json` in `out` (by default `out/NAME`) holds: `verdict`, which devices, and the `checks`, of `members` of each
    model; what cannot be computed is left out with a warning. `DifferenceError` if one failed, `ConfigError` where there is no adapter or
    `against` has other members.
    """
    options = {"--members": members, "--device": device, "--against": against and os.fspath(against)}
    options |= {"--out": out and os.fspath(out), "--threads": threads}
    file = _named("written", _start("validate", config, set, options, progress, partly=True))
    return json.loads(Path(file or "").read_text(encoding="utf-8"))


def merge(
    out: str | os.PathLike[str],
    parts: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    partial: bool = False,
    progress: bool = True,
) -> Results:
    """Joins the result directories `parts` of a run's shards in the directory `out`, and returns the joined results.

    `partial` joins what there is though parts or members are missing, which are told as warnings. Raises `ConfigError` for what are no parts
    of one run, `ProgramError` where something is missing or damaged.
    """
    parts = [parts] if isinstance(parts, (str, os.PathLike)) else parts
    folders = [_positional(folder) for folder in (out, *parts)]
    _execute([program(), "merge", *folders, *(["--partial"] if partial else [])], progress)
    return open_results(out)


def _results(
    command: str,
    config: str | os.PathLike[str] | Mapping[str, Any],
    set: Mapping[str, Any] | None,
    out: str | os.PathLike[str] | None,
    options: Mapping[str, Any],
    progress: bool,
) -> Results:
    """The results of a command that writes them; the program knows the experiment's name, and so where they are by default."""
    printed = _start(command, config, set, {**options, "--out": out and os.fspath(out)}, progress)
    return open_results(out or _named("results", printed) or "")


def _start(
    command: str,
    config: str | os.PathLike[str] | Mapping[str, Any],
    set: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    progress: bool,
    partly: bool = False,
) -> str:
    """What a command prints of a config; an option that is None or False is left out, one that is True has no value."""
    words: list[str] = []
    for path, value in (set or {}).items():
        words += ["--set", f"{path}={_yaml(value)}"]
    for option, value in options.items():
        words += [] if value is None or value is False else [option] if value is True else [f"{option}={value}"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.yaml")
        temporary = str(file)
        if isinstance(config, Mapping):
            # JSON is YAML; indented, so that lines in errors tell something
            file.write_text(json.dumps(_plain(config), indent=1), encoding="utf-8")
        else:
            file = Path(config)
            if str(file) == "-":
                raise ValueError("a config is a path or a dict; '-' is the standard input of the program alone")
        return _execute([program(), command, _positional(file), *words], progress, temporary, partly)


def _positional(path: str | os.PathLike[str]) -> str:
    """A path that is no option, whatever it begins with."""
    text = os.fspath(path)
    return f"./{text}" if text.startswith("-") else text


def _named(what: str, printed: str) -> str | None:
    """Where the program says that its results are, or what it has written."""
    found = re.findall(rf"^{what}: (.*)$", printed, flags=re.MULTILINE)
    return found[-1] if found else None


def _execute(command: list[str], progress: bool, temporary: str | None = None, partly: bool = False) -> str:
    """What the program prints; an exception for an exit code that is not 0, or, where `partly` will do, of what wrote nothing. A temporary
    file is called `config`.
    """
    # A group of its own: Ctrl-C reaches the program once, from here, in terminals and notebooks alike. Should Python be killed, the
    # program finds the end of its input, and stops as at Ctrl-C.
    how: dict[str, Any] = {"start_new_session": True, "env": {**os.environ, "SNN_ENSEMBLE_STDIN": "parent"}}
    stop = signal.SIGINT
    if sys.platform == "win32":
        del how["start_new_session"]
        how["creationflags"], stop = subprocess.CREATE_NEW_PROCESS_GROUP, signal.CTRL_BREAK_EVENT
    printed: list[str] = []
    said: list[str] = []
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", **how) as process:
        assert process.stdout and process.stderr
        reader = threading.Thread(target=printed.extend, args=[process.stdout], daemon=True)
        reader.start()
        try:
            # a second Ctrl-C ends the program at once, a second after the first or later
            while _is_interrupted(process.stderr, said, progress, temporary):
                process.send_signal(stop)
        except BaseException:
            # nobody to pass the progress on to
            process.kill()
            raise
        finally:
            reader.join()
    text = _public("".join(printed), temporary)
    code = process.returncode
    if not progress:
        _warn(line.removeprefix(WARNING) for line in said if line.startswith(WARNING))
    if code == 1 and partly and _named("written", text):
        _warn(said[_first_reason(said) :])
    elif code != 0:
        reasons = said[_first_reason(said) :] or [f"the program ended with exit code {code}\n", *said[-10:], text]
        raise of_exit(code, "".join(reasons).strip().removeprefix("error: "), _named("results", text))
    return text


def _public(text: str, temporary: str | None) -> str:
    """What the program said, of a config that has no file."""
    return text.replace(temporary, "config") if temporary else text


def _is_interrupted(errors: Any, said: list[str], progress: bool, temporary: str | None) -> bool:
    """Follows what the program says, to its end or to the next Ctrl-C."""
    try:
        _follow(errors, said, progress, temporary)
    except KeyboardInterrupt:
        return True
    return False


def _follow(errors: Any, said: list[str], progress: bool, temporary: str | None) -> None:
    """Passes on what the program says, line by line, until it ends; errors become exceptions."""
    for line in errors:
        said.append(_public(line, temporary))
        if progress and _first_reason(said) == len(said):
            print(said[-1], end="", file=sys.stderr, flush=True)


def _warn(lines: Iterable[str]) -> None:
    """What the program tells, as Python's warnings of the line that called this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals["__name__"].startswith(__package__ or ""):
        level, frame = level + 1, frame.f_back
    for line in lines:
        warnings.warn(line.strip(), stacklevel=level)


def _first_reason(said: list[str]) -> int:
    """Where the program begins to say why it does not end well; the number of lines if it does not."""
    return next((i for i, line in enumerate(said) if line.startswith(("error:", "skipped:", "interrupted"))), len(said))


def _yaml(value: Any) -> str:
    """A value of `--set`; texts are YAML already."""
    value = _plain(value)
    return value if isinstance(value, str) else json.dumps(value)


def _plain(value: Any) -> Any:
    """A value in what JSON has: None is the word `none`, as null would be nothing at all; numbers and arrays of numpy are Python's."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"a {type(value).__name__} has no place in a config: {value!r}")
