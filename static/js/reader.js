// Reads a PDF in the page itself: draws it with pdf.js, lays its text and links over the drawing, zooms and turns pages.
// The links to the file and to the accessible page stand in the page already; without this script those are the way.

const DOTS_PER_POINT = 96 / 72;
const STEPS = [0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];
const WIDEST_AT_START = 1.25;
// Larger canvases stay blank on tablets.
const MOST_PIXELS = 16_000_000;

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const hexOf = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The bytes of the file, once they are those that the page speaks of.
const fetchFile = async (url, sha256) => {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/pdf")) throw new Error("no file");
  const data = await answer.arrayBuffer();
  // Browsers lend their digest to safe addresses only; elsewhere the page at /verify/ compares.
  if (crypto.subtle && hexOf(await crypto.subtle.digest("SHA-256", data)) !== sha256) throw new Error("another file");
  return new Uint8Array(data);
};

class Reader {
  constructor(root, library) {
    this.root = root;
    this.library = library;
    this.words = root.dataset;
    this.bar = root.querySelector("[data-bar]");
    this.box = root.querySelector("[data-pages]");
    this.field = root.querySelector("[data-page-field]");
    this.status = root.querySelector("[data-status]");
    this.notice = root.querySelector("[data-notice]");
    this.pages = [];
    this.near = new Set();
    this.current = 1;
    this.asked = 0;
    this.fits = true;
    this.zoom = 1;
  }

  async open(file) {
    this.document = await this.library.getDocument({
      data: file,
      // The portal's rules for content allow neither code made on the fly nor WebAssembly.
      isEvalSupported: false,
      useWasm: false,
      enableXfa: false,
      verbosity: this.library.VerbosityLevel.ERRORS,
    }).promise;
    const numbers = Array.from({ length: this.document.numPages }, (_, at) => at + 1);
    const found = await Promise.all(numbers.map((number) => this.document.getPage(number)));
    this.pages = found.map((page, at) => this.place(page, at + 1));
    this.root.querySelector("[data-last]").textContent = fill(this.words.last, { pages: this.pages.length });
    this.field.max = this.pages.length;
    this.root.hidden = false;
    this.root.style.setProperty("--reader-bar", `${this.bar.offsetHeight}px`);
    this.width = innerWidth;
    this.fit(WIDEST_AT_START);
    this.spot = this.spotAt(this.eyes);
    this.listen();
    this.follow();
    if (this.current === 1) this.tell();
    await Promise.all(this.pages.slice(0, 1).map((entry) => this.draw(entry)));
    for (const entry of this.pages) await this.lay(entry);
  }

  // An empty sheet of the right size; what is on it comes when it is near.
  place(page, number) {
    const sheet = document.createElement("div");
    sheet.className = "reader__page";
    sheet.setAttribute("role", "group");
    sheet.setAttribute("aria-label", fill(this.words.page, { page: number, pages: this.document.numPages }));
    this.box.append(sheet);
    return { page, number, sheet, size: page.getViewport({ scale: DOTS_PER_POINT }), canvas: null, drawn: "", task: null };
  }

