"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const groups = (n) => n.toLocaleString("en", { maximumFractionDigits: 0 }).replaceAll(",", "\u202f");
  const format = (v) => {
    if (v == null) return "–";
    const a = Math.abs(v);
    if (a !== 0 && (a < 1e-3 || a >= 1e6)) {
      const [m, e] = v.toExponential(2).split("e");
      return m + "×10" + superscript(Number(e));
    }
    return String(Number(v.toPrecision(4)));
  };
  const superscript = (e) => (e < 0 ? "⁻" : "") + [...String(Math.abs(e))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const tick = (v) => {
    if (v == null) return "";
    const a = Math.abs(v);
    if (a !== 0 && (a < 1e-3 || a >= 1e5)) {
      const [m, e] = v.toExponential().split("e");
      return (m === "1" ? "" : Number(m) + "·") + "10" + superscript(Number(e));
    }
    return String(Number(v.toPrecision(6)));
  };

  // ---- curves

  const plots = new Map();

  /** Colour of a curve: by role where that tells the curves apart, else in turn. */
  function colour(chart, index) {
    const roles = { TRAIN: "--train", HELD_OUT: "--held", OTHER: "--other" };
    const role = chart.series[index].role;
    const first = chart.series.findIndex((s) => s.role === role) === index;
    const turn = ["--extra", "--other", "--before", "--train", "--held"];
    return css(first ? roles[role] : turn[index % turn.length]);
  }

  /** Of the ticks of a logarithmic axis the powers of ten; over few decades 2 and 5 times them too. */
  function logTicks(u, splits) {
    const { min, max } = u.scales.y;
    const kept = Math.log10(max / min) > 2 ? [1] : [1, 2, 5];
    const few = Math.log10(max / min) < 0.5;
    return splits.map((v) => {
      const mantissa = v / 10 ** Math.floor(Math.log10(v) + 1e-9);
      // The first tick is the end of the axis, rarely a round number.
      const round = Math.abs(mantissa - Math.round(mantissa)) < 1e-6;
      return round && (few || kept.includes(Math.round(mantissa))) ? v : null;
    });
  }

  const logRange = (u, min, max) => (min > 0 ? [min / 1.15, max * 1.15] : [0.1, 1]);

  function build(chart, element, logarithmic) {
    const tables = [];
    const series = [{ label: "iteration", value: (u, v) => (v == null ? "–" : groups(v)) }];
    const drawable = (values) => (logarithmic ? values.map((v) => (v != null && v > 0 ? v : null)) : values);
    chart.series.forEach((s, index) => {
      const stroke = colour(chart, index);
      const value = (u, v) => format(v);
      const base = { stroke, value, spanGaps: true };
      tables.push([s.steps, drawable(s.values)]);
      if (s.mean) {
        series.push({ ...base, label: s.name, width: 1, alpha: 0.35, points: { show: false } });
        tables.push([s.steps, drawable(s.mean)]);
        series.push({ ...base, label: "mean of " + s.window, width: 2, points: { show: false } });
      } else {
        const points = s.role === "HELD_OUT" && s.steps.length <= 80;
        series.push({ ...base, label: s.name, width: 2, points: { show: points || s.steps.length === 1, size: 6, fill: stroke } });
      }
    });
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const options = {
      width: Math.max(240, element.clientWidth),
      height: 270,
      series,
      scales: { x: { time: false }, y: logarithmic ? { distr: 3, range: logRange } : {} },
      axes: [
        { ...axis, label: "iteration", labelSize: 20, labelFont: "12px system-ui, sans-serif", size: 36, values: (u, vs) => vs.map(groups) },
        { ...axis, ...(logarithmic ? { filter: logTicks, grid: { ...axis.grid, filter: logTicks }, ticks: { ...axis.ticks, filter: logTicks } } : {}), size: 62, values: (u, vs) => vs.map(tick) },
      ],
      cursor: { sync: { key: "iterations", setSeries: false }, focus: { prox: 24 } },
      focus: { alpha: 0.6 },
    };
    return new uPlot(options, uPlot.join(tables), element);
  }

  function draw(id) {
    const plot = plots.get(id);
    if (plot.drawn) plot.drawn.destroy();
    plot.drawn = plot.build(plot.chart, plot.element, plot.toggle.checked);
  }

  // ---- figures

  const palette = ["--train", "--held", "--other", "--extra", "--before"];

  /** Published and simulated of one thing share a colour: lines by the words before the last comma. */
  function figureColours(lines) {
    const keys = [];
    return lines.map((line) => {
      if (line.style === "LIMIT") return css("--soft");
      const comma = line.name.lastIndexOf(",");
      const key = comma < 0 || lines.length < 4 ? line.name : line.name.slice(0, comma);
      if (!keys.includes(key)) keys.push(key);
      return css(palette[keys.indexOf(key) % palette.length]);
    });
  }

  const logSplits = (u, axis, min, max) => {
    const splits = [];
    const decades = Math.log10(max / min);
    const kept = decades > 3 ? [1] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
    for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
      for (const m of kept) {
        const v = Number(m + "e" + e);
        if (v >= min * 0.999 && v <= max * 1.001) splits.push(v);
      }
    }
    return splits;
  };
  const logarithmicAxis = { splits: logSplits, filter: (u, splits) => splits };

  function buildFigure(figure, element, logarithmic) {
    const colours = figureColours(figure.lines);
    const series = [{ label: figure.x, value: (u, v) => format(v) }];
    const tables = figure.lines.map((line, index) => {
      const stroke = colours[index];
      const points = { show: line.style === "POINTS", size: 7, width: 1.5, stroke, fill: stroke };
      const paths = { POINTS: () => null, STEPS: uPlot.paths.stepped({ align: 1 }) }[line.style];
      const look = line.style === "LIMIT" ? { dash: [5, 5], width: 1.5 } : { width: 2 };
      series.push({ label: line.name, stroke, value: (u, v) => format(v), spanGaps: true, points, ...look, ...(paths ? { paths } : {}) });
      return [line.x, logarithmic ? line.y.map((v) => (v != null && v > 0 ? v : null)) : line.y];
    });
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 }, font: "12px system-ui, sans-serif", labelSize: 20, labelFont: "12px system-ui, sans-serif", values: (u, vs) => vs.map(tick) };
    const margin = (u, min, max) => (figure.logX ? [min / 1.08, max * 1.08] : [min - 0.02 * (max - min), max + 0.02 * (max - min)]);
    const options = {
      width: Math.max(240, element.clientWidth),
      height: 300,
      series,
      scales: { x: { time: false, distr: figure.logX ? 3 : 1, range: margin }, y: logarithmic ? { distr: 3, range: logRange } : {} },
      axes: [
        { ...axis, label: figure.x, size: 36, ...(figure.logX ? logarithmicAxis : {}) },
        { ...axis, label: figure.y, size: 58, ...(logarithmic ? logarithmicAxis : {}) },
      ],
      cursor: { focus: { prox: 24 } },
      focus: { alpha: 0.6 },
    };
    return new uPlot(options, uPlot.join(tables), element);
  }

  /** Redraws plots when the reader switches an axis, resizes the window or changes the colours. */
  function watch() {
    const redraw = () => plots.forEach((plot, id) => draw(id));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    const observer = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const plot = plots.get(entry.target.id);
        const width = Math.max(240, Math.floor(entry.contentRect.width));
        if (plot.drawn.width !== width) plot.drawn.setSize({ width, height: plot.drawn.height });
      }
    });
    plots.forEach((plot) => observer.observe(plot.element));
  }

  function add(id, chart, build) {
    const toggle = document.querySelector(`[data-log="${id}"]`);
    plots.set(id, { chart, build, element: document.getElementById(id), toggle, drawn: null });
    draw(id);
    toggle.addEventListener("change", () => draw(id));
  }

  function figures() {
    for (const data of document.querySelectorAll("[data-figure]")) {
      add(data.dataset.figure, JSON.parse(data.textContent), buildFigure);
    }
  }

  function curves() {
    const data = document.getElementById("chart-data");
    if (!data) return;
    JSON.parse(data.textContent).forEach((chart, index) => add("plot-" + index, chart, build));
  }

  // ---- reconstructions

  function node(tag, text, parent) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }

  /** A card with target and the three reconstructed images; returns a function that shows iteration i. */
  function card(track, grid) {
    const figure = node("figure", "", grid);
    figure.className = "mini";
    const caption = node("figcaption", "", figure);
    const link = node("a", track.querySelector("h4").textContent, caption);
    link.href = "#" + track.id;
    node("span", track.querySelector(".caption").textContent, caption);
    const row = node("div", "", figure);
    row.className = "row";
    const picture = (label) => {
      const cell = node("div", "", row);
      const image = node("img", "", cell);
      node("small", label, cell);
      return { image, score: node("small", "", cell) };
    };
    const target = picture("target energy");
    const source = track.querySelector('[data-target="energy"] img');
    target.image.src = source.src;
    target.image.alt = source.alt;
    const kinds = ["energy", "cluster", "threshold"];
    const shown = ["energy", "cluster mask", "threshold mask"].map(picture);
    return (i) => kinds.forEach((kind, k) => {
      const cell = track.querySelector(`td[data-iteration="${i}"][data-kind="${kind}"]`);
      const image = cell.querySelector("img");
      shown[k].image.src = image.src;
      shown[k].image.alt = image.alt;
      shown[k].score.textContent = cell.querySelector("small").textContent;
    });
  }

  function gallery() {
    const glance = document.getElementById("glance");
    if (!glance) return;
    glance.hidden = false;
    const slider = document.getElementById("iteration");
    const output = document.getElementById("iteration-name");
    const play = document.getElementById("play");
    const tracks = [...document.querySelectorAll(".track")];
    const cards = tracks.map((track) => card(track, document.getElementById("grid")));
    const heads = [...tracks[0].querySelectorAll("thead [data-iteration]")].map((h) => h.firstChild.textContent);
    const last = heads.length - 1;
    const show = (i) => {
      slider.value = i;
      const name = heads[i] + (i === last ? " (final)" : " of " + heads[last]);
      output.textContent = name;
      slider.setAttribute("aria-valuetext", "iteration " + name);
      cards.forEach((update) => update(i));
      for (const cell of document.querySelectorAll(".strip [data-iteration]")) {
        cell.classList.toggle("now", Number(cell.dataset.iteration) === i);
      }
    };
    let timer = 0;
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "▶ Play";
    };
    play.addEventListener("click", () => {
      if (timer) return stop();
      play.textContent = "❚❚ Pause";
      show(Number(slider.value) === last ? 0 : Number(slider.value));
      timer = setInterval(() => {
        if (Number(slider.value) < last) show(Number(slider.value) + 1);
        if (Number(slider.value) === last) stop();
      }, 600);
    });
    slider.addEventListener("input", () => {
      if (timer) stop();
      show(Number(slider.value));
    });
    show(last);
  }

  curves();
  figures();
  watch();
  gallery();
})();
