// Fetches the page it is on every two seconds and puts its new contents in place of the old, until
// it says that it is finished. While the reader has selected, opened or reached something in it by
// keyboard, it stays as it is.
(() => {
  const PAUSE_MS = 2000;
  const isRead = (shown) => {
    const selection = getSelection();
    return (
      (!selection.isCollapsed && selection.containsNode(shown, true)) ||
      shown.querySelector("details[open]") !== null ||
      shown.contains(document.activeElement)
    );
  };
  const look = async () => {
    const shown = document.getElementById("follow");
    if (!shown || shown.dataset.finished === "yes") return;
    if (isRead(shown)) return setTimeout(look, PAUSE_MS);
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
