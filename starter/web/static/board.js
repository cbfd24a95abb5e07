// Keeps the wall live, draws the charts from the tables beside them, and says when what is shown is old.
(() => {
  "use strict";

  const live = document.getElementById("live");
  const liveness = document.getElementById("liveness");
  const SILENT = 10000; // ms without a word: the connection is gone, whatever the browser thinks
  let heard = Date.now();

  function say(kind) {
    if (!liveness || liveness.dataset.now === kind) return;
    liveness.dataset.now = kind;
    liveness.textContent = liveness.dataset[kind];
  }

  function listen() {
    vocloop.listen(live.dataset.live, {
      board(html) {
        heard = Date.now();
        live.innerHTML = html; // our own server's, escaped there
        say("live");
      },
      away() { heard = Date.now(); say("away"); },
      over() { location.reload(); }, // to the sign-in, and back here
    });
  }

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const cells = (row) => [...row.children].map((cell) => cell.textContent.trim());
  const number = (text) => (text === "–" || text === "" ? null : Number.parseFloat(text));

  function read(id) {
    const table = document.getElementById(id);
    return { head: cells(table.tHead.rows[0]), rows: [...table.tBodies[0].rows].map(cells) };
  }

  function frame() {
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("--ink-2") },
      grid: { left: 8, right: 12, top: 36, bottom: 8, containLabel: true },
    };
  }

  const axis = () => ({ axisLine: { lineStyle: { color: token("--line-strong") } }, axisLabel: { color: token("--ink-3") }, splitLine: { lineStyle: { color: token("--line") } } });

  function rates({ head, rows }) {
    const line = (column, colour, symbol) => ({
      name: head[column], type: "line", connectNulls: true, symbol, symbolSize: 7, color: token(colour),
      data: rows.map((row) => number(row[column])),
    });
    return {
      ...frame(),
      legend: { top: 0, left: 0, textStyle: { color: token("--ink-2") } },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => (value == null ? "–" : `${value}%`) },
      xAxis: { type: "category", data: rows.map((row) => row[0]), ...axis() },
      yAxis: { type: "value", min: 0, max: 100, ...axis(), axisLabel: { color: token("--ink-3"), formatter: "{value}%" } },
      series: [line(1, "--accent", "circle"), line(3, "--yellow", "triangle")],
    };
  }

  function heat({ head, rows }) {
    const names = head.slice(1);
    const data = rows.flatMap((row, y) => row.slice(1).map((text, x) => [x, y, number(text) || 0]));
    return {
      ...frame(),
      tooltip: { renderMode: "richText", formatter: ({ value: [x, y, count] }) => `${names[y]} → ${names[x]}: ${count}` },
      grid: { left: 8, right: 12, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: names, ...axis(), axisLabel: { color: token("--ink-3"), rotate: 40 } },
      yAxis: { type: "category", data: names, inverse: true, ...axis() },
      visualMap: { show: false, min: 0, max: Math.max(1, ...data.map((each) => each[2])), inRange: { color: [token("--sunk"), token("--yellow"), token("--red")] } },
      series: [{ type: "heatmap", data: data.filter((each) => each[2]), label: { show: true, color: "#1b1d1f" } }],
    };
  }

  const drawing = { rates, heat };
  let charts = [];

  function draw() {
    if (!window.echarts) return;
    charts.forEach((chart) => chart.dispose());
    charts = [...document.querySelectorAll("[data-chart]")].map((place) => {
      const chart = echarts.init(place, null, { renderer: "canvas" });
      chart.setOption(drawing[place.dataset.chart](read(place.dataset.from)));
      return chart;
    });
  }

  function tellTime() {
    const clock = document.querySelector("[data-wall-clock]");
    if (clock) clock.textContent = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
    if (Date.now() - heard > SILENT) say("stale");
  }

  if (live) listen();
  draw();
  setInterval(tellTime, 1000);
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  document.addEventListener("htmx:after:swap", draw);
})();
