// When the server says that something changed, look again; what somebody is reading or writing is never replaced.
// The server says a notice once: it is carried over to the page that was asked for again.
"use strict";
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main || !("EventSource" in window)) return;
  const notice = document.getElementById("notice");
  const carried = sessionStorage.getItem("notice");
  sessionStorage.removeItem("notice");
  if (carried && notice.hidden) {
    notice.textContent = carried;
    notice.hidden = false;
  }
  let written = false;
  main.addEventListener("input", () => { written = true; });
  const source = new EventSource(main.dataset.live);
  source.addEventListener("changed", () => {
    source.close();
    if (main.dataset.then === "reload" && !written) {
      if (!notice.hidden) sessionStorage.setItem("notice", notice.textContent);
      location.reload();
      return;
    }
    document.getElementById("changed").hidden = false;
    for (const button of document.querySelectorAll("form[action$='/approve'] button")) button.disabled = true;
  });
  for (const leaves of ["beforeunload", "pagehide"]) window.addEventListener(leaves, () => source.close());
})();
