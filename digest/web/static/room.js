// The room's keyboard, verdicts, search as you type, and the pages of a PDF beside what is said of them.
// Everything works without it, but for verdicts: pages are whole, chips open the PDF, the search has a form.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const token = $("meta[name=digest-token]").content;
const toast = $(".toast");

function say(text) {
  toast.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (toast.textContent = ""), 3000);
}

/** The HTML of a part of a page; asked again while the server still loads its models. */
async function part(address, signal) {
  const url = new URL(address, location.href);
  url.searchParams.set("part", "1");
  for (let tries = 0; tries < 120; tries++) {
    const answer = await fetch(url, { signal });
    if (answer.status !== 503) return answer.ok ? answer.text() : "";
    await new Promise((go) => setTimeout(go, 700));
  }
  return "";
}

function replace(element, html) {
  element.innerHTML = html; // drawn by this server, which escapes every value
  wake(element);
}

/** Fill what is loaded after the page. */
function wake(within) {
  for (const element of $$("[data-load]", within)) fill(element);
}

async function fill(element) {
  const html = await part(element.dataset.load).catch(() => "");
  if (html || !element.innerHTML) element.innerHTML = html;
}

// --- the list and the item that the reader is at -----------------------------------------------------------------------

const items = () => $$(".item");
const current = () => $(".item.at") ?? $(".beside[data-item]") ?? null;

function goTo(item, { focus = true } = {}) {
  for (const other of $$(".item.at")) other.classList.remove("at");
  item.classList.add("at");
  const link = $("a.item-title, h2 a, h2", item) ?? item;
  if (link.tabIndex < 0) link.tabIndex = -1;
  if (focus) link.focus({ preventScroll: true });
  item.scrollIntoView({ block: item.classList.contains("whole") ? "start" : "nearest" });
}

function step(by) {
  const all = items();
  if (!all.length) return;
  const at = all.indexOf($(".item.at"));
  goTo(all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))]);
}

document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.(".item");
  if (item && !item.classList.contains("at")) {
    for (const other of $$(".item.at")) other.classList.remove("at");
    item.classList.add("at");
  }
});

// --- verdicts ----------------------------------------------------------------------------------------------------------

async function judge(id, verdict) {
  const buttons = $$(".verdict").filter((group) => group.dataset.paper === id).flatMap((group) => $$("button", group));
  const held = buttons.find((button) => button.ariaPressed === "true");
  const wanted = held && Number(held.dataset.verdict) === verdict ? 0 : verdict;
  const answer = await fetch("/feedback", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Digest-Token": token },
    body: JSON.stringify({ id, verdict: wanted }),
  }).catch(() => null);
  if (!answer?.ok) return say(toast.dataset.error);
  for (const button of buttons) button.ariaPressed = String(Number(button.dataset.verdict) === wanted);
  await rerank();
}

/** Put the lists of the page into the order of the reader's taste of this moment. */
async function rerank() {
  for (const element of $$("[data-refresh]")) fill(element);
  for (const place of $$("[data-rerank]")) {
    place.ariaBusy = "true";
    const html = await part(place.dataset.rerank).catch(() => "");
    place.ariaBusy = "false";
    const list = $("[data-lines]", place);
    if (!html || !list) continue;
    const before = new Map($$(".item", list).map((item) => [item.dataset.item, item.getBoundingClientRect().top]));
    const at = $(".item.at", list)?.dataset.item;
    list.outerHTML = html;
    for (const item of $$("[data-lines] .item", place)) {
      if (item.dataset.item === at) goTo(item);
      const moved = (before.get(item.dataset.item) ?? 0) - item.getBoundingClientRect().top;
      if (before.has(item.dataset.item) && moved && !matchMedia("(prefers-reduced-motion: reduce)").matches)
        item.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: 300, easing: "ease-out" });
    }
    const state = $(".order-state", place);
    if (state) state.textContent = state.dataset.now;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-verdict]");
  if (button) judge(button.closest(".verdict").dataset.paper, Number(button.dataset.verdict));
  if (event.target.closest("[data-help]")) $("dialog.keys").showModal();
});

// --- search as you type ------------------------------------------------------------------------------------------------

const find = $("#find");
let asking = null;

async function search() {
  asking?.abort();
  asking = new AbortController();
  const address = `/search?q=${encodeURIComponent(find.value.trim())}`;
  const html = await part(address, asking.signal).catch(() => null);
  if (html === null) return;
  replace($("#main"), html);
  const there = location.pathname === "/search";
  history[there ? "replaceState" : "pushState"](null, "", address);
}

let typing = 0;
find.addEventListener("input", (event) => {
  clearTimeout(typing);
  if (!event.isComposing) typing = setTimeout(search, 140);
});
find.addEventListener("compositionend", () => (typing = setTimeout(search, 140)));
find.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  search().then(() => items().length && goTo(items()[0]));
});
addEventListener("popstate", () => location.reload());

// --- the PDF beside the analysis -----------------------------------------------------------------------------------------

