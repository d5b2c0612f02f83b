"use strict";
(() => {
  const PERIOD = 2000;
  const SHOWN = 8;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const groups = (n) => n.toLocaleString("en", { maximumFractionDigits: 0 }).replaceAll(",", "\u202f");
  const superscript = (e) => (e < 0 ? "⁻" : "") + [...String(Math.abs(e))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const format = (v) => {
    if (v == null) return "–";
    const a = Math.abs(v);
    if (a !== 0 && (a < 1e-3 || a >= 1e6)) {
      const [m, e] = v.toExponential(2).split("e");
      return Number(m) + " × 10" + superscript(Number(e));
    }
    return String(Number(v.toPrecision(4)));
  };
  const charts = document.getElementById("live-charts");
  const news = document.getElementById("news");
  const trouble = document.getElementById("trouble");
  const pause = document.getElementById("pause");
  const list = document.getElementById("run-list");
  const runs = [];
  const plots = new Map();
  let paused = false;

  function node(tag, text, parent, style) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (style) element.className = style;
    parent.append(element);
    return element;
  }

  const colour = (run) => css("--c" + (run.number % 8));

  /** A new run gets its box; the first eight are shown. */
  function meet(told) {
    told.forEach((one, number) => {
      if (runs[number]) {
        Object.assign(runs[number], one);
        return;
      }
      const run = { number, ...one, data: null };
      runs.push(run);
      const label = node("label", "", list);
      run.box = node("input", "", label);
      run.box.type = "checkbox";
      run.box.checked = number < SHOWN;
      run.key = node("i", "", label);
      run.key.style.background = colour(run);
      label.append(one.name);
      run.box.addEventListener("change", () => (paused ? draw() : ask()));
    });
    document.getElementById("runs").hidden = runs.length < 2;
  }

  const held = /^(heldout|held_out|validation|val|test)_/;
  const shown = () => runs.filter((run) => run.box.checked && run.data);

  /** Curves by what they measure: held-out values share the plot of the training's. */
  function topics() {
    const topics = new Map();
    for (const run of shown()) {
      for (const column of run.data.columns) {
        if (!column.steps.length) continue;
        const topic = column.name.replace(held, "");
        if (!topics.has(topic)) topics.set(topic, []);
        const isHeld = held.test(column.name);
        const name = runs.length > 1 ? run.name + (isHeld ? ", held out" : "") : isHeld ? "held out" : "training";
        topics.get(topic).push({ run, column, held: isHeld, name });
      }
    }
    return topics;
  }

  function chart(topic, number) {
    const figure = node("figure", "", charts, "chart");
    const head = node("div", "", figure, "chart-head");
    node("h3", topic.replaceAll("_", " "), head);
    const label = node("label", "", head, "switch");
    const log = node("input", "", label);
    log.type = "checkbox";
    label.append(" logarithmic");
    const element = node("div", "", figure, "plot");
    element.setAttribute("role", "img");
    const caption = node("figcaption", "", figure, "latest");
    const plot = { figure, element, caption, log, chosen: false, drawn: null, signature: "" };
    log.addEventListener("change", () => {
      plot.chosen = true;
      plot.signature = "";
      draw();
    });
    return plot;
  }

  function options(lines, plot, width) {
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const series = lines.map((line) => {
      const stroke = line.held || runs.length > 1 ? (runs.length > 1 ? colour(line.run) : css("--held")) : css("--train");
      const few = line.column.steps.length <= 80;
      return { label: line.name, stroke, width: line.held ? 2.2 : 1.5, alpha: line.held ? 1 : 0.85, spanGaps: true, value: (u, v) => format(v), points: { show: few && (line.held || line.column.steps.length < 3), size: 6, fill: stroke } };
    });
    const decade = (v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6;
    const y = plot.log.checked ? { distr: 3, range: (u, min, max) => (min > 0 ? [min / 1.15, max * 1.15] : [0.1, 1]) } : {};
    return {
      width,
      height: 250,
      series: [{ label: "step", value: (u, v) => (v == null ? "–" : groups(v)) }, ...series],
      scales: { x: { time: false }, y },
      axes: [
        { ...axis, size: 34, values: (u, vs) => vs.map(groups) },
        { ...axis, size: 62, values: (u, vs) => vs.map((v) => (v == null || (plot.log.checked && Math.log10(u.scales.y.max / u.scales.y.min) > 2 && !decade(v)) ? "" : format(v))) },
      ],
      cursor: { sync: { key: "steps", setSeries: false }, focus: { prox: 24 } },
      focus: { alpha: 0.6 },
    };
  }

  function draw() {
    const found = topics();
    for (const [topic, plot] of plots) {
      if (!found.has(topic)) {
        if (plot.drawn) plot.drawn.destroy();
        plot.figure.remove();
        plots.delete(topic);
      }
    }
    for (const [topic, lines] of found) {
      if (!plots.has(topic)) plots.set(topic, chart(topic, plots.size));
      const plot = plots.get(topic);
      const positive = lines.flatMap((l) => l.column.values).filter((v) => v != null);
      const [low, high] = [positive.reduce((a, v) => Math.min(a, v), Infinity), positive.reduce((a, v) => Math.max(a, v), -Infinity)];
      if (!plot.chosen) plot.log.checked = low > 0 && high / low > 30;
      const values = (l) => (plot.log.checked ? l.column.values.map((v) => (v != null && v > 0 ? v : null)) : l.column.values);
      const data = uPlot.join(lines.map((l) => [l.column.steps, values(l)]));
      const signature = lines.map((l) => l.name).join("\n") + plot.log.checked;
      if (plot.drawn && signature === plot.signature) {
        // A part that was enlarged stays.
        const x = plot.drawn.scales.x;
        const old = plot.drawn.data[0];
        const whole = x.min == null || (x.min <= old[0] && x.max >= old[old.length - 1]);
        plot.drawn.setData(data, whole);
        if (!whole) plot.drawn.redraw();
      } else {
        if (plot.drawn) plot.drawn.destroy();
        plot.drawn = new uPlot(options(lines, plot, Math.max(240, plot.element.clientWidth)), data, plot.element);
        plot.signature = signature;
      }
      const last = (l) => format(l.column.values.at(-1)) + " at step " + groups(l.column.steps.at(-1));
      const text = lines.slice(0, 6).map((l) => l.name + ": " + last(l)).join("; ") + (lines.length > 6 ? "; …" : "");
      plot.caption.textContent = text;
      plot.element.setAttribute("aria-label", topic.replaceAll("_", " ") + ". " + text);
    }
  }

  async function fetched(address) {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.status === 204) return null;
    if (!answer.ok) throw new Error("status " + answer.status);
    return answer.json();
  }

  let busy = false;
  async function ask() {
    if (busy) return;
    busy = true;
    try {
      meet(await fetched("runs"));
      for (const run of runs.filter((r) => r.box.checked)) {
        if (run.data && run.data.state === run.state) continue;
        run.data = (await fetched(`metrics?run=${run.number}&known=${run.data ? run.data.state : ""}`)) || run.data;
      }
      draw();
      trouble.textContent = "";
      const latest = Math.max(0, ...runs.map((r) => r.changed));
      const steps = Math.max(0, ...shown().flatMap((r) => r.data.columns.map((c) => c.steps.at(-1) ?? 0)));
      const bad = shown().reduce((sum, r) => sum + r.data.damaged, 0);
      news.textContent = (latest ? `Step ${groups(steps)}, written ${new Date(latest).toLocaleTimeString()}` : "Nothing written yet") + (bad ? `; ${bad} damaged lines left out` : "");
    } catch (error) {
      trouble.textContent = `No answer from pixelwake watch (${error.message}); trying again.`;
    } finally {
      busy = false;
    }
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "▶ Go on" : "❚❚ Pause";
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) ask();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plots.forEach((plot) => (plot.signature = ""));
    runs.forEach((run) => (run.key.style.background = colour(run)));
    draw();
  });
  new ResizeObserver(() => {
    for (const plot of plots.values()) {
      const width = Math.max(240, plot.element.clientWidth);
      if (plot.drawn && plot.drawn.width !== width) plot.drawn.setSize({ width, height: plot.drawn.height });
    }
  }).observe(charts);
  ask();
  setInterval(() => paused || document.hidden || ask(), PERIOD);
})();
