// Zones on a map. With a form beside it, clicking and dragging write into the form's fields, and typing redraws.
"use strict";
(() => {
  const KIND = { inclusion: "#216e1f", exclusion: "#b50909", victim: "#6f3331" };
  const STATES = ["29", "17"]; // Missouri and Illinois
  document.querySelectorAll("[data-map]").forEach(draw);

  function draw(place) {
    place.hidden = false;
    const told = JSON.parse(place.dataset.map);
    const form = place.closest("[data-zone-form]");
    const map = L.map(place, { zoomSnap: 0.5, attributionControl: Boolean(place.dataset.tiles) });
    const drawn = L.featureGroup().addTo(map);
    map.setView(told.start, 11);
    backdrop(map, place);
    const others = told.others.map((one) => layer(one.shape, { color: "#565c65", dashArray: "6 4", weight: 2, fillOpacity: 0.06 }, one.name));
    others.filter(Boolean).forEach((one) => one.addTo(map));
    const fit = () => {
      const all = L.featureGroup([drawn, ...others.filter(Boolean)]);
      const bounds = drawn.getLayers().length ? drawn.getBounds() : all.getBounds();
      if (bounds.isValid()) map.fitBounds(bounds.pad(0.6), { maxZoom: 18 });
    };
    if (form) edit(form, map, drawn, told, fit);
    else {
      const shape = told.shape && layer(told.shape, { color: KIND[told.kind] });
      if (shape) shape.addTo(drawn);
    }
    fit();
    L.control.scale().addTo(map);
  }

  function layer(shape, style, name) {
    let made = null;
    if (shape.circle) made = L.circle([shape.circle.lat, shape.circle.lon], { radius: shape.circle.radius_m, ...style });
    else if (shape.polygon) made = L.polygon([shape.polygon, ...(shape.holes || [])], style);
    if (made && name) made.bindTooltip(name, { permanent: true, direction: "center", className: "wm-map-name" });
    return made;
  }

  async function backdrop(map, place) {
    if (place.dataset.tiles) L.tileLayer(place.dataset.tiles, { maxZoom: 19 }).addTo(map).bringToBack();
    const atlas = await (await fetch(place.dataset.atlas)).json();
    const counties = topojson.feature(atlas, atlas.objects.counties);
    counties.features = counties.features.filter((county) => STATES.includes(county.id.slice(0, 2)));
    L.geoJSON(counties, {
      style: { color: "#8d9297", weight: 1, fillColor: "#f7f9fa", fillOpacity: place.dataset.tiles ? 0 : 1 },
      interactive: false,
      pane: "tilePane",
    }).addTo(map);
  }

  function edit(form, map, drawn, told, fit) {
    const field = (name) => form.elements[name];
    const way = () => (form.querySelector("[name=way]:checked") || {}).value || "circle";
    const kind = () => (field("kind") ? field("kind").value : told.kind);
    const point = (text) => {
      const found = text.match(/-?\d+(\.\d+)?/g);
      return found && found.length === 2 ? found.map(Number) : null;
    };
    const corners = () => field("corners").value.split("\n").map(point).filter(Boolean);
    const write = ({ lat, lng }) => `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
    const writeCorners = (all) => {
      field("corners").value = all.map(([lat, lng]) => `${(+lat).toFixed(6)}, ${(+lng).toFixed(6)}`).join("\n");
    };
    const handle = (label) => ({
      draggable: true,
      keyboard: false,
      title: label,
      icon: L.divIcon({ className: "wm-map-handle", iconSize: [16, 16] }),
    });

    function redraw() {
      drawn.clearLayers();
      const style = { color: KIND[kind()] || KIND.inclusion };
      if (way() === "circle") {
        const at = point(field("centre").value);
        if (!at) return;
        const circle = L.circle(at, { radius: Number(field("radius_m").value) || 1, ...style }).addTo(drawn);
        const middle = L.marker(at, handle("Center")).addTo(drawn);
        middle.on("drag", () => circle.setLatLng(middle.getLatLng()));
        middle.on("dragend", () => {
          field("centre").value = write(middle.getLatLng());
          redraw();
        });
      } else if (way() === "polygon") {
        const all = corners();
        const holes = field("holes").value.split(/\n\s*\n/).map((ring) => ring.split("\n").map(point).filter(Boolean));
        const outline = L.polygon([all, ...holes.filter((ring) => ring.length > 2)], style).addTo(drawn);
        all.forEach((corner, number) => {
          const marker = L.marker(corner, handle(`Corner ${number + 1}`)).addTo(drawn);
          const moved = () => {
            const { lat, lng } = marker.getLatLng();
            return all.map((one, place) => (place === number ? [lat, lng] : one));
          };
          marker.on("drag", () => outline.setLatLngs([moved(), ...holes]));
          marker.on("dragend", () => {
            writeCorners(moved());
            redraw();
          });
          marker.on("dblclick", (event) => {
            L.DomEvent.stop(event);
            writeCorners(all.filter((_, place) => place !== number));
            redraw();
          });
        });
      }
    }

    const asked = { centre: ["circle"], radius_m: ["circle", "moving"], corners: ["polygon"], holes: ["polygon"] };
    function ask() {
      Object.entries(asked).forEach(([name, ways]) => {
        form.querySelector(`[data-field=${name}]`).hidden = !ways.includes(way());
      });
      if (field("is_home")) form.querySelector("[data-field=is_home]").hidden = kind() !== "inclusion" && kind() !== "";
      const moving = form.querySelector("[name=way][value=moving]");
      if (moving) moving.closest(".usa-radio").hidden = kind() !== "victim" && way() !== "moving";
      redraw();
    }

    map.doubleClickZoom.disable();
    map.on("click", ({ latlng }) => {
      if (way() === "circle") field("centre").value = write(latlng);
      else if (way() === "polygon") writeCorners([...corners(), [latlng.lat, latlng.lng]]);
      redraw();
    });
    form.addEventListener("input", ask);
    form.addEventListener("change", ask);
    form.querySelectorAll("[data-map-help], [data-map-tools]").forEach((shown) => (shown.hidden = false));
    form.querySelector("[data-map-undo]").addEventListener("click", () => {
      writeCorners(corners().slice(0, -1));
      redraw();
    });
    form.querySelector("[data-map-fit]").addEventListener("click", fit);
    ask();
  }
})();
