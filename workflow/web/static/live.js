// When the server says that something changed, look again; what somebody is reading or writing is never replaced.
"use strict";
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main || !("EventSource" in window)) return;
  let written = false;
  main.addEventListener("input", () => { written = true; });
  const source = new EventSource(main.dataset.live);
  source.addEventListener("changed", () => {
    source.close();
    if (main.dataset.then === "reload" && !written) {
      location.reload();
      return;
    }
    document.getElementById("changed").hidden = false;
    for (const button of document.querySelectorAll("form[action$='/approve'] button")) button.disabled = true;
  });
  window.addEventListener("pagehide", () => source.close());
})();
