"use strict";
(() => {
  const PERIOD = 2000;
  const SHOWN = 8;
  const { css, node, drawing, plots } = window.pixelwake;
  const charts = document.getElementById("live-charts");
  const news = document.getElementById("news");
  const trouble = document.getElementById("trouble");
  const pause = document.getElementById("pause");
  const list = document.getElementById("run-list");
  const runs = [];
  let state = "";
  let asked = "";
  let paused = false;

  const colour = (run) => css("--c" + (run.number % 8));

  /** A new run gets its box; the first eight are shown. */
  function meet(told) {
    told.forEach((one, number) => {
      if (runs[number]) {
        Object.assign(runs[number], one);
        return;
      }
      const run = { number, ...one };
      runs.push(run);
      const label = node("label", "", list);
      run.box = node("input", "", label);
      run.box.type = "checkbox";
      run.box.checked = number < SHOWN;
      run.key = node("i", "", label);
      run.key.style.background = colour(run);
      label.append(one.name);
      run.box.addEventListener("change", ask);
    });
    document.getElementById("runs").hidden = runs.length < 2;
  }

  const title = (figure) => figure.querySelector("h3").textContent;

  /** Swaps in the newer drawings; what the reader enlarged, hid or switched stays. */
  function swap(newer) {
    let box = charts.firstElementChild;
    if (!box) {
      box = node("div", "", charts, "charts");
    }
    Object.assign(box.dataset, newer.dataset);
    const old = new Map([...box.children].map((figure) => [title(figure), figure]));
    [...newer.children].forEach((figure, place) => {
      const known = old.get(title(figure));
      old.delete(title(figure));
      const shown = known ?? figure;
      if (box.children[place] !== shown) box.insertBefore(shown, box.children[place] ?? null);
      if (known) plots.get(known).renew(figure);
      else drawing(figure);
    });
    old.forEach((figure) => figure.remove());
  }

  async function fetched(address) {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.status === 204) return null;
    if (!answer.ok) throw new Error("status " + answer.status);
    return answer.text();
  }

  let busy = false;
  async function ask() {
    if (busy) return;
    busy = true;
    try {
      meet(JSON.parse(await fetched("runs")));
      const chosen = runs.filter((run) => run.box.checked).map((run) => run.number).join(".");
      const dragged = [...charts.querySelectorAll("figure")].some((figure) => plots.get(figure).busy());
      if (!chosen) {
        charts.replaceChildren();
        state = "";
      } else if (!dragged) {
        const text = await fetched(`figures?runs=${chosen}&known=${chosen === asked ? state : ""}`);
        if (text != null) {
          const holder = document.createElement("template");
          holder.innerHTML = text;
          swap(holder.content.firstElementChild);
          state = charts.firstElementChild.dataset.state;
        }
      }
      asked = chosen;
      trouble.textContent = "";
      const latest = Math.max(0, ...runs.map((run) => run.changed));
      const { step, damaged } = charts.firstElementChild?.dataset ?? {};
      news.textContent = (latest ? `Step ${step ?? 0}, written ${new Date(latest).toLocaleTimeString()}` : "Nothing written yet") + (Number(damaged) ? `; ${damaged} damaged lines left out` : "");
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
    runs.forEach((run) => (run.key.style.background = colour(run)));
  });
  ask();
  setInterval(() => paused || document.hidden || ask(), PERIOD);
})();
