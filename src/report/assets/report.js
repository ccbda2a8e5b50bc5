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
    // a step for each of what is told apart; the first, what does not move, is close to the background
    const shade = i => i === 0 && dark() ? "#343a42" : data.classes[i];
    if (kind.classes) return kind.classes.flatMap((_, i, all) => [i, i + 1].map(end => [end / all.length, shade(i)]));
    let shades = data[kind];
    // little is close to the background, what is missing is the background
    if (kind === "sequential" && dark()) shades = ["#1c2a3f", ...shades.slice(0, -1).reverse()];
    if (kind === "diverging" && dark()) shades = ["#8cc4f5", "#619fd9", "#3f76ad", "#2f4d6c", "#2a2e34", "#61413a", "#a0513f", "#d46a50", "#f79372"];
    return shades.map((shade, i) => [i / (shades.length - 1), shade]);
  };
  const symbol = mark => mark.symbol || data.palette[mark.colour][2];
  // behind a semicolon stands which part of a model's curves this is, told by dashes
  const legend = name => name.split("; ")[0];
  const four = x => x == null ? "–" : String(Number(Number(x).toPrecision(4))).replace("-", "−");
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
      const interval = i => mark.low[i] == null ? "" : ` [${four(mark.low[i])}, ${four(mark.high[i])}]`;
      const n = i => mark.n.length ? `, n = ${mark.n[i]}` : "";
      const points = mark.markers || alone.some(Boolean);
      // symbols beside the colours, not so many that they hide the line
      const weight = mark.markers ? data.palette[mark.colour][4] : 1;
      const marker = { color: hue, size: 4 + 2 * weight, symbol: symbol(mark), maxdisplayed: mark.x.length > 48 ? 12 : 0 };
      traces.push({ ...axes, ...bars, type: "scatter", mode: points ? "lines+markers" : "lines", x: mark.x, y: mark.y, name: legend(mark.name),
        meta: mark.name, legendgroup: legend(mark.name), line: { color: hue, width: 1.4 * weight, dash: dash(mark.dash) }, marker,
        text: mark.y.map((y, i) => `${four(y)}${interval(i)}${n(i)}`), hoverinfo: "none" });
      return traces;
    },
    histogram(mark, axes) {
      const hue = colour(mark.colour), values = mark.values;
      const x = [mark.edges[0]], y = [0];
      values.forEach((value, i) => { x.push(mark.edges[i], mark.edges[i + 1]); y.push(value, value); });
      x.push(mark.edges[values.length]); y.push(0);
      return [{ ...axes, type: "scatter", mode: "lines", x, y, name: mark.name, legendgroup: mark.name, fill: "toself",
        fillcolor: faint(hue, 0.07), line: { color: hue, width: 1.5, dash: dash(data.palette[mark.colour][3]) }, hoveron: "points", text: y.map(four), hoverinfo: "none" }];
    },
    heatmap(mark, axes) {
      const columns = mark.x.length - 1, z = [];
      const cells = mark.z.flatMap(cell => typeof cell === "string" ? new Array(Number(cell)).fill(null) : [cell]);
      for (let row = 0; row < mark.y.length - 1; row++) z.push(cells.slice(row * columns, (row + 1) * columns));
      // lines of equal value, dark on light and light on dark
      const [low, high] = mark.range;
      const lines = mark.contours.map(({ level, x, y }) => ({ ...axes, type: "scatter", mode: "lines", showlegend: false, hoverinfo: "skip",
        x: x.flatMap(pair => [...pair, null]), y: y.flatMap(pair => [...pair, null]), level,
        line: { width: 1, simplify: false, color: (level - low) / (high - low) > 0.55 !== dark() ? "rgba(255,255,255,0.8)" : "rgba(20,24,28,0.7)" } }));
      return [{ ...axes, type: "heatmap", x: mark.x, y: mark.y, z, zmin: low, zmax: high,
        colorscale: scale(mark.colours), names: mark.colours.classes, hoverongaps: false, hoverinfo: "none",
        colorbar: { ...(mark.colours.classes && { tickvals: mark.colours.classes.map((_, i) => i), ticktext: mark.colours.classes }), title: { text: mark.colours.classes ? "" : mark.label, side: "right", font: { size: 11 } }, thickness: 9, outlinewidth: 0, len: 1, ticks: "outside", ticklen: 3, tickfont: { size: 11 } } }, ...lines];
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
    path: (mark, axes) => [{ ...axes, type: "scatter", mode: "lines", x: mark.x, y: mark.y, name: mark.name, hoverinfo: "skip",
      line: { color: colour(mark.colour), width: 1, dash: dash(mark.dash) } }],
    scatter: (mark, axes) => [{ ...axes, type: "scatter", mode: "markers", x: mark.x, y: mark.y, name: mark.name, legendgroup: mark.name,
      text: mark.y.map(four), hoverinfo: "none", marker: { color: faint(colour(mark.colour), 0.75), size: 6, symbol: symbol(mark) } }],
    level: () => [],
    place: () => [],
  };

  function axis(spec, marks, along) {
    const image = marks.find(mark => mark.type === "heatmap");
    const ink = css("--ink"), made = { title: { text: spec.label, standoff: 8, font: { size: 12.5 } }, type: spec.log ? "log" : "linear", showgrid: false, zeroline: false,
      showline: true, linecolor: ink, linewidth: 1, ticks: "outside", ticklen: 4, tickcolor: ink, automargin: true, exponentformat: "power",
      showspikes: along, spikemode: "across", spikethickness: 1, spikedash: "dot", spikecolor: css("--faint"), spikesnap: "hovered data" };
    if (spec.log) {
      made.minor = { ticks: "outside", ticklen: 2, tickcolor: ink };
      const values = marks.flatMap(mark => mark[along ? "x" : "y"] || []).filter(value => value > 0);
      const [low, high] = spec.range || values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
      // over few decades 2 and 5 have labels too, over many the powers of ten are enough, about six of them
      const decades = Math.log10(high / low);
      if (decades < 2.5 && low > 1e-4 && high < 1e5) made.exponentformat = "none";
      if (decades >= 2.5) made.dtick = Math.max(1, Math.round(decades / 6));
      else if (decades > 0.8) {
        const powers = Array.from({ length: Math.ceil(decades) + 3 }, (_, i) => Math.floor(Math.log10(low)) - 1 + i);
        const at = digits => powers.flatMap(power => digits.map(digit => [digit, power]));
        const number = ([digit, power]) => Number(`${digit}e${power}`);
        const text = (digit, power) => Math.abs(power) < 5 ? String(number([digit, power])) : `${digit === 1 ? "" : digit + "·"}10<sup>${power}</sup>`;
        made.tickvals = at([1, 2, 5]).map(number);
        made.ticktext = at([1, 2, 5]).map(([digit, power]) => digit === 1 ? text(digit, power) : `<span style="font-size:10px">${text(digit, power)}</span>`);
        made.minor.tickvals = at([3, 4, 6, 7, 8, 9]).map(number);
      }
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
    const traces = [], seen = new Map();
    const layout = {
      paper_bgcolor: css("--paper"), plot_bgcolor: css("--paper"), font: { family: '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif', size: 12, color: css("--ink") },
      margin: { l: 52, r: 14, t: 26, b: 42 }, legend: { orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom", font: { size: 12 }, bgcolor: "rgba(0,0,0,0)", itemwidth: 30, tracegroupgap: 0 },
      hoverlabel: { font: { size: 11 }, bgcolor: css("--wash"), bordercolor: css("--line") }, dragmode: touch ? false : "zoom", shapes: [],
      hovermode: panels.some(panel => panel.marks.some(mark => mark.type === "line")) ? "x" : "closest", annotations: [],
    };
    let top = 1;
    panels.forEach((panel, k) => {
      const id = k ? String(k + 1) : "", height = (1 - gap * (panels.length - 1)) * panel.share / total;
      const axes = { xaxis: "x" + id, yaxis: "y" + id };
      for (const mark of panel.marks) {
        for (const trace of draw[mark.type](mark, axes)) {
          if (trace.legendgroup && trace.showlegend !== false) {
            // of a model's curves the one that is drawn through, if any is
            const shown = seen.get(trace.legendgroup), plain = trace.line?.dash === "solid";
            trace.showlegend = !shown || plain && shown.line?.dash !== "solid";
            if (shown && trace.showlegend) shown.showlegend = false;
            if (trace.showlegend) seen.set(trace.legendgroup, trace);
          }
          traces.push(trace);
        }
        if (mark.gaps && mark.z.some(cell => cell === null || typeof cell === "string")) layout.plot_bgcolor = data.missing;
        if (mark.type === "level") layout.shapes.push({ type: "line", xref: "x" + id + " domain", x0: 0, x1: 1, yref: "y" + id, y0: mark.y, y1: mark.y, line: { color: css("--faint"), width: 0.8, dash: "dot" }, layer: "below" });
        for (const { level, x, y } of mark.contours || []) {
          const i = x.length >> 1, log = panel.x.log, middle = ([a, b], log) => log ? Math.log10(Math.sqrt(a * b)) : (a + b) / 2;
          const light = (level - mark.range[0]) / (mark.range[1] - mark.range[0]) > 0.55 !== dark();
          layout.annotations.push({ xref: "x" + id, yref: "y" + id, x: middle(x[i], log), y: middle(y[i], panel.y.log), text: four(level), showarrow: false,
            yshift: 6, font: { size: 9.5, color: light ? "#ffffff" : "#14181c" } });
        }
      }
      // vertical lines, their texts one below the other
      panel.marks.filter(mark => mark.type === "place").forEach((mark, i) => {
        const hue = colour(mark.colour), at = panel.x.log ? Math.log10(mark.x) : mark.x;
        const xs = panel.marks.flatMap(other => Array.isArray(other.x) ? other.x : []), right = mark.x > (Math.min(...xs) + Math.max(...xs)) / 2;
        layout.shapes.push({ type: "line", xref: "x" + id, x0: mark.x, x1: mark.x, yref: "y" + id + " domain", y0: 0, y1: 1, line: { color: hue, width: 1, dash: "dot" } });
        layout.annotations.push({ xref: "x" + id, yref: "y" + id + " domain", x: at, y: 1, yanchor: "top", yshift: -12 * i, xanchor: right ? "right" : "left",
          text: mark.text, showarrow: false, font: { size: 10.5, color: hue }, bgcolor: faint(css("--paper"), 0.7) });
      });
      const x = axis(panel.x, panel.marks, true), y = axis(panel.y, panel.marks, false);
      y.domain = [Math.max(0, top - height), top];
      top -= height + gap;
      x.anchor = "y" + id; y.anchor = "x" + id;
      if (panel.equal) y.scaleanchor = "x" + id;
      if (k < panels.length - 1) { x.showticklabels = false; x.title = { text: "" }; x.matches = "x" + (panels.length > 1 ? panels.length : ""); }
      layout["xaxis" + id] = x; layout["yaxis" + id] = y;
    });
    layout.showlegend = traces.some(trace => trace.type !== "heatmap" && trace.showlegend !== false);
    return { traces, layout };
  }

  const config = { responsive: true, displaylogo: false, displayModeBar: touch ? false : "hover", doubleClick: "reset",
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]] };
  const drawn = new Set();
  const folded = figure => figure.closest("details:not([open])") !== null;

  /// What is under the pointer, written below the plot: a box beside the pointer would cover the curve.
  function tell(figure, points) {
    const [first] = points, at = figure.querySelector(".readout");
    const place = x => typeof x === "number" ? four(x) : x;
    const values = first.data.type === "heatmap" ? [`${four(first.y)}: ${first.data.names ? first.data.names[first.z] : four(first.z)}`]
      : points.map(point => `${point.data.meta || point.data.name || ""} ${point.data.text ? point.data.text[point.pointIndex] : four(point.y)}`.trim());
    at.textContent = `${place(first.x)}${first.data.type === "heatmap" ? ", " : ": "}${[...new Set(values)].join("; ")}`;
  }
  function show(figure) {
    const spec = data.figures[figure.dataset.figure];
    if (!spec || figure.hidden) return;
    const { traces, layout } = build(spec), plot = figure.querySelector(".plot"), first = !drawn.has(figure);
    drawn.add(figure);
    Plotly.react(plot, traces, layout, config);
    if (first && !plot.dataset.told) {
      plot.dataset.told = "true";
      plot.on("plotly_hover", event => tell(figure, event.points));
      plot.on("plotly_unhover", () => { figure.querySelector(".readout").textContent = ""; });
    }
  }
  const all = [...document.querySelectorAll("figure")];
  const pending = new Set(all);
  const sight = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting && pending.delete(entry.target)) show(entry.target);
  }, { rootMargin: "400px" });
  all.forEach(figure => sight.observe(figure));
  // soon, on a page that is never idle too
  const idle = work => window.requestIdleCallback ? requestIdleCallback(work, { timeout: 200 }) : setTimeout(work, 30);
  // what is open is drawn while nothing else is to be done; data-ready says that all of it is
  function rest() {
    for (const figure of pending) {
      if (folded(figure)) continue;
      pending.delete(figure);
      show(figure);
      idle(rest);
      return;
    }
    root.dataset.ready = "true";
  }
  idle(rest);
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", () => { if (details.open && !printing) { root.dataset.ready = "false"; idle(rest); } });
  }
  const unfold = document.getElementById("unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.dataset.open !== "true";
    document.querySelectorAll(".folded > section > details").forEach(details => { details.open = open; });
    unfold.dataset.open = open;
    unfold.textContent = open ? "Close all" : "Open all";
  });

  function choose(section, choice) {
    for (const figure of section.querySelectorAll("figure")) {
      const slot = data.slots[figure.dataset.slot];
      if (!slot) continue;
      const id = slot[choice];
      figure.hidden = !id;
      figure.dataset.figure = id || "";
      if (!id) continue;
      figure.querySelector("h3").textContent = data.figures[id].title;
      figure.querySelector("figcaption span").textContent = data.captions[id];
      if (folded(figure)) { pending.add(figure); continue; }
      pending.delete(figure);
      show(figure);
    }
  }
  for (const chooser of document.querySelectorAll("section .chooser")) {
    const section = chooser.closest("section"), slider = chooser.querySelector("input"), part = name => chooser.querySelector(`[data-part=${name}]`);
    chooser.addEventListener("input", event => {
      if (event.target === slider) part("choice").value = slider.value;
      const choice = Number(part("choice")?.value ?? 0), place = Number(part("place")?.value ?? 0);
      if (slider) slider.value = choice;
      choose(section, choice * Number(chooser.dataset.places) + place);
    });
  }
  // one point for the whole page
  const point = document.getElementById("point");
  if (point) point.addEventListener("input", event => {
    if (event.target.tagName === "BUTTON") return;
    const at = Number(event.target.value);
    point.querySelector("select").value = at;
    point.querySelector("input").value = at;
    for (const [id, own] of Object.entries(data.points.sections)) {
      const section = document.getElementById(id);
      choose(section, own.nearest[at]);
      section.querySelector(".at").textContent = own.notes[own.nearest[at]] || "";
    }
  });

  document.addEventListener("click", event => {
    const format = event.target.dataset && event.target.dataset.format;
    if (!format) return;
    const figure = event.target.closest("figure"), plot = figure.querySelector(".plot"), id = figure.dataset.figure;
    Plotly.downloadImage(plot, { format, filename: data.files[id] || id, width: plot.clientWidth, height: plot.clientHeight, scale: format === "png" ? 3 : 1 });
  });

  const again = () => drawn.forEach(figure => {
    if (!folded(figure)) return show(figure);
    drawn.delete(figure);
    pending.add(figure);
  });
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    again();
  });
  system.addEventListener("change", again);
  // on paper everything is open
  let opened = [];
  addEventListener("beforeprint", () => {
    printing = true;
    root.dataset.before = root.dataset.theme || "";
    root.dataset.theme = "light";
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach(details => { details.open = true; });
    pending.forEach(figure => drawn.add(figure));
    pending.clear();
    again();
    // what a figure has on paper, in two or three columns of its scale there; low, so that a heading and three rows fill a page
    const width = figure => (figure.closest(".narrow") ? 211 : 325) / 0.72;
    const height = plot => 230 + 0.3 * (parseFloat(plot.dataset.height) - 300);
    drawn.forEach(figure => {
      const plot = figure.querySelector(".plot");
      plot.dataset.height = plot.style.height;
      plot.style.height = height(plot) + "px";
      if (!figure.hidden) Plotly.relayout(plot, { width: width(figure), height: height(plot), autosize: false });
    });
  });
  addEventListener("afterprint", () => {
    printing = false;
    if (root.dataset.before) root.dataset.theme = root.dataset.before; else delete root.dataset.theme;
    again();
    drawn.forEach(figure => {
      const plot = figure.querySelector(".plot");
      plot.style.height = plot.dataset.height;
      if (!figure.hidden) Plotly.relayout(plot, { width: null, height: null, autosize: true });
    });
    opened.forEach(details => { details.open = false; });
  });
})();
