// The curve of TAC with its threshold and classes, infrared voltage and temperature below, on one axis of time.
"use strict";

(() => {
  const box = document.getElementById("curve");
  if (!box || typeof uPlot === "undefined") return;
  const live = box.querySelector(".wm-curve__live");

  fetch(box.dataset.url, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((data) => {
      box.classList.add("wm-curve--live");
      const together = uPlot.sync("curve");
      const plots = data.panels.map((panel) => plot(panel, data, together));
      addEventListener("resize", () => plots.forEach((one) => one.setSize({ width: width(), height: one.height })));
    })
    .catch(() => box.classList.remove("wm-curve--live")); // the drawing of the server stays

  const width = () => Math.max(live.clientWidth, 280);

  function plot(panel, data, together) {
    const ink = "#1b1b1b";
    const axis = { font: "12px sans-serif", stroke: ink, grid: { stroke: "#dfe1e2", width: 1 }, ticks: { stroke: "#dfe1e2" } };
    const options = {
      width: width(),
      height: panel.limit ? 300 : 140,
      title: panel.name,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), data.time_zone),
      cursor: { sync: { key: together.key }, drag: { x: true, y: false } },
      scales: { x: { min: data.from, max: data.until }, y: { range: (_, low, high) => reach(panel, data, low, high) } },
      axes: [{ ...axis, space: 70, values: (_, splits) => splits.map((at) => clock(at, data)) }, { ...axis, size: 56 }],
      legend: { show: panel.limit },
      series: [
        { value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
        { label: panel.name, stroke: "#005ea2", width: 1.75, spanGaps: false, points: { size: 4 }, value: (_, value) => value?.toFixed(3) ?? "" },
      ],
      hooks: panel.limit ? { drawAxes: [(one) => shade(one, data)], draw: [(one) => limit(one, data)] } : {},
    };
    return new uPlot(options, [panel.at, panel.values], live);
  }

  // 05-02 at midnight, else 18:00: the court's clock.
  function clock(at, data) {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: data.time_zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
    const said = Object.fromEntries(parts.formatToParts(at * 1000).map((part) => [part.type, part.value]));
    return said.hour === "00" && said.minute === "00" ? `${said.month}-${said.day}` : `${said.hour}:${said.minute}`;
  }

  function reach(panel, data, low, high) {
    if (low === null || high === null) return [0, 1];
    if (panel.limit) return [0, Math.max(high * 1.15, data.limit * 2)];
    const room = Math.max((high - low) * 0.1, 0.05);
    return [low - room, high + room];
  }

  function shade(one, data) {
    const { ctx, bbox } = one;
    ctx.save();
    data.episodes.forEach((episode) => {
      const from = one.valToPos(episode.from, "x", true);
      const until = one.valToPos(episode.until, "x", true);
      ctx.fillStyle = "#fff1d2";
      ctx.fillRect(from, bbox.top, Math.max(until - from, 2), bbox.height);
    });
    ctx.restore();
  }

  function limit(one, data) {
    const { ctx, bbox } = one;
    const ratio = devicePixelRatio || 1;
    const y = one.valToPos(data.limit, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = "#b50909";
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${12 * ratio}px sans-serif`;
    ctx.fillStyle = "#b50909";
    ctx.textAlign = "right";
    ctx.fillText(data.limit.toFixed(3), bbox.left + bbox.width - 4 * ratio, y - 4 * ratio);
    ctx.fillStyle = "#1b1b1b";
    data.episodes.forEach((episode) => {
      const from = one.valToPos(episode.from, "x", true);
      const atTheEnd = from > bbox.left + bbox.width - 130 * ratio;
      ctx.textAlign = atTheEnd ? "right" : "left";
      ctx.fillText(episode.class, (atTheEnd ? one.valToPos(episode.until, "x", true) : Math.max(from, bbox.left)) + (atTheEnd ? -3 : 3) * ratio, bbox.top + 13 * ratio);
    });
    ctx.restore();
  }
})();
