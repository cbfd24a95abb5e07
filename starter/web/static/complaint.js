// Files that are dropped, pasted or shot go up at once, with progress; without this script the form brings them along.
(() => {
  "use strict";

  const KINDS = [[/^image\//, "photo"], [/^video\//, "video"], [/^audio\//, "audio"], [/^text\/|csv|json|zip/, "log"]];
  const BOUND = { photo: /^image\//, video: /^video\//, audio: /^audio\// };

  // What the person said it is, unless the file cannot be that.
  function kindOf(file, said) {
    const fits = !BOUND[said] || BOUND[said].test(file.type);
    return fits ? said : (KINDS.find(([type]) => type.test(file.type)) || [0, "document"])[1];
  }

  function place(box, html) {
    const list = box.querySelector(".attached");
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    for (const item of fresh.content.querySelectorAll("li")) {
      const value = item.querySelector("input")?.value;
      if (!value || !list.querySelector(`input[value="${value}"]`)) list.append(item);
    }
  }

  function send(box, file) {
    const bar = box.querySelector("progress");
    const data = new FormData();
    data.append("evidence_kind", kindOf(file, box.querySelector("[name=evidence_kind]").value));
    data.append("file", file, file.name || "pasted.png");
    const request = new XMLHttpRequest();
    request.open("POST", box.dataset.evidence);
    request.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf || "");
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        place(box, request.responseText.includes("<li") ? request.responseText : wrapped(request.responseText));
        resolve();
      });
      request.send(data);
    });
  }

  // A problem told in passing, or nothing at all when the network is away.
  function wrapped(text) {
    const said = document.createElement("li");
    said.className = "fault";
    said.setAttribute("role", "alert");
    said.textContent = text.startsWith("{") ? JSON.parse(text).detail : textOf(text) || "×";
    return said.outerHTML;
  }

  const textOf = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();

  async function take(box, files) {
    if (!files.length) return;
    const bar = box.querySelector("progress");
    const button = box.closest("form").querySelector(".send");
    box.querySelectorAll(".attached .fault").forEach((each) => each.remove());
    bar.hidden = false;
    button.disabled = true;
    for (const file of files) {
      bar.value = 0;
      await send(box, file);
    }
    bar.hidden = true;
    button.disabled = false;
  }

  // The file a plain form would bring is brought already.
  function onPick(event) {
    const box = event.target.matches("input[type=file]") && event.target.closest("[data-evidence]");
    if (!box) return;
    const files = [...event.target.files];
    event.target.value = "";
    take(box, files);
  }

  const boxAt = (event) => event.target.closest?.(".doing[open]")?.querySelector("[data-evidence]");

  function onDrag(event) {
    const box = boxAt(event);
    if (!box || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    box.classList.toggle("is-over", event.type === "dragover");
    if (event.type === "drop") take(box, [...event.dataTransfer.files]);
  }

  function onPaste(event) {
    const files = [...(event.clipboardData?.files || [])];
    const box = boxAt(event) || document.querySelector(".doing[open] [data-evidence]");
    if (!box || !files.length) return;
    event.preventDefault();
    take(box, files);
  }

  // The clauses offered are those of the department chosen.
  function narrow(form) {
    const to = form.querySelector("[name=to]"), clause = form.querySelector("[data-clause]");
    if (!to || !clause) return;
    for (const group of clause.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = Boolean(to.value) && group.dataset.of !== to.value;
    }
    const chosen = clause.selectedOptions[0]?.closest("optgroup");
    if (chosen?.disabled) clause.value = "";
  }

  async function onClick(event) {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.firstElementChild, before = said.textContent;
    said.textContent = button.dataset.copied;
    setTimeout(() => { said.textContent = before; }, 1500);
  }

  function onOpen(event) {
    if (!event.target.matches?.(".doing[open]")) return;
    narrow(event.target);
    event.target.scrollIntoView({ block: "nearest" });
  }

  // On a phone a button leads down to what can be done, while that is not in sight.
  const acts = document.getElementById("acts"), toActs = document.getElementById("to-acts");
  if (acts && toActs) {
    new IntersectionObserver(([seen]) => { toActs.hidden = seen.isIntersecting; }).observe(acts);
  }

  document.documentElement.classList.add("has-scripts");
  document.addEventListener("change", onPick);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[name=to]")) narrow(event.target.form);
  });
  for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, onDrag);
  document.addEventListener("paste", onPaste);
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", onOpen, true);
})();
