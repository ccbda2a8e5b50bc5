"""Figures: what they show, how it is told apart, and mistakes."""

import numpy as np
import pandas as pd
import pytest
from conftest import CONFIG

import snn_ensemble as sn
from snn_ensemble.style import lines


def test_figures_show_what_was_asked_for(results):
    scan = results.plot.scan("rate_E", drive_rate_E=9)
    assert [line.get_label() for line in scan.get_lines()] == ["snn", "dsode"]
    assert scan.get_ylabel() == "rate of E (Hz)" and scan.get_xlabel() == "projections.E<-I.p"
    colours = results.plot.map("rate_E", model="dsode").collections[0].get_array()
    assert np.shape(colours) == (3, 2)
    raster = results.plot.raster(p_E_I=0.6)
    spikes = results.spikes(model="snn", realisation=0, p_E_I=0.6, drive_rate_E=8)
    assert sum(len(line.get_xdata()) for line in raster.get_lines()) == len(spikes)
    assert len(results.plot.agreement("ssi_E", drive_rate_E=9).containers) == 1


def test_spectra_are_drawn_of_models_and_free_axes(results):
    drawn = results.plot.spectrum("I", p_E_I=0.6)
    assert len(drawn.lines) == 6 and drawn.get_yscale() == "log"
    at = {"p_E_I": 0.3, "drive_rate_E": 9}
    (line,) = results.plot.spectrum(model="snn", **at).lines
    rows = results.spectra("E", model="snn", **at)
    assert line.get_ydata().tolist() == rows["density"].tolist() and line.get_xdata().tolist() == rows["frequency"].tolist()


def test_attractors_are_where_the_network_is(results):
    at = {"p_E_I": 0.6, "drive_rate_E": 10}
    for population, labels in {
        None: ("rate of E (Hz)", "rate of I (Hz)"),
        "E": ("pending excitatory kicks of E", "pending inhibitory kicks of E"),
    }.items():
        drawn = results.plot.attractor(population, **at)
        assert (drawn.get_xlabel(), drawn.get_ylabel(), drawn.get_title()) == (*labels, "snn")
        rows = results.attractor(population, model="snn", **at)
        shares = drawn.collections[0].get_array()
        assert shares.count() == len(rows) and shares.sum() == pytest.approx(1)
        # rows of the mesh are bins of y
        x, y = (rows[f"{along}_low"] for along in "xy")
        assert shares.shape == tuple(round((v.max() - v.min()) / (high - v).min()) + 1 for v, high in [(y, rows["y_high"]), (x, rows["x_high"])])
        most = rows.loc[rows["share"].idxmax()]
        row, column = np.unravel_index(shares.argmax(), shares.shape)
        corner = drawn.collections[0].get_coordinates()[row, column].tolist()
        assert corner == pytest.approx([most["x_low"], most["y_low"]])
    assert results.plot.attractor(model="dsode").get_title() == "dsode"


def test_what_is_free_is_told_apart(results):
    for along, number in {"p_E_I": 6, "drive_rate_E": 4}.items():
        drawn = results.plot.scan("rate_E", along=along).lines
        looks = [(line.get_color(), line.get_marker(), line.get_linestyle()) for line in drawn]
        assert len(set(looks)) == len(looks) == number
    apart = results.plot.agreement("ssi_E")
    assert [container.get_label() for container in apart.containers] == [f"dsode, drive_rate_E = {rate}" for rate in [8, 9, 10]]
    held = results.plot.agreement("ssi_E", drive_rate_E=9).containers[0][0]
    assert held.get_ydata().tolist() == results.agreement("ssi_E", drive_rate_E=9)["relative"].tolist()
    # what is given is no axis
    assert results.plot.scan("rate_E", p_E_I=0.3).get_xlabel() == "populations.E.drive.rate (1/ms)"


