// What makes pages quicker and clearer; every page works without it. Focus, announcements, dialogs, menus.

const announce = (text) => {
  const region = document.getElementById("announcement");
  region.textContent = "";
  // A change is only spoken when it comes after the region was empty for a moment.
  setTimeout(() => { region.textContent = text; }, 60);
};

const within = (root, selector) => (root.matches?.(selector) ? root : root.querySelector?.(selector));

// --- Arriving: after a page or a part of it was loaded -----------------------------------------------------------

const arrive = (root) => {
  const target = within(root, "[data-focus]");
  if (target) {
    target.removeAttribute("data-focus");
    target.focus();
  }
  const spoken = within(root, "[data-announce]");
  if (spoken) announce(spoken.dataset.announce);
};

document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector(".fault-summary[data-focus]");
  if (summary) arrive(summary);
});
document.addEventListener("htmx:afterSettle", (event) => arrive(event.detail.elt));
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => announce(document.body.dataset.failed));
}

// A link in the summary of faults leads to the editor where a textarea is hidden behind it.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".fault-summary a[href^='#']");
  if (!link) return;
  const id = link.getAttribute("href").slice(1);
  const target = document.getElementById(`${id}-editor`) ?? document.getElementById(id);
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
});

// --- Filters: an address holds only the filters that are in use --------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-drop-empty]")) return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

// --- Menus -------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (button) {
    const open = document.getElementById(button.dataset.toggle).classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(open));
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const button = document.querySelector("[data-toggle][aria-expanded=true]");
  if (button) {
    button.click();
    button.focus();
  }
});

// --- Asking before a formal or destructive act -------------------------------------------------------------------

const ask = ({ title, text, button, danger }) => new Promise((resolve) => {
  const dialog = document.getElementById("confirm");
  const heading = dialog.querySelector("h2");
  const yes = dialog.querySelector("[value=yes]");
  heading.textContent = title || heading.dataset.default;
  dialog.querySelector("p").textContent = text;
  yes.textContent = button || yes.dataset.default;
  yes.classList.toggle("nl-button--negative", Boolean(danger));
  dialog.returnValue = "";
  // The browser gives focus to the button marked autofocus (cancel) and returns it where it was on closing.
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  dialog.showModal();
});
const question = (element) => ({
  title: element.dataset.confirmTitle,
  text: element.dataset.confirm,
  button: element.dataset.confirmButton,
  danger: "confirmDanger" in element.dataset,
});

// Capturing, so that the question comes before htmx and before the form leaves.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asking = event.submitter?.matches("[data-confirm]") ? event.submitter : form.matches("[data-confirm]") ? form : null;
  if (!asking || form.querySelector("input[name=confirmed]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (!(await ask(question(asking)))) return;
  const said = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" });
  form.append(said);
  form.requestSubmit(submitter);
  // An answer that stays on this page leaves the form as it was; the next time asks again.
  setTimeout(() => said.remove());
}, { capture: true });
document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask({ ...question(event.detail.elt), text: event.detail.question })) event.detail.issueRequest(true);
});

// --- The session has ended: the answer is the page to sign in, and must not take the place of what was typed ------

const isEntrance = ({ responseURL }) => {
  const entrance = document.getElementById("signed-out")?.dataset.entrance;
  return Boolean(responseURL && entrance) && new URL(responseURL).pathname === entrance;
};
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isEntrance(event.detail.xhr)) return;
  event.detail.shouldSwap = false;
  if (document.querySelector("[data-signed-out]")) return;
  const template = document.getElementById("signed-out");
  const notice = template.content.firstElementChild.cloneNode(true);
  document.getElementById("content").prepend(notice);
  notice.scrollIntoView({ block: "center" });
  announce(notice.textContent.trim());
});

// --- The language mirror: advice below a text that others will read, while it is written --------------------------

// Texts go to the portal itself and nowhere else; the answer is kept nowhere. Without an answer nothing is shown.
const mirror = document.body.dataset.mirror;
const looking = new WeakMap();

const regionOf = (field) => {
  const known = looking.get(field);
  if (known) return known;
  const region = document.createElement("div");
  region.className = "mirror";
  // Polite, and there before its first words: else a screen reader may not say them.
  region.setAttribute("aria-live", "polite");
  (field.closest("[data-richtext]") ?? field).after(region);
  const state = { region, text: "", timer: 0, request: null };
  looking.set(field, state);
  return state;
};

const look = async (field, state) => {
  const text = field.value;
  if (text === state.text) return;
  state.text = text;
  state.request?.abort();
  if (!text.trim()) {
    state.region.replaceChildren();
    return;
  }
  state.request = new AbortController();
  try {
    const answer = await fetch(mirror, {
      method: "POST",
      body: new URLSearchParams({ text: text.slice(0, 20001), kind: field.dataset.readable }),
      headers: JSON.parse(document.body.getAttribute("hx-headers")),
      signal: state.request.signal,
      redirect: "error",
    });
    if (!answer.ok) return;
    const html = (await answer.text()).trim();
    // The same advice again is not spoken again.
    if (html !== state.shown) state.region.innerHTML = state.shown = html;
  } catch {
    // The page works without advice.
  }
};

const schedule = (event) => {
  const field = event.target.closest?.("[data-readable]");
  if (!field || !mirror) return;
  const state = regionOf(field);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => look(field, state), 800);
};
document.addEventListener("input", schedule);
document.addEventListener("focusin", (event) => {
  const box = event.target.closest?.("[data-richtext]");
  schedule({ target: box?.querySelector("[data-readable]") ?? event.target });
});

// --- Text that was not saved yet ---------------------------------------------------------------------------------

const changed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) changed.add(form);
});
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) changed.delete(event.target);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, xhr } = event.detail;
  if (!successful || xhr.status >= 400 || isEntrance(xhr)) return;
  // What saves by itself stands beside the form that it saves, and names it.
  changed.delete(elt.dataset.saves ? document.querySelector(elt.dataset.saves) : elt);
});
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
