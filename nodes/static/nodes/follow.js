// Fetches the page it is on every two seconds and puts its new contents in place of the old, until
// it says that it is finished. What the reader has scrolled to or selected elsewhere stays.
(() => {
  const PAUSE_MS = 2000;
  const look = async () => {
    const shown = document.getElementById("follow");
    if (!shown || shown.dataset.finished === "yes") return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.redirected) return location.reload(); // logged out in the meantime
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("follow");
      if (answer.ok && fresh) shown.replaceWith(fresh);
    } catch {
      // Bearman is away for a moment: the next look may find it again.
    }
    setTimeout(look, PAUSE_MS);
  };
  setTimeout(look, PAUSE_MS);
})();