def test_many_lines_differ_and_are_ordered():
    grid = [(model, x, 11 - y) for model in "abc" for x in (0, 1) for y in range(12)]
    rows = pd.DataFrame(grid, columns=["model", "x", "y"])
    styles = [style for _, style in lines(rows, "x", ["y"])]
    assert len({(style["color"], style["marker"], style["ls"]) for style in styles}) == len(styles) == 36
    brightness = {style["label"]: style["color"][1] for style in styles}
    assert np.all(np.diff([brightness[f"a, y = {y}"] for y in range(12)]) > 0)
    models = [style["color"] for _, style in lines(rows.assign(model=rows["y"].astype(str)), "x", [])]
    assert len(set(models)) == 12


def test_axes_that_move_together_are_one_line(tmp_path):
    pair = [{"path": "populations.E.size", "values": [5, 6]}, {"path": "populations.E.tau_ref", "values": [2, 1]}]
    config = {"name": "a", "time": {"duration": 200}, "populations": {"E": {"size": 5, "tau_ref": 1, "drive": {"rate": 20}}}}
    config |= {"models": ["snn"], "realisations": 2, "scan": [{"zip": pair}], "record": {"spikes": {"members": 1}}}
    results = sn.run(config, out=tmp_path / "out", backend="cpu", progress=False)
    assert [line.get_xdata().tolist() for line in results.plot.scan("rate_E").lines] == [[5, 6]]
    assert results.plot.raster(size_E=6).get_ylim() == (-0.5, 5.5)
    with pytest.raises(ValueError, match="beside size_E there is none"):
        results.plot.map("rate_E")


def test_a_figure_is_of_the_first_model_that_has_values(results):
    assert results.plot.map("lyapunov").get_title() == "dsode"
    assert results.plot.map("rate_E").get_title() == "snn"
    with pytest.raises(ValueError, match="lyapunov has no values of snn"):
        results.plot.map("lyapunov", model="snn")
    with pytest.raises(ValueError, match="no other model has values of lyapunov"):
        results.plot.agreement("lyapunov")


def test_rasters_stack_populations_by_their_sizes(results, tmp_path):
    assert results.populations == {"E": 40, "I": 20}
    raster = results.plot.raster()
    assert [text.get_text() for text in raster.get_legend().get_texts()] == ["E", "I"]
    assert raster.get_ylim() == (-0.5, 59.5) and raster.get_title() == "snn"
    # a dot of the legend is seen
    assert all(handle.get_markersize() > 5 for handle in raster.get_legend().legend_handles)
    silent, active = {"size": 7, "tau_ref": 4, "drive": {"rate": 0}}, {"size": 3, "tau_ref": 4, "drive": {"rate": 20}}
    config = {"name": "a", "time": {"duration": 100}, "populations": {"ON": silent, "I": active}, "models": ["snn", "markov"]}
    config |= {"realisations": 1, "record": {"spikes": {"members": 1}}}
    results = sn.run(config, out=tmp_path / "out", backend="cpu", progress=False)
    for model in ["snn", "markov"]:
        first, second = results.plot.raster(model=model).lines
        assert (first.get_label(), len(first.get_xdata())) == ("ON", 0)
        assert second.get_label() == "I" and 7 <= second.get_ydata().min() <= second.get_ydata().max() < 10


def test_mistakes_in_figures_are_told(results, tmp_path):
    with pytest.raises(ValueError, match="x and y are both p_E_I"):
        results.plot.map("rate_E", x="p_E_I", y="p_E_I")
    assert results.plot.map("rate_E", y="p_E_I").get_xlabel() == "populations.E.drive.rate (1/ms)"
    config = {**CONFIG, "analysis": {}, "record": {}, "scan": [], "time": {"duration": 20}}
    alone = sn.run(config, out=tmp_path / "out", backend="cpu", progress=False)
    for draw in [alone.plot.scan, alone.plot.agreement, alone.plot.map]:
        with pytest.raises(KeyError, match="no statistic rate_X; there are rate_E"):
            draw("rate_X")
        with pytest.raises(ValueError, match=r"without a scan .* r\.points\(\)"):
            draw("rate_E")
    # too short for two bursts
    with pytest.raises(ValueError, match="burst_lag1_E has no values$"):
        alone.plot.map("burst_lag1_E")
    with pytest.raises(FileNotFoundError, match="no table spikes"):
        alone.plot.raster()
