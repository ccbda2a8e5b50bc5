"""Tables of a result directory against the files themselves."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from conftest import CONFIG

import snn_ensemble as sn
from snn_ensemble.schema import select


def test_axes_have_clean_names_paths_and_units(results):
    assert list(results.axes) == ["p_E_I", "drive_rate_E"]
    rate = results.axes["drive_rate_E"]
    assert (rate.path, rate.unit, rate.values.tolist()) == ("populations.E.drive.rate", "1/ms", [8, 9, 10])
    assert results.models == ["snn", "dsode"]
    assert results.statistics["rate_E"].unit == "Hz"


def test_points_are_those_of_the_csv_file(results):
    wide = pd.read_csv(results.directory / "points.csv")
    for column, statistic in results.statistics.items():
        if statistic.name == "spikes":
            continue
        rows = results.points(statistic=statistic.name, population=statistic.population)
        for part, name in {"mean": "value", "sem": "error", "ci95_low": "ci95_low", "n": "n"}.items():
            np.testing.assert_array_equal(rows[name], wide[f"{column}_{part}"])
    assert rows["p_E_I"].tolist() == wide["projections.E<-I.p"].tolist()


def test_values_of_axes_are_found_up_to_rounding(results):
    # 0.1 * 6 is not the double 0.6
    rows = results.points(p_E_I=0.1 * 6, drive_rate_E=9, statistic="rate", population="E")
    assert rows[["p_E_I", "drive_rate_E"]].to_numpy().tolist() == [[0.6, 9], [0.6, 9]]
    for value in [7, 0.3001, "high"]:
        with pytest.raises(KeyError, match=f"no '?{value}'? along p_E_I; there are 0.3, 0.6"):
            results.points(p_E_I=value)
    zero = sn.Axis("w", "w", "", "", np.asarray([-0.1, 1e-18, 0.1]))
    assert select(pd.DataFrame({"w": zero.values}), {"w": zero}, {"w": 0})["w"].tolist() == [1e-18]
    with pytest.raises(KeyError, match="no axis p_I_E; there are p_E_I, drive_rate_E"):
        results.points(p_I_E=0.6)
    with pytest.raises(KeyError, match="no model 'markov'; there are snn, dsode"):
        results.points(model="markov")


def test_several_values_are_rows_of_any(results):
    assert set(results.points(model=["snn", "dsode"], drive_rate_E=[8, 10])["drive_rate_E"]) == {8, 10}
    with pytest.raises(KeyError, match="7.* along drive_rate_E"):
        results.points(drive_rate_E=np.array([7, 8]))
    with pytest.raises(KeyError, match="no model 'other'"):
        results.points(model=("snn", "other"))


def test_what_a_run_adds_is_read(tmp_path):
    def run(realisations):
        return sn.run(CONFIG, set={"scan": [], "realisations": realisations}, out=tmp_path, backend="cpu", progress=False)

    first = run(3)
    assert first.points(model="snn", statistic="rate")["n"].eq(3).all() and not first.axes
    fresh = run(8)
    for results in (first, fresh):
        assert results.points(model="snn", statistic="rate")["n"].eq(8).all()
    assert first.agreement("rate_E")["error"].gt(0).all()
    pd.testing.assert_frame_equal(first.agreement("rate_E"), fresh.agreement("rate_E"))


def test_members_are_tidy(results):
    wide = results.table("members")
    tidy = results.members(model="snn", statistic="ssi", population="I")
    assert tidy["value"].tolist() == wide[wide["model"] == "snn"]["ssi_I"].tolist()
    assert list(tidy) == ["model", "point", "realisation", "p_E_I", "drive_rate_E", "population", "statistic", "value", "unit"]
    assert len(results.members()) == len(wide) * len(results.statistics)


def test_arrays_have_the_values_at_their_coordinates(results):
    data = results.to_xarray()
    assert dict(data["rate"].sizes) == {"model": 2, "p_E_I": 2, "drive_rate_E": 3, "population": 2}
    row = results.points(model="dsode", p_E_I=0.3, drive_rate_E=10, statistic="rate", population="I").iloc[0]
    assert float(data["rate"].sel(model="dsode", p_E_I=0.3, drive_rate_E=10, population="I")) == row["value"]
    assert data["rate"].attrs["units"] == "Hz" and "rate_error" in data
    members = results.to_xarray(members=True)
    assert members["rate"].sizes["realisation"] == 3
    assert bool(members["rate"].sel(model="dsode", realisation=2).isnull().all())


def test_what_the_network_has_as_a_whole_has_no_population(results):
    whole = [column for column, statistic in results.statistics.items() if not statistic.population]
    assert whole == ["lyapunov", "lyapunov_se", "period", "period_bursts"]
    assert results.statistics["lyapunov"].label == "lyapunov (1/s)"
    wide = results.table("members")
    tidy = results.members(model="dsode", statistic="lyapunov")
    assert tidy["population"].eq("").all() and tidy["value"].notna().all()
    assert tidy["value"].tolist() == wide[wide["model"] == "dsode"]["lyapunov"].tolist()
    assert results.points(model="dsode", statistic="lyapunov", population="")["value"].tolist() == tidy["value"].tolist()
    with pytest.raises(KeyError, match="no population 'X'; there are E, I, ''"):
        results.points(population="X")
    for members in [False, True]:
        data = results.to_xarray(members=members)
        own = ("realisation",) if members else ()
        assert data["lyapunov"].dims == ("model", "p_E_I", "drive_rate_E", *own)
        assert data["rate"].dims == ("model", "p_E_I", "drive_rate_E", "population", *own)
        assert data["population"].values.tolist() == ["E", "I"]
        first = {"realisation": 0} if members else {}
        assert data["lyapunov"].sel(model="dsode", **first).to_numpy().ravel().tolist() == tidy["value"].tolist()
    agreement = results.agreement("lyapunov", reference="dsode")
    assert agreement["model"].eq("snn").all() and len(agreement) == 6 and agreement["difference"].isna().all()
    scan = results.plot.scan("lyapunov", drive_rate_E=9)
    assert scan.get_ylabel() == "lyapunov (1/s)"
    drawn = {line.get_label(): list(line.get_ydata()) for line in scan.get_lines()}
    assert drawn["dsode"] == results.points(model="dsode", statistic="lyapunov", drive_rate_E=9)["value"].tolist()
    colours = results.plot.map("lyapunov", model="dsode").collections[0].get_array()
    assert np.transpose(colours).ravel().tolist() == tidy["value"].tolist()


def test_axes_that_move_together_share_a_dimension(tmp_path):
    config = {
        "name": "zipped",
        "time": {"duration": 20},
        "populations": {"E": {"size": 5, "tau_ref": 1}},
        "models": ["snn"],
        "realisations": 2,
        "scan": [
            {"zip": [{"path": "populations.E.size", "values": [5, 6]}, {"path": "populations.E.tau_ref", "values": [2, 1]}]}
        ],
    }
    data = sn.run(config, out=tmp_path / "out", backend="cpu", progress=False).to_xarray()
    assert data["rate"].dims == ("model", "size_E", "population")
    assert data["tau_ref_E"].sel(size_E=6) == 1


def test_spectra_and_voltages_are_densities(results):
    spectra = results.spectra("E", model="snn", p_E_I=0.3, drive_rate_E=8)
    assert spectra["frequency"].is_monotonic_increasing and (spectra["density"] > 0).all()
    voltage = results.voltage("E")
    totals = voltage.groupby(["model", "point"])["share"].sum()
    assert len(totals) == 12 and np.allclose(totals, 1)
    closed = voltage[np.isfinite(voltage["v_low"])]
    np.testing.assert_allclose(closed["density"] * (closed["v_high"] - closed["v_low"]), closed["share"])


def test_spikes_are_whole_steps_and_count_as_in_the_table(results):
    spikes = results.spikes(model="snn", realisation=1)
    assert spikes["t"].tolist() == [round(step * 0.1, 9) for step in spikes["step"]]
    counted = spikes[(spikes["population"] == "E") & (spikes["t"] > 10)].groupby("point").size()
    members = results.table("members")
    own = members[(members["model"] == "snn") & (members["realisation"] == 1)]
    assert counted.tolist() == own["spikes_E"].tolist()
    assert results.spikes(p_E_I=0.6)["p_E_I"].eq(0.6).all()


def test_neurons_fire_when_their_spikes_are_recorded(results):
    neurons = results.neurons(population="E", p_E_I=0.3, drive_rate_E=9)
    assert neurons["model"].eq("snn").all() and neurons["p_E_I"].eq(0.3).all() and len(neurons) == 2 * 1000
    assert neurons["voltage"].between(-166, 100).all() and neurons["kicks_E<-E"].ge(0).all()
    spikes = results.spikes(realisation=0, p_E_I=0.3, drive_rate_E=9, population="E")
    of_first = spikes[(spikes["neuron"] == 0) & spikes["t"].between(10.05, 110.05)]
    fired = neurons[(neurons["neuron"] == 0) & (neurons["spikes"] > 0)]
    assert fired["t"].tolist() == of_first["t"].tolist() and len(fired) > 0


def test_traces_have_their_axes(results):
    traces = results.traces(model="dsode", p_E_I=0.3, drive_rate_E=9)
    assert traces["t"].tolist() == [float(t) for t in range(1, 1301)]
    assert {"rate_E", "kicks_E<-I", "p_E_I"} <= set(traces)


def test_agreement_is_the_difference_from_the_network(results):
    rows = results.agreement("rate_E")
    data = results.to_xarray()["rate"].sel(population="E")
    np.testing.assert_allclose(rows["difference"], (data.sel(model="dsode") - data.sel(model="snn")).to_numpy().ravel())
    assert results.agreement("rate_E", p_E_I=0.6)["difference"].tolist() == rows[rows["p_E_I"] == 0.6]["difference"].tolist()
    # a single member has no error, what is not there no difference
    sem = results.points(model="snn", statistic="rate", population="E")["error"]
    assert rows["error"].tolist() == sem.tolist() and rows["relative_error"].notna().all()
    nothing = results.agreement("lyapunov")
    assert nothing["reference"].eq("dsode").all() and len(nothing) == 6 and nothing["error"].isna().all()
    with pytest.raises(KeyError, match="no model 'xx'; there are snn, dsode"):
        results.agreement("rate_E", "xx")


def test_realisations_of_the_same_number_are_pairs(tmp_path):
    config = CONFIG | {
        "models": ["snn", "markov"],
        "analysis": {},
        "scan": [],
        "record": {},
        "realisations": 6,
        "sources": {"S": {"rate": {"mean": 3, "amplitude": 0.9, "frequency": 50}}},
        "projections": CONFIG["projections"] | {"E<-S": {"kind": "excitatory", "s": 1, "tau": 1}},
    }
    results = sn.run(config, out=tmp_path / "pairs", backend="cpu", progress=False)
    wide = results.table("members").pivot(index="realisation", columns="model", values="rate_E")
    row = results.agreement("rate_E").iloc[0]
    np.testing.assert_allclose(row["error"], (wide["markov"] - wide["snn"]).sem(), rtol=1e-9)
    # angles: the shorter way round, and no share of one
    phase = results.agreement("phase_E").iloc[0]
    members = results.table("members")
    mean = members.groupby("model")["phase_E"].agg(lambda x: np.angle(np.exp(1j * x).mean()))
    apart = np.angle(np.exp(1j * (mean["markov"] - mean["snn"])))
    np.testing.assert_allclose(phase["difference"], apart, atol=1e-12)
    assert np.isnan(phase["relative"]) and phase["error"] > 0


def test_tables_without_a_parquet_file_are_read_from_text(tmp_path):
    (tmp_path / "columns.json").write_text("{}")
    (tmp_path / "windows.csv").write_text("from,to,model,n,rate_E_mean\n0,10,NA,2,\n")
    windows = sn.open(tmp_path).table("windows")
    assert windows["model"].tolist() == ["NA"] and windows["rate_E_mean"].isna().all()


def test_files_describe_themselves(results):
    described = json.loads((results.directory / "columns.json").read_text())
    for name in ["members", "points", "densities", "spikes", "neurons", "traces"]:
        file = pyarrow.parquet.read_schema(results.directory / f"{name}.parquet")
        assert json.loads(file.metadata[b"snn-ensemble.columns"]) == described[f"{name}.parquet"]


def test_a_folder_without_results_is_told(tmp_path, results):
    with pytest.raises(FileNotFoundError, match="holds no results"):
        sn.open(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere is no directory"):
        sn.open(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no table branches: .* there are densities, members, neurons, points"):
        results.branches()


def test_branches_are_read_where_they_are(tmp_path):
    stable, codes = ["true", "true", "false", "false", "true"], ["", "HB", "", "LP", ""]
    rows = pd.DataFrame({"model": "dsode", "branch": [1, 1, 1, 1, 2], "code": codes, "stable": stable})
    rows = rows.assign(parameter="projections.E<-I.p", value=[0.1, 0.2, 0.3, 0.4, 0.2], rate_E=[5.0, 6, 7, 8, 6])
    rows.to_parquet(tmp_path / "branches.parquet")
    (tmp_path / "special.csv").write_text("model,code,value,value_error,converged\ndsode,HB,0.2,1e-8,true\ndsode,MX,0.4,,false\n")
    plane = {"model": ["dsode", "dsode", "other"], "curve": 1, "code": "HB", "value": [0.2, 0.3, 0.4], "second_value": 1.4}
    pd.DataFrame(plane).to_parquet(tmp_path / "curves.parquet")
    results = sn.open(tmp_path)
    assert results.branches()["stable"].tolist() == [True, True, False, False, True]
    assert results.curves(model="dsode")["value"].tolist() == [0.2, 0.3]
    special = results.special()
    assert special["converged"].tolist() == [True, False] and special["value_error"].isna().tolist() == [False, True]
    drawn = [line for line in results.plot.branches().get_lines() if line.get_linestyle() in ("-", "--")]
    assert [(line.get_linestyle(), len(line.get_xdata())) for line in drawn] == [("-", 3), ("--", 2), ("-", 1)]
    other = rows.assign(model="dsode+coloured")
    pd.concat([rows, other], ignore_index=True).to_parquet(tmp_path / "branches.parquet")
    axes = sn.open(tmp_path).plot.branches()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["dsode", "dsode+coloured"]
    with pytest.raises(KeyError, match="no column rate_X; there are .*rate_E"):
        results.plot.branches("rate_X")