class Viewer {
  constructor(element) {
    this.element = element;
    this.id = element.dataset.id;
    this.pages = Number(element.dataset.pages);
    this.page = Number(element.dataset.first);
    this.number = $("input", element);
    this.sheet = $(".sheet", element);
    this.opener = null;
    this.number.addEventListener("change", () => this.show(Number(this.number.value) || 1));
    element.addEventListener("click", (event) => {
      const turn = event.target.closest("[data-turn]");
      if (turn) this.turn(Number(turn.dataset.turn));
      if (event.target.closest("[data-close]")) this.close();
    });
    $("[data-open]")?.addEventListener("click", (event) => this.open(event.currentTarget));
    const wanted = new URLSearchParams(location.search);
    if (wanted.get("p")) this.show(Number(wanted.get("p")) || 1, wanted.get("quote") ?? "");
  }

  turn(by) {
    this.show(this.page + by);
  }

  async show(page, quote = "") {
    this.page = Math.max(1, Math.min(this.pages, page));
    this.number.value = this.page;
    const image = $("img", this.sheet);
    const address = `/page/${this.page}/${this.id}`;
    $("svg", this.sheet).replaceChildren();
    $(".viewer-said", this.element).textContent = "";
    if (image.getAttribute("src") !== address) {
      this.sheet.classList.add("turning");
      image.src = address;
      image.alt = this.element.dataset.picture.replace("{page}", this.page);
      await image.decode().catch(() => {});
      this.sheet.classList.remove("turning");
      this.sheet.scrollTop = 0;
    }
    if (quote) await this.mark(this.page, quote);
  }

  async mark(page, quote) {
    const answer = await fetch(`/boxes/${page}/${this.id}?quote=${encodeURIComponent(quote.slice(0, 800))}`).catch(() => null);
    if (!answer?.ok || page !== this.page) return;
    const { width, height, boxes } = await answer.json();
    const svg = $("svg", this.sheet);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(
      ...boxes.map(([x0, y0, x1, y1]) => {
        const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [name, value] of Object.entries({ x: x0 - 1, y: y0 - 1, width: x1 - x0 + 2, height: y1 - y0 + 2, rx: 1.5 }))
          box.setAttribute(name, value);
        return box;
      }),
    );
    if (boxes.length) this.sheet.scrollTo({ top: (boxes[0][1] / height) * this.sheet.scrollHeight - 120, behavior: "smooth" });
    else $(".viewer-said", this.element).textContent = this.element.dataset.missing;
  }

  open(opener) {
    this.opener = opener;
    if (getComputedStyle(this.element).position !== "fixed" && getComputedStyle(this.element).display !== "none") return;
    this.element.classList.add("open");
    $("[data-close]", this.element).focus();
  }

  close() {
    if (!this.element.classList.contains("open")) return false;
    this.element.classList.remove("open");
    this.opener?.focus();
    return true;
  }
}

let viewer = $("[data-viewer]") && new Viewer($("[data-viewer]"));

document.addEventListener("click", (event) => {
  const chip = event.target.closest("a.chip, a.crop");
  if (!viewer || !chip || event.metaKey || event.ctrlKey) return;
  const page = /\/pdf\/.*#page=(\d+)$/.exec(chip.getAttribute("href") ?? "");
  if (!page) return;
  event.preventDefault();
  for (const other of $$(".chip.on")) other.classList.remove("on");
  if (chip.classList.contains("chip")) chip.classList.add("on");
  const quote = chip.getAttribute("aria-describedby");
  viewer.open(chip);
  viewer.show(Number(page[1]), quote ? ($("q", document.getElementById(quote))?.textContent ?? "") : "");
});

// --- the keyboard --------------------------------------------------------------------------------------------------------

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  l: () => press(1),
  d: () => press(-1),
  "/": () => find.select(),
  "?": () => $("dialog.keys").showModal(),
  ArrowLeft: () => viewer?.turn(-1),
  ArrowRight: () => viewer?.turn(1),
};

function press(verdict) {
  const id = current()?.dataset.item;
  if (id) judge(id, verdict);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (!viewer?.close() && document.activeElement !== document.body) document.activeElement.blur();
    return;
  }
  const field = event.target.closest("input, select, textarea, dialog[open]");
  if (field || !Object.hasOwn(KEYS, event.key)) return;
  if (event.key.startsWith("Arrow") && !viewer) return;
  event.preventDefault();
  KEYS[event.key]();
});

// --- what goes on by itself ------------------------------------------------------------------------------------------------

const polled = $("[data-poll]");
if (polled) {
  setInterval(async () => {
    if (document.hidden) return;
    const html = await part(polled.dataset.poll).catch(() => "");
    const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector(".column");
    const open = $$("details", polled).map((element) => element.open);
    if (fresh && fresh.innerHTML !== polled.innerHTML) polled.innerHTML = fresh.innerHTML;
    $$("details", polled).forEach((element, number) => (element.open = open[number] ?? element.open));
  }, 2000);
}
wake(document);
if ($("[data-loading]")) search();
if ($("[data-rerank-now]")) rerank();
