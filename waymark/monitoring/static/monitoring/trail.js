// Places on a map: fixes by the shape of their source, error circles, the way between them, zones.
"use strict";

// Draws `data` (see reads/day.py: positions_json) and gives { show(atMs) }, which moves the marker of the moment
// to the nearest fix and returns that fix.
function waymarkTrail(map, data) {
  const COLOURS = { inclusion: "#216e1f", exclusion: "#b50909", way: "#162e51", found: "#b50909", error: "#005ea2" };
  const canvas = L.canvas({ padding: 0.3 });
  const place = (fix) => [fix.lat, fix.lon];
  const seen = data.fixes.length ? data.fixes.map(place) : data.zones.flatMap(corners);
  if (!seen.length) return { show: () => null };
  map.fitBounds(L.latLngBounds(seen).pad(0.08), { animate: false, maxZoom: 17 });

  data.zones.forEach((zone) => {
    const look = {
      color: COLOURS[zone.kind] ?? "#3d4551",
      dashArray: zone.kind === "exclusion" ? "8 5" : null,
      fillOpacity: 0.08,
      weight: 2,
    };
    const shape = zone.circle
      ? L.circle([zone.circle.lat, zone.circle.lon], { ...look, radius: zone.circle.radius_m })
      : zone.polygon && L.polygon([zone.polygon, ...zone.holes], look);
    if (!shape) return;
    const words = `${zone.name}: ${zone.words.toLowerCase()}`;
    shape.addTo(map).bindTooltip(words, { className: "wm-zone-name", direction: "top", permanent: true });
    shape.openTooltip(L.latLng(shape.getBounds().getNorth(), shape.getBounds().getCenter().lng));
  });

  const wrong = (fix) => data.episodes.some((one) => one.from_ms <= fix.at_ms && (one.until_ms ?? Infinity) >= fix.at_ms);
  data.fixes.forEach((fix, number) => {
    const before = data.fixes[number - 1];
    if (!before) return;
    const found = wrong(fix) && wrong(before);
    const way = L.polyline([place(before), place(fix)], {
      color: found ? COLOURS.found : COLOURS.way,
      dashArray: fix.after_gap ? "1 7" : null,
      interactive: fix.after_gap,
      opacity: fix.after_gap ? 0.9 : 0.65,
      renderer: canvas,
      weight: found ? 4 : 2,
    }).addTo(map);
    if (fix.after_gap) way.bindTooltip("More than 5 minutes without a fix: the straight line is not the route");
  });

  data.fixes.forEach((fix) => {
    L.circle(place(fix), { color: COLOURS.error, fill: false, interactive: false, opacity: 0.3, radius: fix.radius_m, renderer: canvas, weight: 1 }).addTo(map);
    sign(fix, canvas).addTo(map).bindTooltip(`${fix.time} · ${fix.words} · ± ${Math.round(fix.radius_m)} m`);
  });
  (data.decided ?? []).forEach((fix) => {
    L.circle(place(fix), { color: COLOURS.found, fillOpacity: 0.06, radius: fix.radius_m, weight: 2 })
      .addTo(map)
      .bindTooltip(`The rule decided by this fix: ${fix.time} · ${fix.words} · ± ${Math.round(fix.radius_m)} m`);
  });

  const moment = L.circleMarker([0, 0], { color: "#1b1b1b", fillColor: "#ffbe2e", fillOpacity: 1, radius: 8, weight: 3 });
  const doubt = L.circle([0, 0], { color: "#8a5a00", fill: false, radius: 1, weight: 2 });

  return {
    show(atMs) {
      const fix = nearest(data.fixes, atMs);
      if (!fix) return null;
      doubt.setLatLng(place(fix)).setRadius(fix.radius_m).addTo(map);
      moment.setLatLng(place(fix)).addTo(map).bringToFront();
      if (!map.getBounds().contains(place(fix))) map.panTo(place(fix), { animate: false });
      return fix;
    },
  };

  function corners(zone) {
    if (!zone.circle) return zone.polygon ?? [];
    const box = L.latLng(zone.circle.lat, zone.circle.lon).toBounds(2 * zone.circle.radius_m);
    return [box.getSouthWest(), box.getNorthEast()];
  }

  function sign(fix, renderer) {
    const look = { color: "#1b1b1b", fill: true, fillColor: "#fff", fillOpacity: 1, renderer, weight: 1.5 };
    if (fix.source === "gps") return L.circleMarker(place(fix), { ...look, fillColor: "#005ea2", radius: 3.5 });
    const shapes = { wifi: "M7 1 13 13H1Z", cell: "M2 2H12V12H2Z" };
    const path = shapes[fix.source] ?? "M7 0 14 7 7 14 0 7Z";
    const html = `<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="${path}" fill="#fff" fill-opacity="0.6" stroke="#1b1b1b" stroke-width="2"/></svg>`;
    return L.marker(place(fix), { icon: L.divIcon({ className: "wm-fix", html, iconSize: [14, 14] }), keyboard: false });
  }

  function nearest(fixes, atMs) {
    let low = 0;
    let high = fixes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fixes[middle].at_ms < atMs) low = middle + 1;
      else high = middle;
    }
    const before = fixes[low - 1];
    return before && atMs - before.at_ms <= Math.abs(fixes[low].at_ms - atMs) ? before : fixes[low];
  }
}

// A map in the element, with its backdrop; resolves to what waymarkTrail gives and the data.
function waymarkTrailMap(element) {
  const map = L.map(element, { preferCanvas: false, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  waymarkBackdrop(map);
  return fetch(element.dataset.url, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((data) => ({ data, map, trail: waymarkTrail(map, data) }))
    .catch((error) => {
      map.remove();
      element.textContent = "The map could not be loaded. The places stand in the table.";
      throw error;
    });
}
