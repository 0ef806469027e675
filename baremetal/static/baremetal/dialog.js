// The dialogs of deployments: a form is sent once; host names follow their pattern as it is typed.
// Without scripts the server does both.
(() => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
    });
    // A page that the browser brings back may send again; the server knows what it had.
    window.addEventListener("pageshow", () => {
      for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = false;
    });
  }

  const form = document.querySelector("form[data-deploy]");
  if (!form) return;
  if (form.dataset.goesOn !== undefined) form.requestSubmit(); // more than fits in one request
  const pattern = form.elements.hostname;
  const first = form.elements.first;
  const rows = [...form.querySelectorAll("tr[data-node]")];

  const name = (row, number) =>
    pattern.value.trim().replace(/\{(node|n{1,6})\}/g, (_, word) =>
      word === "node" ? row.dataset.node : String(number).padStart(word.length, "0"),
    );
  const box = (row) => row.querySelector("input[type=checkbox]");
  const chosen = () => rows.filter((row) => !box(row) || box(row).checked);

  const fill = () => {
    const start = Number(first?.value || 1);
    chosen().forEach((row, i) => {
      const input = row.querySelector(".bm-hostname");
      if (input && !input.dataset.edited) input.value = name(row, start + i);
    });
    if (first) form.elements.filled.value = pattern.value;
    const count = form.querySelector("[data-count]");
    if (count) count.textContent = chosen().length;
  };
  const profiles = () => {
    const option = form.elements.profile.selectedOptions[0];
    for (const row of rows) {
      const cell = row.querySelector("td[data-default]");
      cell.textContent = option.value ? option.textContent : cell.dataset.default;
    }
  };

  pattern.addEventListener("input", fill);
  first?.addEventListener("input", fill);
  form.elements.profile.addEventListener("change", profiles);
  for (const row of rows) {
    box(row)?.addEventListener("change", fill);
    row.querySelector(".bm-hostname")?.addEventListener("input", (event) => {
      event.target.dataset.edited = "yes";
    });
  }
  if (form.elements.profile.value) profiles();
})();
