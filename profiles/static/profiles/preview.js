// Renders a profile for the example machine again while it is being typed. Without it, the button
// Preview does the same.
(() => {
  const PAUSE_MS = 600;
  const parts = document.getElementById("profile-parts");
  const button = document.getElementById("preview-button");
  if (!parts || !button) return;
  const form = parts.closest("form");
  const status = document.getElementById("preview-status");
  let waiting;
  let asking;

  const replace = (name, html) => {
    const place = document.getElementById(`rendered-${name}`);
    if (!place) return;
    const opened = new Map([...place.querySelectorAll("details")].map((e) => [e.dataset.name, e.open]));
    place.innerHTML = html; // from our own templates, which escape what they are given
    for (const file of place.querySelectorAll("details")) {
      file.open = opened.get(file.dataset.name) ?? file.open;
    }
  };

  const tell = (problems) => {
    for (const [field, words] of Object.entries(problems)) {
      document.getElementById(`problems-${field}`)?.replaceChildren(
        ...words.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
      );
    }
  };

  const show = async () => {
    asking?.abort();
    asking = new AbortController();
    status.textContent = "Rendering…";
    try {
      const body = new FormData(form);
      const answer = await fetch(parts.dataset.preview, { method: "POST", body, signal: asking.signal });
      if (answer.redirected || !answer.ok) throw new Error(`status ${answer.status}`);
      const { problems, ...pieces } = await answer.json();
      for (const [name, html] of Object.entries(pieces)) replace(name, html);
      tell(problems);
      status.textContent = "";
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = "It cannot be rendered now: Bearman does not answer, or you are logged out.";
    }
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE_MS);
  };
  parts.addEventListener("click", (event) => {
    const from = event.target.closest("[data-take]");
    if (!from) return;
    const body = form.elements.config_body;
    body.value = document.getElementById(from.dataset.take).textContent;
    body.focus();
    soon();
  });
  document.documentElement.classList.add("bm-scripts");
  button.type = "button";
  button.addEventListener("click", show);
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
})();
