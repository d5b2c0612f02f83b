"use strict";
(() => {
  const { css, format, node, read } = window.pixelwake;

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const colours = (hex) => hex.match(/.{6}/g).map((c) => "#" + c);

  function unpack(data) {
    const n = data.count;
    const u16 = (text) => new Uint16Array(bytes(text).buffer);
    const f32 = (text) => new Float32Array(bytes(text).buffer);
    const counts = u16(data.counts);
    const start = new Uint32Array(n + 1);
    for (let i = 0; i < n; i++) start[i + 1] = start[i] + 3 * counts[i];
    const place = (text, size) => Float32Array.from(u16(text), (v) => (v === 65535 ? NaN : (v / 65534) * size));
    return {
      n,
      labels: new Int8Array(bytes(data.labels).buffer),
      values: data.quantities.map((q) => f32(q.values)),
      hits: bytes(data.hits),
      start,
      counts,
      largest: f32(data.largest),
      maps: data.maps.map((m) => ({ ...m, x: place(m.x, data.width), y: place(m.y, data.height) })),
    };
  }

  /** Hits of a track on a small square canvas, energies on a square-root scale. */
  function picture(cloud, index, ramp, canvas) {
    let side = 1;
    let right = 0;
    let bottom = 0;
    for (let at = cloud.start[index]; at < cloud.start[index + 1]; at += 3) {
      right = Math.max(right, cloud.hits[at]);
      bottom = Math.max(bottom, cloud.hits[at + 1]);
    }
    side = Math.max(right, bottom) + 1;
    const size = Math.max(8, side + 2 * Math.max(1, side >> 3));
    canvas.width = size;
    canvas.height = size;
    const draw = canvas.getContext("2d");
    draw.fillStyle = ramp[0];
    draw.fillRect(0, 0, size, size);
    const left = (size - 1 - right) >> 1;
    const top = (size - 1 - bottom) >> 1;
    for (let at = cloud.start[index]; at < cloud.start[index + 1]; at += 3) {
      draw.fillStyle = ramp[cloud.hits[at + 2]];
      draw.fillRect(left + cloud.hits[at], top + cloud.hits[at + 1], 1, 1);
    }
    return canvas;
  }

  function atlas() {
    const data = read("map-data");
    if (!data) return;
    const cloud = unpack(data);
    const ramps = { viridis: colours(data.viridis), inferno: colours(data.inferno), cyclic: colours(data.cyclic) };
    const root = document.getElementById("atlas");
    root.hidden = false;
    const select = document.getElementById("map-colour");
    const legendBox = document.getElementById("map-legend");
    const panel = document.getElementById("map-track");
    const says = document.getElementById("map-says");
    const hidden = new Set();
    let under = -1;
    let pinned = -1;
    let pointer = [NaN, NaN];
    let keys = false;
    const visible = (i) => !hidden.has(cloud.labels[i]);
    const classColour = (label) => (label < 0 ? css("--unknown") : css("--c" + (label % 8)));

    const share = (q, v) => {
      const [low, high] = q.ends;
      if (!Number.isFinite(v)) return NaN;
      if (q.scale === "CYCLIC") return v / 360 - Math.floor(v / 360);
      const s = q.scale === "LOGARITHMIC" ? (v > 0 ? Math.log(v / low) / Math.log(high / low) : NaN) : (v - low) / (high - low);
      return Math.max(0, Math.min(1, s));
    };

    /** Colour of every point, and the text and bar that explain it. */
    function paint() {
      const chosen = Number(select.value);
      legendBox.replaceChildren();
      if (chosen < 0) {
        const list = node("ul", "", legendBox);
        data.classes.forEach((name, c) => {
          const button = node("button", "", node("li", "", list));
          button.type = "button";
          node("i", "", button).style.background = classColour(c);
          button.append(name);
          button.setAttribute("aria-pressed", String(!hidden.has(c)));
          button.addEventListener("click", () => {
            if (!hidden.delete(c)) hidden.add(c);
            button.setAttribute("aria-pressed", String(!hidden.has(c)));
            redraw();
          });
        });
        return (i) => classColour(cloud.labels[i]);
      }
      const q = data.quantities[chosen];
      const ramp = q.scale === "CYCLIC" ? ramps.cyclic : ramps.viridis;
      const bar = node("div", "", legendBox, "ramp");
      bar.style.background = `linear-gradient(90deg, ${ramp.filter((c, i) => i % 15 === 0).join(",")})`;
      const ends = node("div", "", legendBox, "ends");
      const [low, high] = q.ends;
      const middle = q.scale === "LOGARITHMIC" ? Math.sqrt(low * high) : (low + high) / 2;
      [low, middle, high].forEach((v) => node("span", format(Number(v.toPrecision(2))), ends));
      node("div", q.name + (q.unit ? " (" + q.unit + ")" : "") + (q.scale === "LOGARITHMIC" ? ", logarithmic" : ""), legendBox);
      return (i) => {
        const s = share(q, cloud.values[chosen][i]);
        return Number.isNaN(s) ? css("--unknown") : ramp[Math.round(255 * s)];
      };
    }

    let colourOf = () => "#888";
    let fills = [];
    const views = cloud.maps.map((map) => {
      const canvas = document.querySelector(`canvas[data-map="${map.id}"]`);
      return { map, canvas, base: document.createElement("canvas"), ratio: 1 };
    });

    function base(view) {
      const { map, canvas } = view;
      const width = Math.max(1, canvas.clientWidth);
      const sharp = Math.min(3, devicePixelRatio || 1);
      view.ratio = (width / data.width) * sharp;
      canvas.width = view.base.width = Math.round(data.width * view.ratio);
      canvas.height = view.base.height = Math.round(data.height * view.ratio);
      const draw = view.base.getContext("2d");
      draw.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      const zoom = sharp / view.ratio;
      draw.lineWidth = 0.5 * zoom;
      draw.strokeStyle = css("--text");
      const radius = (cloud.n > 1500 ? 2.4 : 3.2) * Math.max(1, Math.min(1.4, zoom));
      for (let i = 0; i < cloud.n; i++) {
        if (!visible(i) || Number.isNaN(map.x[i]) || Number.isNaN(map.y[i])) continue;
        draw.beginPath();
        draw.arc(map.x[i], map.y[i], radius, 0, 7);
        draw.fillStyle = fills[i];
        draw.globalAlpha = 0.85;
        draw.fill();
        draw.globalAlpha = 0.28;
        draw.stroke();
      }
      draw.globalAlpha = 1;
      const scratch = document.createElement("canvas");
      draw.imageSmoothingEnabled = false;
      map.picks.forEach((i, k) => {
        if (!visible(i) || Number.isNaN(map.x[i])) return;
        const half = data.picture / 2;
        draw.strokeStyle = css("--text");
        draw.lineWidth = 1.3;
        draw.beginPath();
        draw.moveTo(map.pickX[k] + half, map.pickY[k] + half);
        draw.lineTo(map.x[i], map.y[i]);
        draw.stroke();
      });
      map.picks.forEach((i, k) => {
        if (!visible(i) || Number.isNaN(map.x[i])) return;
        draw.drawImage(picture(cloud, i, ramps.inferno, scratch), map.pickX[k], map.pickY[k], data.picture, data.picture);
        draw.strokeStyle = fills[i];
        draw.lineWidth = 2;
        draw.strokeRect(map.pickX[k], map.pickY[k], data.picture, data.picture);
      });
      draw.fillStyle = css("--soft");
      draw.font = 12 * Math.max(1, zoom) + "px system-ui, sans-serif";
      draw.textAlign = "center";
      draw.fillText(map.xName, data.width / 2, data.height - 6);
      draw.textAlign = "left";
      draw.fillText(map.yName, 8, 16 * Math.max(1, zoom));
    }

    function marks(view) {
      const { map, canvas } = view;
      const draw = canvas.getContext("2d");
      draw.setTransform(1, 0, 0, 1, 0, 0);
      draw.clearRect(0, 0, canvas.width, canvas.height);
      draw.drawImage(view.base, 0, 0);
      draw.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      for (const [index, radius] of [[pinned, 9], [under, 6.5]]) {
        if (index < 0 || Number.isNaN(map.x[index])) continue;
        draw.beginPath();
        draw.arc(map.x[index], map.y[index], radius, 0, 7);
        draw.lineWidth = 4.5;
        draw.strokeStyle = css("--panel");
        draw.stroke();
        draw.lineWidth = 2.2;
        draw.strokeStyle = css(index === pinned ? "--accent" : "--text");
        draw.stroke();
      }
    }

    const redraw = () => {
      fills = Array.from({ length: cloud.n }, (_, i) => colourOf(i));
      views.forEach((view) => {
        base(view);
        marks(view);
      });
    };
    const recolour = () => {
      colourOf = paint();
      // A colour of the style sheet is looked up once, not for every point.
      const known = new Map();
      const slow = colourOf;
      if (Number(select.value) < 0) {
        colourOf = (i) => {
          const label = cloud.labels[i];
          if (!known.has(label)) known.set(label, slow(i));
          return known.get(label);
        };
      }
      redraw();
    };

    const label = (i) => (cloud.labels[i] < 0 ? "class unknown" : data.classes[cloud.labels[i]]);
    const numbers = (i) => data.quantities.map((q, k) => [q.name, format(cloud.values[k][i]) + (q.unit && Number.isFinite(cloud.values[k][i]) ? "\u00a0" + q.unit : "")]);

    function describe(index, title) {
      const box = node("div", "", panel);
      const head = node("h3", title + label(index), box);
      node("i", "", head).style.cssText = `display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-left:.5em;background:${classColour(cloud.labels[index])}`;
      const one = node("div", "", box, "one");
      const shown = node("div", "", one);
      const canvas = picture(cloud, index, ramps.inferno, node("canvas", "", shown));
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "track of cluster " + index);
      const scale = node("small", "", shown);
      scale.textContent = "0 to " + format(Number(cloud.largest[index].toPrecision(2))) + "\u00a0" + data.unit + " a pixel, root scale";
      const list = node("dl", "", one);
      for (const [name, value] of [["Cluster", String(index)], ["Hits", String(cloud.counts[index])], ...numbers(index)]) {
        const row = node("div", "", list);
        node("dt", name, row);
        node("dd", value, row);
      }
      return box;
    }

    function compared(index, box) {
      const parts = data.compared[index];
      if (!parts) return node("p", "No reconstruction of this cluster in the report.", box, "hint");
      const side = node("div", "", box, "side");
      ["input", "reconstruction", "cluster mask", "threshold mask"].forEach((name, k) => {
        const cell = node("div", "", side);
        const image = node("img", "", cell);
        image.src = "data:image/png;base64," + parts[k];
        image.alt = name + " of cluster " + index;
        node("small", name, cell);
      });
    }

    function tell() {
      panel.replaceChildren();
      if (pinned >= 0) compared(pinned, describe(pinned, "Pinned: "));
      if (under >= 0 && under !== pinned) describe(under, "");
      if (pinned < 0 && under < 0) node("p", "Point at a map or focus it. A click or Enter pins a track; with two classes side by side, pin one and point at the other.", panel, "hint");
    }

    function go(index, speak) {
      if (index === under) return;
      under = index;
      views.forEach(marks);
      tell();
      if (speak && index >= 0) says.textContent = `Cluster ${index}: ${label(index)}, ${cloud.counts[index]} hits, ` + numbers(index).map((p) => p.join(" ")).join(", ");
    }

    function pin(index) {
      pinned = pinned === index ? -1 : index;
      views.forEach(marks);
      tell();
      if (index >= 0) says.textContent = pinned < 0 ? "Unpinned." : `Pinned cluster ${index}.` + (data.compared[index] ? " Its reconstruction is shown." : " No reconstruction of it.");
    }

    function nearest(map, x, y, within) {
      let best = -1;
      let least = within * within;
      for (let i = 0; i < cloud.n; i++) {
        const d = (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
        if (d < least && visible(i)) {
          least = d;
          best = i;
        }
      }
      return best;
    }

    /** The picture at a place, or the nearest point. */
    function pointed(map, x, y) {
      for (let k = map.picks.length - 1; k >= 0; k--) {
        const inside = x >= map.pickX[k] && x <= map.pickX[k] + data.picture && y >= map.pickY[k] && y <= map.pickY[k] + data.picture;
        if (inside && visible(map.picks[k])) return map.picks[k];
      }
      return nearest(map, x, y, 24);
    }

    /** The nearest point in a direction: sideways counts twice, so that a way back exists. */
    function towards(map, from, dx, dy) {
      let best = from;
      let least = Infinity;
      for (let i = 0; i < cloud.n; i++) {
        const along = (map.x[i] - map.x[from]) * dx + (map.y[i] - map.y[from]) * dy;
        const across = Math.abs((map.x[i] - map.x[from]) * dy) + Math.abs((map.y[i] - map.y[from]) * dx);
        if (along > 0.5 && across <= along && visible(i) && along + 2 * across < least) {
          least = along + 2 * across;
          best = i;
        }
      }
      return best;
    }

    for (const { map, canvas } of views) {
      const at = (event) => {
        const bounds = canvas.getBoundingClientRect();
        return [((event.clientX - bounds.left) / bounds.width) * data.width, ((event.clientY - bounds.top) / bounds.height) * data.height];
      };
      canvas.addEventListener("pointermove", (event) => {
        // Scrolling under a pointer at rest is told as a movement too; who uses keys shall not be disturbed.
        if (event.screenX === pointer[0] && event.screenY === pointer[1]) return;
        pointer = [event.screenX, event.screenY];
        keys = false;
        go(pointed(map, ...at(event)), false);
      });
      canvas.addEventListener("pointerleave", () => {
        if (!keys) go(-1, false);
      });
      canvas.addEventListener("click", (event) => {
        const index = pointed(map, ...at(event));
        if (index >= 0) pin(index);
      });
      canvas.addEventListener("focus", () => {
        if (under < 0 && canvas.matches(":focus-visible")) go(nearest(map, data.width / 2, data.height / 2, 1e4), true);
      });
      canvas.addEventListener("blur", () => go(-1, false));
      canvas.addEventListener("keydown", (event) => {
        keys = true;
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (step) {
          event.preventDefault();
          go(under < 0 ? nearest(map, data.width / 2, data.height / 2, 1e4) : towards(map, under, ...step), true);
        } else if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          if (under >= 0) pin(under);
        } else if (event.key === "Escape") {
          pin(pinned);
        }
      });
    }
    select.addEventListener("change", recolour);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    let width = 0;
    new ResizeObserver(() => {
      const now = views[0].canvas.clientWidth;
      if (now !== width) {
        width = now;
        redraw();
      }
    }).observe(views[0].canvas);
    tell();
    recolour();
  }

  atlas();
})();
