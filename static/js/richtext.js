// Brings the server-made toolbar to life with the Tiptap bundle of django-prose-editor, which is fetched only on pages
// that hold an editor. Without this script the textarea stays and takes plain text.

let bundle;
const fetchEditor = (url) => (bundle ??= import(url));

// A footnote is one piece: its text is edited in a dialog, so the caret cannot get stuck inside it.
const footnoteNode = (T) => T.Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,
  addAttributes: () => ({ text: { default: "", parseHTML: (element) => element.textContent, rendered: false } }),
  parseHTML: () => [{ tag: "span.footnote" }],
  renderHTML: ({ node }) => ["span", { class: "footnote" }, node.attrs.text],
});

// The heading cells of a table say what they head, for screen readers and for the PDF.
const headingCell = (T) => T.TableHeader.extend({
  addAttributes() {
    return { ...this.parent?.(), scope: { default: "col" } };
  },
});

const dialogFor = (box, kind) => {
  let dialog = box.querySelector(`dialog[data-dialog=${kind}]`);
  if (!dialog) {
    const template = box.querySelector("template").content.querySelector(`[data-dialog=${kind}]`);
    dialog = box.appendChild(template.cloneNode(true));
  }
  return dialog;
};

// Shows a dialog with one field; resolves to the text, "" to remove, or null when cancelled.
const askText = (box, kind, initial, valid) => new Promise((resolve) => {
  const dialog = dialogFor(box, kind);
  const input = dialog.querySelector("input, textarea");
  const fault = dialog.querySelector("[data-fault]");
  const show = (wrong) => {
    fault.hidden = !wrong;
    input.setAttribute("aria-invalid", String(wrong));
  };
  input.value = initial;
  show(false);
  dialog.querySelector("[data-answer=remove]").hidden = !initial;
  let answer = null;
  const give = (choice) => {
    if (choice === "save" && !valid(input.value.trim())) {
      show(true);
      input.focus();
      return;
    }
    if (choice !== "cancel") answer = choice === "save" ? input.value.trim() : "";
    dialog.close();
  };
  const onClick = (event) => {
    const button = event.target.closest("[data-answer]");
    if (button) give(button.dataset.answer);
  };
  // Enter in the one-line field must not send the form around the editor.
  const onKey = (event) => {
    if (event.key === "Enter" && input.matches("input") && event.target === input) {
      event.preventDefault();
      give("save");
    }
  };
  dialog.addEventListener("click", onClick);
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("close", () => {
    dialog.removeEventListener("click", onClick);
    dialog.removeEventListener("keydown", onKey);
    resolve(answer);
  }, { once: true });
  dialog.showModal();
  input.focus();
});

const editFootnote = async (editor, box) => {
  const { to } = editor.state.selection;
  const selected = editor.isActive("footnote");
  const text = await askText(box, "footnote", selected ? editor.getAttributes("footnote").text : "", (value) => value !== "");
  if (text === null) return editor.commands.focus();
  if (text === "") return editor.chain().focus().deleteSelection().run();
  if (selected) return editor.chain().focus().updateAttributes("footnote", { text }).run();
  return editor.chain().focus().insertContentAt(to, { type: "footnote", attrs: { text } }).run();
};

const editLink = async (editor, box) => {
  const schemes = box.dataset.schemes.split(" ");
  const allowed = (value) => schemes.some((scheme) => value.toLowerCase().startsWith(`${scheme}:`));
  const href = await askText(box, "link", editor.getAttributes("link").href ?? "", allowed);
  const chain = editor.chain().focus();
  if (href === null) return chain.run();
  if (href === "") return chain.extendMarkRange("link").unsetLink().run();
  if (editor.state.selection.empty && !editor.isActive("link")) {
    return chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
  }
  return chain.extendMarkRange("link").setLink({ href }).run();
};

