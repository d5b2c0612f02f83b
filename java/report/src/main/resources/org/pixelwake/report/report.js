"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const superscript = (e) => (e < 0 ? "⁻" : "") + [...String(Math.abs(e))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const format = (v) => {
    if (v == null || !Number.isFinite(v)) return "–";
    const a = Math.abs(v);
    if (a !== 0 && (a < 1e-3 || a >= 1e6)) {
      const [m, e] = v.toExponential(2).split("e");
      return (Number(m) + " × 10" + superscript(Number(e))).replace("-", "−");
    }
    if (a >= 1e4) return v.toLocaleString("en", { maximumFractionDigits: 0 }).replaceAll(",", "\u202f");
    return String(Number(v.toPrecision(4))).replace("-", "−");
  };

  function node(tag, text, parent, style) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (style) element.className = style;
    parent.append(element);
    return element;
  }

  const read = (id) => {
    const data = document.getElementById(id);
    return data && JSON.parse(data.textContent);
  };

  // ---- tables that sort

  function sortable(table) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        // First the side that is better or larger, then the other, then the study's own order.
        const before = cell.getAttribute("aria-sort");
        const first = column === 0 ? "ascending" : cell.textContent.includes("↓") ? "ascending" : "descending";
        const other = first === "ascending" ? "descending" : "ascending";
        const now = before === first ? other : before === other ? null : first;
        for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
        if (now) cell.setAttribute("aria-sort", now);
        const sign = now === "descending" ? -1 : 1;
        const key = (row) => (column === 0 ? row.cells[0].firstChild.textContent : row.cells[column].dataset.value);
        const compare = (a, b) => {
          const [x, y] = [key(a), key(b)];
          if (x === "" || y === "") return (x === "") - (y === "");
          return sign * (column === 0 ? x.localeCompare(y) : Number(x) - Number(y));
        };
        body.append(...(now ? [...original].sort(compare) : original));
      });
    });
  }

  // ---- drawings

  const SVG = "http://www.w3.org/2000/svg";
  const plots = new WeakMap();

  function shape(tag, parent, attributes) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  }

  /** Places of values along an axis, in pixels of a drawing, and the way back. */
  function axis(low, high, log, from, to) {
    const scale = log ? Math.log : (v) => v;
    const [first, last] = [scale(low), scale(high)];
    const value = (at) => {
      const v = first + ((at - from) / (to - from)) * (last - first);
      return log ? Math.exp(v) : v;
    };
    return { low, high, log, from, to, value, at: (v) => from + ((scale(v) - first) / (last - first)) * (to - from) };
  }

  /** Round values on an axis, about six. */
  function ticks({ low, high, log }) {
    const found = [];
    if (log && high / low > 4) {
      const kept = high / low > 100 ? [1] : [1, 2, 5];
      const every = Math.ceil(Math.log10(high / low) / 8);
      for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
        if (e % every === 0) found.push(...kept.map((m) => Number(m + "e" + e)));
      }
    } else {
      const rough = (high - low) / 6;
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].find((m) => m * power >= rough * (1 - 1e-9)) * power;
      for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(Number((i * step).toPrecision(12)));
    }
    return found.filter((v) => v >= low && v <= high);
  }

  /** Names of the legend hide and show their lines. */
  function legend(svg, name, off, changed) {
    for (const entry of svg.querySelectorAll(".entry")) {
      const series = svg.querySelector(`.series[data-series="${entry.dataset.entry}"]`);
      const key = name(entry);
      const show = () => {
        series.classList.toggle("off", off.has(key));
        entry.setAttribute("aria-pressed", String(!off.has(key)));
      };
      entry.setAttribute("role", "button");
      entry.setAttribute("tabindex", "0");
      entry.setAttribute("aria-label", "Show " + key);
      show();
      const toggle = () => {
        if (!off.delete(key)) off.add(key);
        changed();
      };
      entry.addEventListener("click", toggle);
      entry.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          toggle();
        }
      });
      const others = (faint) => svg.querySelectorAll(".series").forEach((s) => s.classList.toggle("faint", faint && s !== series));
      entry.addEventListener("pointerenter", () => others(!series.classList.contains("off")));
      entry.addEventListener("pointerleave", () => others(false));
      entry.addEventListener("pixelwake-show", show);
    }
  }

  /** Draws a part of a drawing over its whole area: moves every point, and writes new ticks. */
  function enlarge(svg, x, y, data) {
    let area = svg.querySelector(".area");
    if (!area) {
      const [left, top, right, bottom] = [data.left - 3, data.top - 3, data.right + 3, data.bottom + 3];
      const box = { x: left, y: top, width: right - left, height: bottom - top };
      area = shape("svg", svg, { class: "area", ...box, viewBox: `${left} ${top} ${right - left} ${bottom - top}` });
      svg.querySelector(".entry").before(area);
      area.append(...svg.querySelectorAll(".series"));
    }
    const moved = (part, name, value) => {
      part.own ??= {};
      part.own[name] ??= part.getAttribute(name);
      part.setAttribute(name, value(part.own[name]));
    };
    for (const path of area.querySelectorAll("path")) {
      moved(path, "d", (d) => d.replace(/([ML])(\S+) ([^MLZ]+)/g, (all, pen, px, py) => pen + x.move(Number(px)).toFixed(2) + " " + y.move(Number(py)).toFixed(2)));
    }
    for (const point of area.querySelectorAll("circle")) {
      moved(point, "cx", (v) => x.move(Number(v)));
      moved(point, "cy", (v) => y.move(Number(v)));
    }
    const group = svg.querySelector(".ticks");
    const [line, text] = [group.querySelector("line"), group.querySelector("text")];
    if (!line) return;
    group.replaceChildren();
    const tick = (v, places, at, anchor) => {
      const [grid, label] = [line.cloneNode(), text.cloneNode()];
      Object.entries(places).forEach(([name, value]) => grid.setAttribute(name, value));
      label.setAttribute("x", at[0]);
      label.setAttribute("y", at[1]);
      label.setAttribute("text-anchor", anchor);
      label.textContent = format(v);
      group.append(grid, label);
    };
    for (const v of ticks(y)) tick(v, { x1: data.left, x2: data.right, y1: y.at(v), y2: y.at(v) }, [data.left - 7, y.at(v) + 4], "end");
    for (const v of ticks(x)) tick(v, { x1: x.at(v), x2: x.at(v), y1: data.top, y2: data.bottom }, [x.at(v), data.bottom + 17], "middle");
  }

  /** An axis over a part of another one, which knows where the points of the other one move. */
  const part = (whole, low, high) => {
    const next = axis(low, high, whole.log, whole.from, whole.to);
    return { ...next, move: (at) => next.at(whole.value(at)) };
  };

  /** Values at the pointer or by arrow keys, a part to enlarge, a switch of the vertical axis. */
  function plot(figure) {
    const boxes = [...figure.querySelectorAll(".drawn")];
    const toggle = figure.querySelector("[data-log]");
    const off = new Set();
    const says = node("p", "", figure, "unseen");
    says.setAttribute("aria-live", "polite");
    let data;
    let xs;
    let svgs;
    let view = null;
    let pointed = null;
    let drag = null;
    let chosen = false;

    const name = (entry) => data.lines[entry.dataset.entry]?.name ?? entry.querySelector("text").textContent;
    const whole = () => axis(data.low, data.high, data.logX, data.left, data.right);
    const x = () => (view ? part(whole(), ...view) : whole());
    const shown = () => Math.max(0, boxes.findIndex((box) => !box.hidden));

    /** All plots of the section over the same quantity. */
    const linked = () => [...figure.parentElement.children].map((f) => plots.get(f)).filter((p) => p && p.over() === data.x);

    function draw() {
      svgs.forEach((svg, k) => {
        svg.querySelectorAll(".entry").forEach((entry) => entry.dispatchEvent(new Event("pixelwake-show")));
        if (!data.y.length || (!view && !svg.querySelector(".area"))) return;
        const y = axis(data.y[k].low, data.y[k].high, data.y[k].log, data.bottom, data.top);
        const seen = [];
        data.lines.forEach((line) => {
          if (!view || off.has(line.name)) return;
          line.x.forEach((v, i) => {
            const inside = v >= view[0] && v <= view[1];
            if (inside) seen.push(...[line.y, line.low ?? line.y, line.high ?? line.y].map((values) => values[i]).filter((w) => w != null && (!y.log || w > 0)).map(y.at));
          });
        });
        const low = seen.reduce((a, v) => Math.max(a, v), -Infinity);
        const high = seen.reduce((a, v) => Math.min(a, v), Infinity);
        const margin = Math.max((low - high) * 0.04, 1);
        const ends = seen.length ? [y.value(low + margin), y.value(high - margin)] : [y.low, y.high];
        enlarge(svg, view ? x() : part(whole(), data.low, data.high), part(y, ...ends), data);
      });
      follow(pointed, false);
    }

    function hide() {
      pointed = null;
      boxes.forEach((box) => {
        box.querySelector(".reader").hidden = true;
        box.querySelector(".cursor-line")?.remove();
      });
    }

    /** Shows the values at the place that is nearest to a value. */
    function follow(value, speak) {
      const scale = x();
      const inside = xs.filter((v) => v >= scale.low && v <= scale.high);
      if (value == null || !inside.length) return hide();
      pointed = value;
      const place = scale.at(value);
      const at = inside.reduce((a, v) => (Math.abs(scale.at(v) - place) < Math.abs(scale.at(a) - place) ? v : a));
      const box = boxes[shown()];
      const svg = svgs[shown()];
      const tip = box.querySelector(".reader");
      svg.querySelector(".cursor-line")?.remove();
      shape("line", svg, { class: "cursor-line", x1: scale.at(at), x2: scale.at(at), y1: data.top, y2: data.bottom });
      tip.replaceChildren();
      const table = node("table", "", tip);
      const head = node("tr", "", table);
      node("th", data.x, head);
      node("td", format(at), head);
      const spoken = [];
      data.lines.forEach((l, k) => {
        const i = l.x.indexOf(at);
        if (off.has(l.name) || i < 0 || l.y[i] == null) return;
        const row = node("tr", "", table);
        const title = node("th", "", row);
        const key = svg.querySelector(`.entry[data-entry="${k}"]`).children[1];
        const look = getComputedStyle(key);
        node("i", "", title).style.background = look.stroke === "none" ? look.fill : look.stroke;
        title.append(l.name);
        const band = l.low && l.low[i] != null && l.low[i] !== l.high[i] ? ` [${format(l.low[i])}, ${format(l.high[i])}]` : "";
        node("td", format(l.y[i]) + band, row);
        spoken.push(l.name + " " + format(l.y[i]));
      });
      tip.hidden = false;
      const ratio = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const right = scale.at(at) > (data.left + data.right) / 2;
      const left = scale.at(at) * ratio + (right ? -tip.offsetWidth - 10 : 10);
      tip.style.left = Math.max(0, Math.min(box.clientWidth - tip.offsetWidth, left)) + "px";
      tip.style.top = data.top * ratio + 4 + "px";
      if (speak) says.textContent = data.x + " " + format(at) + ": " + spoken.join("; ");
      return at;
    }

    function zoom(ends) {
      view = ends;
      draw();
    }

    /** Takes what the figure holds, at first and when it was drawn anew. */
    function load() {
      data = JSON.parse(figure.querySelector("script[data-drawn]").textContent);
      xs = [...new Set(data.lines.flatMap((line) => line.x))].sort((a, b) => a - b);
      svgs = boxes.map((box) => box.querySelector("svg"));
      svgs.forEach((svg) => legend(svg, name, off, draw));
      draw();
    }

    /** Shows the drawing of the other vertical axis. */
    function turn() {
      const at = pointed;
      hide();
      boxes.forEach((box, k) => (box.hidden = data.y[k].log !== toggle.checked));
      follow(at, false);
    }

    boxes.forEach((box) => {
      const tip = node("div", "", box, "reader");
      tip.hidden = true;
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Plot. Left and right arrow keys read values.");
      const at = (event) => {
        const svg = box.querySelector("svg");
        const bounds = svg.getBoundingClientRect();
        const ratio = svg.viewBox.baseVal.width / bounds.width;
        return [(event.clientX - bounds.left) * ratio, (event.clientY - bounds.top) * ratio];
      };
      const end = (event) => {
        if (!drag) return;
        const edges = [drag.from, Math.max(data.left, Math.min(data.right, at(event)[0]))].sort((a, b) => a - b);
        drag.mark.remove();
        drag = null;
        const ends = edges.map(x().value);
        if (edges[1] - edges[0] > 6) linked().forEach((p) => p.zoom(ends));
      };
      box.addEventListener("pointerdown", (event) => {
        const [px, py] = at(event);
        if (event.pointerType !== "mouse" || event.button || !data.y.length || px < data.left || px > data.right || py > data.bottom) return;
        event.preventDefault();
        box.setPointerCapture(event.pointerId);
        drag = { from: px, mark: shape("rect", box.querySelector("svg"), { class: "chosen", y: data.top, height: data.bottom - data.top }) };
      });
      box.addEventListener("pointerup", end);
      box.addEventListener("pointercancel", end);
      box.addEventListener("dblclick", (event) => {
        if (at(event)[1] <= data.bottom) linked().forEach((p) => p.zoom(null));
      });
      box.addEventListener("pointermove", (event) => {
        const [px, py] = at(event);
        if (drag) {
          const to = Math.max(data.left, Math.min(data.right, px));
          drag.mark.setAttribute("x", Math.min(drag.from, to));
          drag.mark.setAttribute("width", Math.abs(to - drag.from));
        }
        const outside = px < data.left - 4 || px > data.right + 4 || py > data.bottom;
        linked().forEach((p) => p.follow(outside ? null : x().value(px), false));
      });
      box.addEventListener("pointerleave", () => linked().forEach((p) => p.follow(null, false)));
      box.addEventListener("blur", hide);
      box.addEventListener("keydown", (event) => {
        if (event.target !== box) return;
        const now = pointed == null ? -1 : xs.indexOf(follow(pointed, false));
        const next = { ArrowRight: now + 1, ArrowLeft: now < 0 ? xs.length - 1 : now - 1, Home: 0, End: xs.length - 1 }[event.key];
        if (next !== undefined) {
          event.preventDefault();
          follow(xs[Math.max(0, Math.min(xs.length - 1, next))], true);
        } else if (event.key === "Escape") hide();
      });
    });
    toggle?.addEventListener("change", () => {
      chosen = true;
      turn();
    });
    load();

    /** Takes over a newer drawing of the same figure, and leaves as it is what the reader chose. */
    function renew(other) {
      const focus = document.activeElement?.closest?.(".entry");
      const number = boxes.indexOf(focus?.closest(".drawn"));
      const newer = [...other.querySelectorAll(".drawn > svg")];
      boxes.forEach((box, k) => box.querySelector("svg").replaceWith(newer[k]));
      for (const selector of ["figcaption", "details .scroll", "script[data-drawn]"]) {
        figure.querySelector(selector).replaceWith(other.querySelector(selector));
      }
      if (!chosen) toggle.checked = other.querySelector("[data-log]").checked;
      load();
      turn();
      if (number >= 0) svgs[number].querySelector(`.entry[data-entry="${focus.dataset.entry}"]`)?.focus();
    }

    return { over: () => data.x, follow, zoom, renew, busy: () => drag != null };
  }

  /** The drawing as a file; its attributes hold the colours of print. */
  function save(figure) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = "save SVG";
    button.setAttribute("aria-label", "save SVG: " + figure.querySelector("h3").textContent);
    figure.querySelector(".chart-head").append(button);
    button.addEventListener("click", () => {
      const copy = figure.querySelector(".drawn:not([hidden]) svg.drawing").cloneNode(true);
      copy.querySelectorAll(".off, .cursor-line").forEach((part) => part.remove());
      const text = new XMLSerializer().serializeToString(copy);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      link.download = figure.id + ".svg";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  function drawing(figure) {
    if (!figure.querySelector("svg.drawing")) return;
    save(figure);
    if (figure.querySelector("script[data-drawn]")) plots.set(figure, plot(figure));
  }

  // ---- reconstructions

  /** A slider over iterations and a button that plays them; `show` draws one of them. */
  function player(prefix, names, final, show) {
    const slider = document.getElementById(prefix + "iteration");
    const output = document.querySelector(`output[for="${slider.id}"]`);
    const play = document.getElementById(prefix + "play");
    const last = names.length - 1;
    const go = (i) => {
      slider.value = i;
      const name = names[i] + (i === last ? ` (${final})` : " of " + names[last]);
      output.textContent = name;
      slider.setAttribute("aria-valuetext", "iteration " + name);
      show(i);
    };
    let timer = 0;
    const rest = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = still.matches ? "Next ▸" : "▶ Play";
    };
    play.addEventListener("click", () => {
      const now = Number(slider.value);
      // Who asked for less motion goes on by hand.
      if (still.matches) return go(now === last ? 0 : now + 1);
      if (timer) return rest();
      play.textContent = "❚❚ Pause";
      go(now === last ? 0 : now);
      timer = setInterval(() => {
        if (Number(slider.value) < last) go(Number(slider.value) + 1);
        if (Number(slider.value) === last) rest();
      }, 600);
    });
    slider.addEventListener("input", () => {
      if (timer) rest();
      go(Number(slider.value));
    });
    still.addEventListener("change", rest);
    rest();
    go(last);
  }

  function pairs() {
    const data = read("pair-data");
    if (!data) return;
    document.getElementById("pair-controls").hidden = false;
    const cards = [...document.querySelectorAll(".pair")].map((card) => ({
      images: [...card.querySelectorAll("[data-slot]")],
      numbers: [...card.querySelectorAll("[data-slot='0'] ~ .sharp, [data-slot='1'] ~ .sharp")],
    }));
    player("pair-", data.iterations, "last", (i) => {
      cards.forEach((card, t) => {
        const parts = data.tracks[t][i];
        card.images.forEach((image, k) => {
          image.src = "data:image/png;base64," + parts[k];
        });
        card.numbers.forEach((number, k) => {
          number.textContent = parts[4 + k];
        });
      });
    });
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
    const tracks = [...document.querySelectorAll(".track")];
    const cards = tracks.map((track) => card(track, document.getElementById("grid")));
    const heads = [...tracks[0].querySelectorAll("thead [data-iteration]")].map((h) => h.firstChild.textContent);
    player("", heads, "final", (i) => {
      cards.forEach((update) => update(i));
      for (const cell of document.querySelectorAll(".strip [data-iteration]")) {
        cell.classList.toggle("now", Number(cell.dataset.iteration) === i);
      }
    });
  }

  // For maps.js and watch.js.
  window.pixelwake = { css, format, node, read, drawing, plots };
  document.querySelectorAll("table.sortable").forEach(sortable);
  document.querySelectorAll("figure.chart").forEach(drawing);
  gallery();
  pairs();
})();