  listen() {
    const press = (name, act) => this.root.querySelector(`[data-${name}]`).addEventListener("click", act);
    press("previous", () => this.go(this.current - 1));
    press("next", () => this.go(this.current + 1));
    press("smaller", () => this.step(-1));
    press("larger", () => this.step(1));
    press("fit", () => {
      this.keepPlace(() => this.fit());
      this.say(this.words.zoom, { zoom: Math.round(this.zoom * 100) });
    });
    this.root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.typed();
    });
    this.field.addEventListener("change", () => this.typed());
    window.addEventListener("hashchange", () => this.follow());

    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) this.arrive(this.pages.find((one) => one.sheet === entry.target), entry.isIntersecting);
    }, { rootMargin: "100% 0px" });
    for (const entry of this.pages) watch.observe(entry.sheet);

    let asked = 0;
    window.addEventListener("scroll", () => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        this.look();
      });
    }, { passive: true });
    let later;
    window.addEventListener("resize", () => {
      clearTimeout(later);
      later = setTimeout(() => {
        this.root.style.setProperty("--reader-bar", `${this.bar.offsetHeight}px`);
        const isTurned = this.width !== innerWidth;
        this.width = innerWidth;
        if (isTurned) this.keepPlace(() => this.fits && this.fit(this.most), this.spot);
        this.near.forEach((entry) => this.draw(entry));
      }, 150);
    });
  }

  // --- Pages ---

  // Where the eyes are: just below what sticks to the top of the window.
  get eyes() {
    const top = Math.max(0, this.bar.getBoundingClientRect().bottom);
    return Math.min(top, innerHeight / 2) + innerHeight * 0.1;
  }

  look() {
    // A window that changes its width scrolls by itself; that is no reading.
    if (this.width !== innerWidth) return;
    const eyes = this.eyes;
    const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
    const isEnd = scrollTop + clientHeight >= scrollHeight - 2;
    // The last pages cannot come up to the eyes; the one that was asked for stays the current one there.
    if (!isEnd) this.asked = 0;
    const passed = this.pages.filter((entry) => entry.sheet.getBoundingClientRect().top <= eyes);
    const number = isEnd ? this.asked || this.pages.length : passed.length || 1;
    if (number !== this.current) {
      this.current = number;
      this.tell();
    }
    this.spot = this.spotAt(eyes);
  }

  tell() {
    if (document.activeElement !== this.field) this.field.value = this.current;
    clearTimeout(this.telling);
    // Once the scrolling is over, so that nobody hears every page that passes.
    this.telling = setTimeout(() => {
      this.status.textContent = fill(this.words.page, { page: this.current, pages: this.pages.length });
    }, 300);
  }

  // Shown and spoken; it goes away by itself, but for a fault that is still there.
  say(sentence, values, stays = false) {
    clearTimeout(this.saying);
    this.notice.textContent = "";
    requestAnimationFrame(() => { this.notice.textContent = fill(sentence, values); });
    if (!stays) this.saying = setTimeout(() => { this.notice.textContent = ""; }, 6000);
  }

  go(number) {
    if (number < 1) return this.say(this.words.first, {});
    if (number > this.pages.length) return this.say(this.words.end, {});
    this.pages[number - 1].sheet.scrollIntoView({ block: "start", behavior: "instant" });
    this.current = this.asked = number;
    this.field.value = number;
    this.field.setAttribute("aria-invalid", "false");
    this.notice.textContent = "";
    this.tell();
  }

  typed() {
    const text = this.field.value.trim();
    const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
    const isThere = number >= 1 && number <= this.pages.length;
    this.field.setAttribute("aria-invalid", String(!isThere));
    if (!isThere) return this.say(this.words.unknown, { pages: this.pages.length }, true);
    this.notice.textContent = "";
    if (number !== this.current) this.go(number);
  }

  // An address such as #page=3 leads to that page, from outside and from the links in the document.
  follow() {
    const number = Number(/^#page=(\d{1,6})$/.exec(location.hash)?.[1]);
    if (number >= 1 && number <= this.pages.length) this.go(number);
  }

  // --- Zoom ---

  step(way) {
    const next = way > 0 ? STEPS.find((step) => step > this.zoom + 0.005) : STEPS.findLast((step) => step < this.zoom - 0.005);
    if (!next) return this.say(way > 0 ? this.words.largest : this.words.smallest, {});
    this.fits = false;
    this.keepPlace(() => this.scale(next));
    this.say(this.words.zoom, { zoom: Math.round(this.zoom * 100) });
  }

  // As wide as the box, but no wider than `most`.
  fit(most = STEPS.at(-1)) {
    this.fits = true;
    this.most = most;
    const style = getComputedStyle(this.box);
    const room = this.box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const widest = Math.max(...this.pages.map((entry) => entry.size.width));
    this.scale(Math.min(room / widest, most));
  }

  scale(zoom) {
    this.zoom = zoom;
    this.box.style.setProperty("--total-scale-factor", zoom * DOTS_PER_POINT);
    for (const { sheet, size } of this.pages) {
      sheet.style.inlineSize = `${Math.floor(size.width * zoom)}px`;
      sheet.style.blockSize = `${Math.floor(size.height * zoom)}px`;
    }
    this.near.forEach((entry) => this.draw(entry));
  }

  // What is being read stays where it is while the sheets grow or shrink.
  keepPlace(change, spot = this.spotAt(this.eyes)) {
    const middle = (this.box.scrollLeft + this.box.clientWidth / 2) / this.box.scrollWidth;
    change();
    const after = spot.sheet.getBoundingClientRect();
    // Whoever is still above the sheets stays there.
    if (spot.part >= 0) window.scrollBy({ top: after.top + spot.part * after.height - this.eyes, behavior: "instant" });
    this.box.scrollLeft = middle * this.box.scrollWidth - this.box.clientWidth / 2;
  }

  spotAt(eyes) {
    const { sheet } = this.pages[this.current - 1];
    const { top, height } = sheet.getBoundingClientRect();
    return { sheet, part: Math.min(1, (eyes - top) / height) };
  }

  // --- What is on a sheet ---

  arrive(entry, isNear) {
    if (isNear) {
      this.near.add(entry);
      this.draw(entry);
      return;
    }
    this.near.delete(entry);
    entry.task?.cancel();
    // Gives the memory back: a tablet does not hold a hundred drawn pages.
    if (entry.canvas) entry.canvas.width = entry.canvas.height = 0;
    entry.canvas?.remove();
    entry.canvas = null;
    entry.drawn = "";
  }

  async draw(entry) {
    const viewport = entry.page.getViewport({ scale: this.zoom * DOTS_PER_POINT });
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height)));
    const wanted = `${this.zoom} ${ratio}`;
    if (entry.drawn === wanted) return;
    entry.drawn = wanted;
    entry.task?.cancel();
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    canvas.width = Math.floor(viewport.width * ratio);
    canvas.height = Math.floor(viewport.height * ratio);
    const task = entry.page.render({
      canvas,
      viewport,
      transform: ratio === 1 ? null : [ratio, 0, 0, ratio, 0, 0],
      // With the signatures that were put.
      annotationMode: this.library.AnnotationMode.ENABLE,
    });
    entry.task = task;
    try {
      await task.promise;
    } catch (fault) {
      if (fault instanceof this.library.RenderingCancelledException) return;
      entry.drawn = "";
      throw fault;
    }
    if (entry.drawn !== wanted) return;
    // The former drawing stays until this one is there.
    if (entry.canvas) entry.canvas.replaceWith(canvas);
    else entry.sheet.prepend(canvas);
    entry.canvas = canvas;
  }

  // The words over the drawing, of all pages: to be searched, selected, and read out.
  async lay(entry) {
    const text = document.createElement("div");
    text.className = "reader__text";
    entry.sheet.append(text);
    await new this.library.TextLayer({
      textContentSource: entry.page.streamTextContent({ includeMarkedContent: true, disableNormalization: true }),
      container: text,
      viewport: entry.page.getViewport({ scale: DOTS_PER_POINT }),
    }).render();
    for (const annotation of await entry.page.getAnnotations({ intent: "display" })) {
      if (annotation.subtype === "Link") await this.link(entry, annotation);
    }
  }

  async link(entry, annotation) {
    const page = annotation.dest ? await this.pageOf(annotation.dest) : 0;
    if (!page && !annotation.url) return;
    const link = document.createElement("a");
    link.className = "reader__link";
    link.href = page ? `#page=${page}` : annotation.url;
    if (!page) link.rel = "noreferrer";
    const [x1, y1, x2, y2] = entry.size.convertToViewportRectangle(annotation.rect);
    const share = (part, whole) => `${(100 * part) / whole}%`;
    link.style.left = share(Math.min(x1, x2), entry.size.width);
    link.style.top = share(Math.min(y1, y2), entry.size.height);
    link.style.width = share(Math.abs(x2 - x1), entry.size.width);
    link.style.height = share(Math.abs(y2 - y1), entry.size.height);
    const place = page ? fill(this.words.page, { page, pages: this.pages.length }) : annotation.url;
    link.setAttribute("aria-label", annotation.overlaidText?.trim() || place);
    entry.sheet.append(link);
  }

  async pageOf(dest) {
    const place = typeof dest === "string" ? await this.document.getDestination(dest) : dest;
    if (!place) return 0;
    return typeof place[0] === "object" ? (await this.document.getPageIndex(place[0])) + 1 : place[0] + 1;
  }
}

const root = document.querySelector("[data-reader]");
const waiting = document.querySelector("[data-reader-waiting]");
const failed = document.querySelector("[data-reader-failed]");

if (root) {
  try {
    const [library, file] = await Promise.all([import(root.dataset.library), fetchFile(root.dataset.file, root.dataset.sha256)]);
    library.GlobalWorkerOptions.workerSrc = root.dataset.worker;
    waiting.hidden = true;
    await new Reader(root, library).open(file);
  } catch {
    waiting.hidden = true;
    root.hidden = true;
    failed.hidden = false;
  }
}
