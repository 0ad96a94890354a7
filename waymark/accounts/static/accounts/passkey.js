// Passkeys need JavaScript: show their buttons only where they work, and say it when a key was not accepted.
"use strict";

(() => {
  const message = document.querySelector("[data-passkey-message]");
  if (window.PublicKeyCredential) {
    document.querySelectorAll("[data-passkey]").forEach((part) => { part.hidden = false; });
  } else if (message) {
    message.textContent = message.dataset.unsupported;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (message) message.textContent = message.dataset.failed;
  });
})();
