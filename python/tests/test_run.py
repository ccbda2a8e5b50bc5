"""Starting the program, what it says, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import CONFIG

import snn_ensemble as sn


def test_a_run_returns_the_results_of_its_own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = sn.run(CONFIG, set={"realisations": 2, "projections.E<-E.p": np.float64(0.7), "scan": []}, seed=3, backend="cpu")
    assert results.directory == Path("out/small")
    assert results.manifest["seed"] == 3 and results.manifest["complete"]
    assert "p: 0.7" in (results.directory / "config.yaml").read_text()
    assert results.points(model="snn", statistic="rate").n.eq(2).all() and not results.axes


def test_parts_are_computed_with_as_many_threads_as_asked_for_and_joined(tmp_path):
    axis = {"path": "projections.E<-E.p", "values": range(0, 2)}
    whole, first, second, out = (tmp_path / name for name in ["whole", "first", "second", "out"])
    options = {"set": {"scan": [axis]}, "backend": "cpu", "progress": False}
    sn.run(CONFIG, out=whole, **options)
    part = sn.run(CONFIG, out=first, threads=1, shard="1/2", **options)
    assert 0 < len(part.members(statistic="rate")) < len(sn.open(whole).members(statistic="rate"))
    with pytest.raises(sn.ProgramError, match="part 2/2 is not among the directories"):
        sn.merge(out, [first])
    with pytest.warns(UserWarning, match="part 2/2 is not among the directories"):
        assert len(sn.merge(tmp_path / "partial", [first], partial=True, progress=False).members()) == len(part.members())
    sn.run(CONFIG, out=second, shard="2/2", **options)
    joined = sn.merge(out, [first, second], progress=False)
    assert joined.directory == out and (out / "points.csv").read_bytes() == (whole / "points.csv").read_bytes()
    other = sn.run(CONFIG, out=tmp_path / "other", shard="2/2", seed=4, **options)
    with pytest.raises(sn.ConfigError, match="no parts of one run"):
        sn.merge(tmp_path / "both", [first, other.directory])


def test_a_file_may_be_named_and_silence_kept(tmp_path, capsys):
    config = tmp_path / "config.yaml"
    config.write_text("name: a\ntime: {duration: 20}\npopulations: {E: {size: 5, tau_ref: 1}}\nmodels: [snn]\nrealisations: 2\n")
    assert len(sn.run(config, out=tmp_path / "out", backend="cpu", progress=False).members(statistic="rate")) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_bad_config_is_an_exception_with_the_programs_text(tmp_path, capsys):
    with pytest.raises(sn.ConfigError, match=r"populations\.E\.tau_reff: unknown key; did you mean tau_ref") as caught:
        sn.run({**CONFIG, "populations": {"E": {"size": 5, "tau_reff": 4}}}, out=tmp_path / "out")
    assert caught.value.code == 2 and isinstance(caught.value, ValueError) and caught.value.directory is None
    assert re.match(r"config:\d+:\d+: ", str(caught.value))
    assert "tau_reff" not in capsys.readouterr().err
    with pytest.raises(sn.ConfigError, match="no_such_path"):
        sn.run(CONFIG, set={"no_such_path": 1}, out=tmp_path / "out")


def test_branches_are_followed_and_gone_on_with(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    along = {"parameter": "populations.E.drive.rate", "range": [8.5, 9], "models": [{"dsode": {"bin": 10}}]}
    config = {**CONFIG, "scan": []}
    whole = sn.branches(config, set={"continuation": along}, out=tmp_path / "whole")
    assert set(whole.special()["code"]) and whole.branches()["value"].between(8.5, 9).all()
    capsys.readouterr()
    first = sn.branches(config, set={"continuation": along | {"range": [8.5, 8.8]}}, threads=1, progress=False)
    assert first.directory == Path("out/small") and first.branches()["value"].max() == 8.8
    assert capsys.readouterr().err == ""
    longer = sn.branches(config, set={"continuation": along}, progress=False)
    assert longer.branches()["value"].max() == 9
    with pytest.raises(sn.ConfigError, match="the config has no section `continuation`"):
        sn.branches(config)


def test_a_config_is_checked_without_computing_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = sn.check(CONFIG, set={"realisations": 7})
    assert "realisations: 7" in text and "# 6 points x 7 realisations" in text
    with pytest.raises(sn.ConfigError, match="no_such_path"):
        sn.check(CONFIG, set={"no_such_path": 1})
    assert "small enough" in sn.check(CONFIG, set={"time.duration": 300, "scan": []}, converge=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="processes are found by their command lines")
def test_the_program_ends_with_python(tmp_path):
    long = CONFIG | {"time": {"duration": 1e6, "discard": 10}, "realisations": 64}
    script = f"import snn_ensemble as sn\nsn.run({long!r}, out={str(tmp_path / 'out')!r}, backend='cpu')\n"

    def runs():
        found = subprocess.run(["pgrep", "-f", f"snn-ensemble run .*--out={tmp_path / 'out'}"], capture_output=True, check=False)
        return found.returncode == 0

    def becomes(state):
        for _ in range(200):
            if runs() == state:
                return True
            time.sleep(0.1)
        return False

    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL) as python:
        try:
            assert becomes(True)
        finally:
            python.kill()
    assert becomes(False)


def test_paths_may_begin_with_a_dash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("-config.yaml").write_text(json.dumps(CONFIG | {"scan": []}))
    results = sn.run("-config.yaml", out="-out", backend="cpu", progress=False)
    assert Path("-out/points.csv").exists()
    assert sn.merge("-merged", "-out", progress=False).points().equals(results.points())


def test_silence_does_not_hide_warnings(tmp_path):
    with pytest.warns(UserWarning, match="converge") as told:
        sn.run(CONFIG, set={"time.dt": 1, "scan": []}, out=tmp_path / "out", backend="cpu", progress=False)
    assert told[0].filename == __file__


def test_stored_members_are_computed_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stored = sn.run(CONFIG, set={"scan": []}, out="stored", backend="cpu", progress=False)
    validation = sn.validate(CONFIG, set={"scan": []}, members=1, against=stored.directory, out="again", progress=False)
    assert validation["verdict"] == "equal" and validation["stored"] and all(check["ok"] for check in validation["checks"])
    assert Path("again/validation.json").exists()
    with pytest.raises(sn.ConfigError, match="--against"):
        sn.validate(CONFIG, against="nowhere", progress=False)
    drive = {"kind": "poisson", "rate": 5000, "weight": 0.001}
    fast = {"scan": [], "populations.E.drive": drive, "models": ["snn", "markov"], "analysis.lyapunov": False}
    with pytest.raises(sn.ProgramError, match="skipped: snn"):
        sn.run(CONFIG, set=fast, out="fast", backend="cpu", progress=False)
    with pytest.warns(UserWarning, match="skipped: snn"):
        again = sn.validate(CONFIG, set=fast, members=1, against="fast", out="fast", progress=False)
    assert again["verdict"] == "equal" and {check["model"] for check in again["checks"]} == {"markov"}
    if os.name == "posix":
        program = tmp_path / "program"
        program.write_text("#!/bin/sh\necho note: so >&2\necho warning: this >&2\necho difference: snn, point 0\nexit 3\n")
        program.chmod(0o755)
        monkeypatch.setenv("SNN_ENSEMBLE_BIN", str(program))
        with pytest.raises(sn.DifferenceError, match="difference: snn, point 0"):
            sn.validate(CONFIG, members=1)
        with pytest.warns(UserWarning, match="this") as told, pytest.raises(sn.DifferenceError):
            sn.validate(CONFIG, members=1, progress=False)
        assert told[0].filename == __file__


def test_none_is_the_word_of_configs(tmp_path):
    def population(tau_m):
        return {"E": {"size": np.int64(5), "tau_ref": 1, "tau_m": tau_m}}

    def config(tau_m):
        return {"name": "a", "time": {"duration": 20}, "populations": population(tau_m), "models": ("snn",), "realisations": 2}

    own = {"backend": "cpu", "progress": False}
    sn.run(config(None), out=tmp_path / "0", **own)
    sn.run(config(20), set={"populations.E.tau_m": None}, out=tmp_path / "1", **own)
    sn.run(config(20), set={"populations": population(None)}, out=tmp_path / "2", **own)
    texts = [(tmp_path / name / "config.yaml").read_text() for name in "012"]
    assert texts[0] == texts[1] == texts[2] and "tau_m: 20" not in texts[0]


def test_a_value_that_no_config_can_hold_is_named(tmp_path):
    with pytest.raises(TypeError, match="object"):
        sn.run({**CONFIG, "seed": object()}, out=tmp_path / "out")


def test_a_skipped_point_is_told_and_the_others_are_there(tmp_path, capsys):
    scan = [{"path": "populations.E.drive.weight", "values": [1, 100000]}]
    for progress in [False, True]:
        with pytest.raises(sn.ProgramError, match=r"skipped: snn, populations\.E\.drive\.weight = 100000: ") as caught:
            sn.run(CONFIG, set={"scan": scan, "realisations": 1}, out=tmp_path / "out", backend="cpu", progress=progress)
        assert caught.value.code == 1 and f"snn_ensemble.open({str(tmp_path / 'out')!r})" in str(caught.value)
        assert "skipped" not in capsys.readouterr().err
    results = sn.open(caught.value.directory)
    assert results.points(model="snn", statistic="rate", population="E")["drive_weight_E"].tolist() == [1]
    assert results.points(model="dsode", statistic="rate", population="E")["drive_weight_E"].tolist() == [1, 100000]


def test_ctrl_c_reaches_the_program_which_keeps_what_it_finished(tmp_path):
    log = tmp_path / "out" / "members.log"

    def interrupt():
        while not (log.exists() and log.stat().st_size > 100_000):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    # what a shell starts in the background ignores it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(sn.Interrupted, match="--resume goes on"):
        sn.run(CONFIG, set={"realisations": 1_000_000}, out=log.parent, backend="cpu")
    results = sn.open(log.parent)
    assert not results.manifest["complete"]
    assert 0 < results.manifest["members"] == len(results.table("members"))


def test_progress_is_passed_on_and_errors_become_exceptions(tmp_path, monkeypatch, capsys):
    # stands for the program
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho '1/4 members' >&2\necho 'error: a.yaml:1: no' >&2\necho 'a.yaml:2: no' >&2\nexit 1\n")
    other.chmod(0o755)
    monkeypatch.setenv("SNN_ENSEMBLE_BIN", str(other))
    with pytest.raises(sn.ProgramError) as caught:
        sn.run(CONFIG)
    assert (str(caught.value), caught.value.code) == ("a.yaml:1: no\na.yaml:2: no", 1)
    assert capsys.readouterr().err == "1/4 members\n"
    # what ends otherwise gives its last words
    other.write_text("#!/bin/sh\necho 'thread main panicked' >&2\nkill -9 $$\n")
    with pytest.raises(sn.ProgramError, match="ended with exit code -9\nthread main panicked"):
        sn.run(CONFIG, progress=False)
