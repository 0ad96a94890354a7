// Visits are kept on the phone under a key of their own until the office has them. Names are never stored with them.
"use strict";
(() => {
  const room = document.querySelector("[data-drive-by]");
  if (!room) return;
  const form = room.querySelector("[data-visit]");
  const state = room.querySelector("[data-state]");
  const list = room.querySelector("[data-waiting]");
  const SHELF = `waymark-drive-by-${room.dataset.account}`;
  const TRY_AGAIN_MS = 30000;
  let sending = false;
  let saying = "";

  const waiting = () => JSON.parse(localStorage.getItem(SHELF) || "[]");
  const keep = (visits) => localStorage.setItem(SHELF, JSON.stringify(visits));
  const newKey = () => (crypto.randomUUID ? crypto.randomUUID() : keyOf(crypto.getRandomValues(new Uint8Array(16))));

  function keyOf(bytes) {
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function show(words) {
    saying = words || saying;
    const visits = waiting();
    const open = visits.filter((visit) => !visit.refused);
    const parts = [saying];
    if (!navigator.onLine) parts.push("No network.");
    if (open.length) parts.push(`${open.length} visit${open.length > 1 ? "s" : ""} on this phone, not yet sent.`);
    state.textContent = parts.filter(Boolean).join(" ");
    state.hidden = !state.textContent;
    list.replaceChildren(...visits.map(line));
    list.hidden = !visits.length;
  }

  function nameOf(activation) {
    const options = form ? [...form.elements.activation.options] : [];
    const option = options.find((one) => one.value === String(activation));
    return option ? option.textContent : "Somebody not on today's list";
  }

  function line(visit) {
    const item = document.createElement("li");
    const when = new Date(visit.happened_at).toLocaleString();
    item.textContent = `${nameOf(visit.activation)}, ${when}: ${visit.heard === "yes" ? "heard" : "not heard"}. `;
    if (visit.refused) {
      const why = document.createElement("strong");
      why.className = "wm-late";
      why.textContent = `Not taken: ${visit.refused} `;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "usa-button usa-button--unstyled";
      drop.textContent = "Remove it from this phone";
      drop.addEventListener("click", () => {
        keep(waiting().filter((one) => one.key !== visit.key));
        show("");
      });
      item.append(why, drop);
    }
    return item;
  }

  const cookie = (name) =>
    document.cookie
      .split("; ")
      .filter((part) => part.startsWith(`${name}=`))
      .map((part) => part.slice(name.length + 1))[0] || "";

  async function send() {
    const open = waiting().filter((visit) => !visit.refused);
    if (sending || !open.length) return show("");
    sending = true;
    try {
      const answer = await fetch(room.dataset.sync, {
        method: "POST",
        redirect: "manual",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": cookie("csrftoken") || (form ? form.elements.csrfmiddlewaretoken.value : ""),
        },
        body: JSON.stringify({ visits: open.slice(0, 100) }),
      });
      if (answer.ok) took(await answer.json());
      else show("The office did not take the visits. Open this page again and sign in; they stay on this phone.");
    } catch (noNetwork) {
      show("Saved on this phone.");
    } finally {
      sending = false;
    }
  }

  function took(told) {
    const why = new Map(told.refused.map((one) => [one.key, one.words]));
    keep(
      waiting()
        .filter((visit) => !told.kept.includes(visit.key))
        .map((visit) => (why.has(visit.key) ? { ...visit, refused: why.get(visit.key) } : visit))
    );
    show(told.kept.length ? `Sent: ${told.kept.length} visit${told.kept.length > 1 ? "s" : ""}.` : "");
  }

  function complaint() {
    const given = new FormData(form);
    if (!given.get("activation")) return ["activation", "Whom: choose a person from the list."];
    if (!given.get("heard")) return ["heard", "The bracelet was: choose heard or not heard."];
    if (!/^\d+$/.test(given.get("listened_minutes").trim())) return ["listened_minutes", "Minutes listened: give a whole number."];
    return null;
  }

  function complain([name, words]) {
    form.querySelectorAll("[data-complaint]").forEach((old) => old.remove());
    const field = form.elements[name] instanceof RadioNodeList ? form.elements[name][0] : form.elements[name];
    const said = document.createElement("span");
    said.className = "usa-error-message";
    said.dataset.complaint = "";
    said.setAttribute("role", "alert");
    said.textContent = words;
    field.closest(".usa-form-group").prepend(said);
    field.focus();
  }

  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = complaint();
      if (wrong) return complain(wrong);
      form.querySelectorAll("[data-complaint]").forEach((old) => old.remove());
      const visit = Object.fromEntries(new FormData(form));
      delete visit.csrfmiddlewaretoken;
      visit.key = newKey();
      visit.happened_at = visit.happened_at || new Date().toISOString();
      keep([...waiting(), visit]);
      form.reset();
      ["lat", "lon", "accuracy_m"].forEach((name) => (form.elements[name].value = ""));
      words.textContent = "";
      show("Saved on this phone.");
      state.scrollIntoView({ block: "center" });
      send();
    });
    const words = form.querySelector("[data-position-words]");
    if (navigator.geolocation) {
      form.querySelector("[data-position]").hidden = false;
      form.querySelector("[data-locate]").addEventListener("click", () => {
        words.textContent = "Looking for the position…";
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => {
            form.elements.lat.value = coords.latitude.toFixed(6);
            form.elements.lon.value = coords.longitude.toFixed(6);
            form.elements.accuracy_m.value = coords.accuracy.toFixed(1);
            words.textContent = `Added, within ${Math.round(coords.accuracy)} m.`;
          },
          () => (words.textContent = "The phone gave no position. The visit can be saved without it."),
          { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 }
        );
      });
    }
    room.querySelectorAll("[data-check]").forEach((link) =>
      link.addEventListener("click", (event) => {
        event.preventDefault();
        form.elements.activation.value = link.dataset.check;
        document.getElementById("visit").focus();
        document.getElementById("visit").scrollIntoView();
      })
    );
  }

  // Whoever signs out takes the list of people off this phone.
  document.querySelectorAll("form[action*=logout]").forEach((out) =>
    out.addEventListener("submit", () => window.caches && caches.delete("waymark-drive-by"))
  );
  window.addEventListener("online", send);
  window.addEventListener("offline", () => show(""));
  setInterval(send, TRY_AGAIN_MS);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker
      .register(room.dataset.worker)
      .then(() => navigator.serviceWorker.ready)
      // The page that was open before its worker is read once more, so that it is on the phone.
      .then(() => navigator.onLine && fetch(location.pathname, { redirect: "manual" }))
      .then(async (answer) => {
        if (!answer || !answer.ok) return;
        await (await caches.open("waymark-drive-by")).put(location.pathname, answer);
        room.dataset.ready = "offline";
      })
      .catch(() => show("Without a network this page cannot be opened on this phone."));
  }
  send();
})();
