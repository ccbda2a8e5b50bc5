// Draws the figures of the embedded data with Plotly, as they come into view, in the colours of the present theme.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  const dark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const colour = name => data.palette[name][dark() ? 1 : 0];
  const css = name => getComputedStyle(root).getPropertyValue(name).trim();
  const touch = matchMedia("(pointer: coarse)").matches;

  const faint = (hex, alpha) => {
    const part = i => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    return `rgba(${part(0)},${part(1)},${part(2)},${alpha})`;
  };
  const scale = kind => {
    let shades = data[kind];
    // little is close to the background
    if (kind === "sequential" && dark()) shades = [css("--paper"), ...shades.slice(0, -1).reverse()];
    if (kind === "diverging" && dark()) shades = shades.map((shade, i) => i === 4 ? "#2a2e34" : shade);
    return shades.map((shade, i) => [i / (shades.length - 1), shade]);
  };
  const dash = i => data.dashes[i % data.dashes.length].map(x => x + "px").join(",") || "solid";

  // One polygon per stretch of points that have both ends.
  function band(line) {
    const x = [], y = [];
    let stretch = [];
    const close = () => {
      if (stretch.length > 1) {
        if (x.length) { x.push(null); y.push(null); }
        for (const i of stretch) { x.push(line.x[i]); y.push(line.high[i]); }
        for (const i of stretch.slice().reverse()) { x.push(line.x[i]); y.push(line.low[i]); }
      }
      stretch = [];
    };
    line.x.forEach((_, i) => line.low[i] == null || line.high[i] == null ? close() : stretch.push(i));
    close();
    return { x, y };
  }

  const draw = {
    line(mark, axes) {
      const hue = colour(mark.colour), traces = [];
      const area = band(mark);
      if (area.x.length) traces.push({ ...axes, ...area, type: "scatter", mode: "lines", fill: "toself", fillcolor: faint(hue, 0.18),
        line: { width: 0 }, hoverinfo: "skip", showlegend: false, legendgroup: mark.name });
      // single points have no area: their intervals are bars
      const alone = mark.x.map((_, i) => mark.low[i] != null && mark.y[i - 1] == null && mark.y[i + 1] == null);
      const bars = alone.some(Boolean) ? { error_y: { type: "data", symmetric: false, thickness: 1, width: 3, color: hue,
        array: mark.y.map((y, i) => alone[i] ? mark.high[i] - y : 0), arrayminus: mark.y.map((y, i) => alone[i] ? y - mark.low[i] : 0) } } : {};
      const interval = i => mark.low[i] == null ? "" : ` [${mark.low[i]}, ${mark.high[i]}]`;
      const n = i => mark.n.length ? `, n = ${mark.n[i]}` : "";
      const points = mark.markers || alone.some(Boolean);
      traces.push({ ...axes, ...bars, type: "scatter", mode: points ? "lines+markers" : "lines", x: mark.x, y: mark.y, name: mark.name,
        legendgroup: mark.name, line: { color: hue, width: 1.4, dash: dash(mark.dash) }, marker: { color: hue, size: 4 },
        text: mark.y.map((y, i) => `${y}${interval(i)}${n(i)}`), hovertemplate: "%{text}" });
      return traces;
    },
    histogram(mark, axes) {
      const hue = colour(mark.colour), values = mark.values;
      const x = [mark.edges[0]], y = [0];
      values.forEach((value, i) => { x.push(mark.edges[i], mark.edges[i + 1]); y.push(value, value); });
      x.push(mark.edges[values.length]); y.push(0);
      return [{ ...axes, type: "scatter", mode: "lines", x, y, name: mark.name, legendgroup: mark.name, fill: "toself",
        fillcolor: faint(hue, 0.07), line: { color: hue, width: 1.3 }, hoveron: "points", hovertemplate: "%{y:.4g}" }];
    },
    heatmap(mark, axes) {
      const columns = mark.x.length - 1, z = [];
      const cells = mark.z.flatMap(cell => typeof cell === "string" ? new Array(Number(cell)).fill(null) : [cell]);
      for (let row = 0; row < mark.y.length - 1; row++) z.push(cells.slice(row * columns, (row + 1) * columns));
      return [{ ...axes, type: "heatmap", x: mark.x, y: mark.y, z, text: z, zmin: mark.range[0], zmax: mark.range[1],
        colorscale: scale(mark.colours), hoverongaps: false, hovertemplate: "%{x}, %{y}<br><b>%{text}</b><extra></extra>",
        colorbar: { title: { text: mark.label, side: "right", font: { size: 11 } }, thickness: 9, outlinewidth: 0, len: 1, ticks: "outside", ticklen: 3, tickfont: { size: 11 } } }];
    },
    raster(mark, axes) {
      const x = [], y = [];
      let steps = 0;
      mark.t.steps.forEach((more, i) => {
        steps += more;
        const t = Math.round(steps * mark.t.unit * 1e4) / 1e4;
        x.push(t, t, null);
        y.push(mark.row[i], mark.row[i] + 1, null);
      });
      return [{ ...axes, type: "scatter", mode: "lines", x, y, name: mark.name, legendgroup: mark.name, hoverinfo: "skip",
        line: { color: colour(mark.colour), width: 1.1, simplify: false } }];
    },
    path: (mark, axes) => [{ ...axes, type: "scatter", mode: "lines", x: mark.x, y: mark.y, name: mark.name, hoverinfo: "name",
      line: { color: colour(mark.colour), width: 1 } }],
    scatter: (mark, axes) => [{ ...axes, type: "scatter", mode: "markers", x: mark.x, y: mark.y, name: mark.name, legendgroup: mark.name,
      text: mark.x.map((x, i) => `${x}, ${mark.y[i]}`), hovertemplate: "%{text}", marker: { color: faint(colour(mark.colour), 0.75), size: 6 } }],
    level: () => [],
  };

  function axis(spec, marks, along) {
    const image = marks.find(mark => mark.type === "heatmap");
    const ink = css("--ink"), made = { title: { text: spec.label, standoff: 8, font: { size: 12.5 } }, type: spec.log ? "log" : "linear", showgrid: false, zeroline: false,
      showline: true, linecolor: ink, linewidth: 1, ticks: "outside", ticklen: 4, tickcolor: ink, automargin: true, exponentformat: "power", hoverformat: "" };
    if (spec.log) {
      made.minor = { ticks: "outside", ticklen: 2, tickcolor: ink };
      const values = marks.flatMap(mark => mark[along ? "x" : "y"] || []).filter(value => value > 0);
      const [low, high] = spec.range || values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
      // over more than a decade the powers of ten are enough, about six of them
      if (high > 12 * low) made.dtick = Math.max(1, Math.round(Math.log10(high / low) / 6));
    }
    if (spec.range) made.range = spec.log ? spec.range.map(Math.log10) : spec.range;
    else if (image) { const ends = [image[along ? "x" : "y"][0], image[along ? "x" : "y"].at(-1)]; made.range = spec.log ? ends.map(Math.log10) : ends; }
    else if (spec.zero && !spec.log) made.rangemode = "tozero";
    if (!along) made.nticks = 6;
    return made;
  }

  function build(figure) {
    const panels = figure.panels, gap = 0.05;
    const total = panels.reduce((sum, panel) => sum + panel.share, 0);
    const traces = [], seen = new Set();
    const layout = {
      paper_bgcolor: css("--paper"), plot_bgcolor: css("--paper"), font: { family: '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif', size: 12, color: css("--ink") },
      margin: { l: 52, r: 14, t: 26, b: 42 }, legend: { orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom", font: { size: 12 }, bgcolor: "rgba(0,0,0,0)", itemwidth: 30 },
      hoverlabel: { font: { size: 11 }, bgcolor: css("--wash"), bordercolor: css("--line") }, dragmode: touch ? false : "zoom", shapes: [],
      hovermode: panels.some(panel => panel.marks.some(mark => mark.type === "line")) ? "x unified" : "closest",
    };
    let top = 1;
    panels.forEach((panel, k) => {
      const id = k ? String(k + 1) : "", height = (1 - gap * (panels.length - 1)) * panel.share / total;
      const axes = { xaxis: "x" + id, yaxis: "y" + id };
      for (const mark of panel.marks) {
        for (const trace of draw[mark.type](mark, axes)) {
          if (trace.legendgroup && trace.showlegend !== false) {
            trace.showlegend = !seen.has(trace.legendgroup);
            seen.add(trace.legendgroup);
          }
          traces.push(trace);
        }
        if (mark.type === "level") layout.shapes.push({ type: "line", xref: "x" + id + " domain", x0: 0, x1: 1, yref: "y" + id, y0: mark.y, y1: mark.y, line: { color: css("--faint"), width: 0.8, dash: "dot" }, layer: "below" });
      }
      const x = axis(panel.x, panel.marks, true), y = axis(panel.y, panel.marks, false);
      y.domain = [Math.max(0, top - height), top];
      top -= height + gap;
      x.anchor = "y" + id; y.anchor = "x" + id;
      if (k < panels.length - 1) { x.showticklabels = false; x.title = { text: "" }; x.matches = "x" + (panels.length > 1 ? panels.length : ""); }
      layout["xaxis" + id] = x; layout["yaxis" + id] = y;
    });
    layout.showlegend = traces.some(trace => trace.type !== "heatmap" && trace.showlegend !== false);
    return { traces, layout };
  }

  const config = { responsive: true, displaylogo: false, displayModeBar: touch ? false : "hover", doubleClick: "reset",
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]] };
  const drawn = new Set();

  function show(figure) {
    const spec = data.figures[figure.dataset.figure];
    if (!spec || figure.hidden) return;
    const { traces, layout } = build(spec);
    drawn.add(figure);
    return Plotly.react(figure.querySelector(".plot"), traces, layout, config);
  }
  const all = [...document.querySelectorAll("figure")];
  const pending = new Set(all);
  const sight = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting && pending.delete(entry.target)) show(entry.target);
  }, { rootMargin: "400px" });
  all.forEach(figure => sight.observe(figure));
  const idle = window.requestIdleCallback || (work => setTimeout(work, 30));
  // the rest while nothing else is to be done; data-ready says that everything is drawn
  function rest() {
    const next = pending.values().next().value;
    if (!next) { root.dataset.ready = "true"; return; }
    pending.delete(next);
    show(next);
    idle(rest);
  }
  idle(rest);

  function choose(section, choice) {
    section.querySelector("select").value = choice;
    section.querySelector(".chooser input").value = choice;
    for (const figure of section.querySelectorAll("figure")) {
      const slot = data.slots[figure.dataset.slot];
      if (!slot) continue;
      const id = slot[choice];
      figure.hidden = !id;
      figure.dataset.figure = id || "";
      if (!id) continue;
      figure.querySelector("h3").textContent = data.figures[id].title;
      figure.querySelector("figcaption span").textContent = data.captions[id];
      pending.delete(figure);
      show(figure);
    }
  }
  for (const chooser of document.querySelectorAll(".chooser")) {
    const section = chooser.closest("section");
    chooser.addEventListener("input", event => choose(section, event.target.value));
  }

  document.addEventListener("click", event => {
    const format = event.target.dataset && event.target.dataset.format;
    if (!format) return;
    const figure = event.target.closest("figure"), plot = figure.querySelector(".plot");
    Plotly.downloadImage(plot, { format, filename: figure.dataset.figure, width: plot.clientWidth, height: plot.clientHeight, scale: format === "png" ? 3 : 1 });
  });

  const again = () => drawn.forEach(show);
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    again();
  });
  system.addEventListener("change", again);
  addEventListener("beforeprint", () => {
    printing = true;
    root.dataset.before = root.dataset.theme || "";
    root.dataset.theme = "light";
    pending.forEach(figure => drawn.add(figure));
    pending.clear();
    again();
    // the width that a figure has on paper, in two or three columns
    const width = figure => figure.closest(".narrow") ? 215 : 325;
    drawn.forEach(figure => figure.hidden || Plotly.relayout(figure.querySelector(".plot"), { width: width(figure), autosize: false }));
  });
  addEventListener("afterprint", () => {
    printing = false;
    if (root.dataset.before) root.dataset.theme = root.dataset.before; else delete root.dataset.theme;
    again();
    drawn.forEach(figure => figure.hidden || Plotly.relayout(figure.querySelector(".plot"), { width: null, autosize: true }));
  });
})();
