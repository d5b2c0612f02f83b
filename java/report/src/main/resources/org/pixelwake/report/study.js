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

  /** Names of the legend hide and show their lines. */
  function legend(svg, changed) {
    for (const entry of svg.querySelectorAll(".entry")) {
      const series = svg.querySelector(`.series[data-series="${entry.dataset.entry}"]`);
      entry.setAttribute("role", "button");
      entry.setAttribute("tabindex", "0");
      entry.setAttribute("aria-pressed", "true");
      entry.setAttribute("aria-label", "Show " + entry.querySelector("text").textContent);
      const toggle = () => {
        const shown = series.classList.toggle("off");
        entry.setAttribute("aria-pressed", String(!shown));
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
    }
  }

  /** Values of all lines at the place of the pointer or of the arrow keys. */
  function reader(figure, data) {
    const box = figure.querySelector(".drawn");
    const svg = box.querySelector("svg");
    const xs = [...new Set(data.lines.flatMap((line) => line.x))].sort((a, b) => a - b);
    if (!xs.length) return () => {};
    const scale = (v) => (data.logX ? Math.log(v) : v);
    const place = (v) => data.left + ((scale(v) - scale(data.low)) / (scale(data.high) - scale(data.low))) * (data.right - data.left);
    const line = document.createElementNS(SVG, "line");
    line.setAttribute("class", "cursor-line");
    line.setAttribute("y1", data.top);
    line.setAttribute("y2", data.bottom);
    const tip = document.createElement("div");
    tip.className = "reader";
    tip.hidden = true;
    box.append(tip);
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Plot. Left and right arrow keys read values.");
    const says = node("p", "", figure, "unseen");
    says.setAttribute("aria-live", "polite");
    let at = -1;
    const hide = () => {
      tip.hidden = true;
      line.remove();
    };
    const show = (index, speak) => {
      at = Math.max(0, Math.min(xs.length - 1, index));
      const x = xs[at];
      line.setAttribute("x1", place(x));
      line.setAttribute("x2", place(x));
      svg.append(line);
      tip.replaceChildren();
      const table = node("table", "", tip);
      const head = node("tr", "", table);
      node("th", data.x, head);
      node("td", format(x), head);
      const spoken = [];
      data.lines.forEach((l, k) => {
        if (svg.querySelector(`.series[data-series="${k}"]`).classList.contains("off")) return;
        const i = l.x.indexOf(x);
        if (i < 0 || l.y[i] == null) return;
        const row = node("tr", "", table);
        const name = node("th", "", row);
        const key = node("i", "", name);
        key.style.background = getComputedStyle(svg.querySelector(`.entry[data-entry="${k}"] line`)).stroke;
        name.append(l.name);
        const band = l.low[i] != null && l.low[i] !== l.high[i] ? ` [${format(l.low[i])}, ${format(l.high[i])}]` : "";
        node("td", format(l.y[i]) + band, row);
        spoken.push(l.name + " " + format(l.y[i]));
      });
      tip.hidden = false;
      const ratio = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const right = place(x) > (data.left + data.right) / 2;
      const left = place(x) * ratio + (right ? -tip.offsetWidth - 10 : 10);
      tip.style.left = Math.max(0, Math.min(box.clientWidth - tip.offsetWidth, left)) + "px";
      tip.style.top = data.top * ratio + 4 + "px";
      if (speak) says.textContent = data.x + " " + format(x) + ": " + spoken.join("; ");
    };
    svg.addEventListener("pointermove", (event) => {
      const bounds = svg.getBoundingClientRect();
      const x = ((event.clientX - bounds.left) / bounds.width) * svg.viewBox.baseVal.width;
      const y = ((event.clientY - bounds.top) / bounds.width) * svg.viewBox.baseVal.width;
      if (x < data.left - 4 || x > data.right + 4 || y > data.bottom) return hide();
      let best = 0;
      xs.forEach((v, i) => {
        if (Math.abs(place(v) - x) < Math.abs(place(xs[best]) - x)) best = i;
      });
      show(best, false);
    });
    svg.addEventListener("pointerleave", hide);
    box.addEventListener("blur", hide);
    box.addEventListener("keydown", (event) => {
      if (event.target !== box) return;
      const next = { ArrowRight: at + 1, ArrowLeft: at < 0 ? xs.length - 1 : at - 1, Home: 0, End: xs.length - 1 }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        show(next, true);
      } else if (event.key === "Escape") hide();
    });
    return () => {
      if (!tip.hidden) show(at, false);
    };
  }

  /** The drawing as a file; its attributes hold the colours of print. */
  function save(figure) {
    const svg = figure.querySelector("svg.drawing");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = "save SVG";
    button.setAttribute("aria-label", "save SVG: " + figure.querySelector("h3").textContent);
    figure.querySelector(".chart-head").append(button);
    button.addEventListener("click", () => {
      const copy = svg.cloneNode(true);
      copy.querySelectorAll(".off, .cursor-line").forEach((part) => part.remove());
      const text = new XMLSerializer().serializeToString(copy);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      link.download = figure.id + ".svg";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  function drawings() {
    for (const figure of document.querySelectorAll("figure.chart")) {
      if (!figure.querySelector("svg.drawing")) continue;
      save(figure);
      const data = figure.querySelector("script[data-drawn]");
      if (!data) continue;
      const update = reader(figure, JSON.parse(data.textContent));
      legend(figure.querySelector("svg"), update);
    }
  }

  // ---- reconstructions

  function pairs() {
    const data = read("pair-data");
    if (!data) return;
    document.getElementById("pair-controls").hidden = false;
    const slider = document.getElementById("pair-iteration");
    const output = document.getElementById("pair-name");
    const play = document.getElementById("pair-play");
    const cards = [...document.querySelectorAll(".pair")].map((card) => ({
      images: [...card.querySelectorAll("[data-slot]")],
      numbers: [...card.querySelectorAll("[data-slot='0'] ~ .sharp, [data-slot='1'] ~ .sharp")],
    }));
    const last = data.iterations.length - 1;
    const show = (i) => {
      slider.value = i;
      const name = data.iterations[i] + (i === last ? " (last)" : " of " + data.iterations[last]);
      output.textContent = name;
      slider.setAttribute("aria-valuetext", "iteration " + name);
      cards.forEach((card, t) => {
        const parts = data.tracks[t][i];
        card.images.forEach((image, k) => {
          image.src = "data:image/png;base64," + parts[k];
        });
        card.numbers.forEach((number, k) => {
          number.textContent = parts[4 + k];
        });
      });
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
      if (still.matches) return show(now === last ? 0 : now + 1);
      if (timer) return rest();
      play.textContent = "❚❚ Pause";
      show(now === last ? 0 : now);
      timer = setInterval(() => {
        if (Number(slider.value) < last) show(Number(slider.value) + 1);
        if (Number(slider.value) === last) rest();
      }, 600);
    });
    slider.addEventListener("input", () => {
      if (timer) rest();
      show(Number(slider.value));
    });
    still.addEventListener("change", rest);
    rest();
    show(last);
  }

  // For maps.js.
  window.study = { css, format, node, read };
  document.querySelectorAll("table.sortable").forEach(sortable);
  drawings();
  pairs();
})();