const inTable = (editor) => editor.isActive("table");
const run = (name, ...args) => (editor) => editor.chain().focus()[name](...args).run();
// Per command: what it does, when its button is pressed in, when it can be used.
const COMMANDS = {
  h3: { act: run("toggleHeading", { level: 3 }), pressed: (editor) => editor.isActive("heading", { level: 3 }) },
  h4: { act: run("toggleHeading", { level: 4 }), pressed: (editor) => editor.isActive("heading", { level: 4 }) },
  bold: { act: run("toggleBold"), pressed: (editor) => editor.isActive("bold") },
  italic: { act: run("toggleItalic"), pressed: (editor) => editor.isActive("italic") },
  link: { act: editLink, pressed: (editor) => editor.isActive("link") },
  bullets: { act: run("toggleBulletList"), pressed: (editor) => editor.isActive("bulletList") },
  numbers: { act: run("toggleOrderedList"), pressed: (editor) => editor.isActive("orderedList") },
  quote: { act: run("toggleBlockquote"), pressed: (editor) => editor.isActive("blockquote") },
  footnote: { act: editFootnote, pressed: (editor) => editor.isActive("footnote") },
  table: { act: run("insertTable", { rows: 3, cols: 3, withHeaderRow: true }), usable: (editor) => !inTable(editor) },
  row: { act: run("addRowAfter"), usable: inTable, appears: inTable },
  column: { act: run("addColumnAfter"), usable: inTable, appears: inTable },
  "remove-row": { act: run("deleteRow"), usable: inTable, appears: inTable },
  "remove-table": { act: run("deleteTable"), usable: inTable, appears: inTable },
  undo: { act: run("undo"), usable: (editor) => editor.can().undo() },
  redo: { act: run("redo"), usable: (editor) => editor.can().redo() },
};

const start = async (box) => {
  if (box.dataset.started) return;
  box.dataset.started = "1";
  const T = await fetchEditor(box.dataset.richtext);
  const textarea = box.querySelector("textarea");
  const bar = box.querySelector("[role=toolbar]");
  const known = { ...T, Footnote: footnoteNode(T), TableHeader: headingCell(T) };
  const extensions = Object.entries(JSON.parse(box.dataset.extensions)).map(([name, options]) =>
    Object.keys(options).length ? known[name].configure(options) : known[name]);

  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const attributes = {
    class: "richtext__text rich-text", role: "textbox", "aria-multiline": "true", spellcheck: "true",
    id: `${textarea.id}-editor`, lang: textarea.lang || "nl",
  };
  if (label) {
    label.id ||= `${textarea.id}-label`;
    attributes["aria-labelledby"] = label.id;
  }
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
    if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);
  }

  const host = document.createElement("div");
  const editor = new T.Editor({
    element: host,
    extensions,
    content: textarea.value,
    injectCSS: false,
    editorProps: { attributes },
    onUpdate() {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  textarea.hidden = true;
  box.querySelector(".richtext__plain").hidden = true;
  bar.hidden = false;
  bar.after(host);
  box.classList.add("is-live");
  label?.addEventListener("click", () => editor.commands.focus());

  const buttons = [...bar.querySelectorAll("[data-command]")];
  const refresh = () => {
    for (const button of buttons) {
      const { pressed, usable, appears } = COMMANDS[button.dataset.command];
      if (pressed) button.setAttribute("aria-pressed", String(Boolean(pressed(editor))));
      if (usable) button.setAttribute("aria-disabled", String(!usable(editor)));
      if (appears) button.hidden = !appears(editor);
    }
  };
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-command]");
    if (button && button.getAttribute("aria-disabled") !== "true") COMMANDS[button.dataset.command].act(editor, box);
  });
  // One stop for Tab, arrows inside: the toolbar pattern of the ARIA Authoring Practices.
  bar.addEventListener("keydown", (event) => {
    const shown = buttons.filter((button) => !button.hidden);
    const at = shown.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    const target = shown[(next + shown.length) % shown.length];
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
    target.focus();
  });
  editor.on("transaction", () => {
    refresh();
    // The button that Tab reaches may have gone with the table it belonged to.
    if (!buttons.some((button) => button.tabIndex === 0 && !button.hidden)) buttons[0].tabIndex = 0;
  });
  refresh();
};

const scan = (root) => {
  if (root.matches?.("[data-richtext]")) start(root);
  root.querySelectorAll?.("[data-richtext]").forEach(start);
};
scan(document);
document.addEventListener("htmx:load", (event) => scan(event.detail.elt));
