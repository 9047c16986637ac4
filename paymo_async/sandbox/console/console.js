// The console page of the sandbox. What comes from requests, objects and deliveries is only ever inserted as text:
// `make` knows no way to set HTML, and the page's Content-Security-Policy forbids it.

const CONTROL = "/_sandbox/";
const API = `${location.origin}/api/`;
const MOST_ROWS = 300; // of a table
const MOST_KEPT = 2000; // requests that the filter looks at
const PAGE_SIZE = 50;

const EFFECTS = [
  ["In place of the answer", {
    "429": "The rate limit's refusal, with Retry-After of the given seconds.",
    "500": "The service's own error, in JSON.",
    "502": "A proxy's Bad Gateway, in HTML.",
    "503": "A proxy's Service Unavailable, in HTML.",
    "401": "A content network's refusal, in HTML.",
    "403": "Access to project denied, whoever asks.",
  }],
  ["On its way", {
    "latency": "The answer comes the given seconds later.",
    "reset": "The connection is lost before the request is processed.",
    "reset-after": "The connection is lost after the request was processed.",
    "cut-body": "Half of the body, then the connection is lost.",
    "long-length": "The headers promise more than the body holds.",
    "short-length": "The headers promise less than the body holds.",
    "stalled-body": "Half of the body, then silence.",
    "slow-body": "The body in ten pieces, with the given seconds before each.",
  }],
  ["Around it", {
    "wrong-type": "The right body, as text/html.",
    "drift": "Numbers as texts, attributes null or missing, unknown ones added.",
    "odd-key": "The list stands under another response key.",
  }],
  ["Of a list that changes while it is read", {
    "repeat-page": "A page shows what the page before it showed.",
    "stale-page": "The same answer as before, whatever changed since.",
    "moved-object": "One object shows on two pages, and another on none.",
  }],
];

const state = {};
const $ = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en");

/** An element; children are elements or texts. Attributes of names that begin with `on` are listeners. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

function bytes(size) {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

function taken(seconds) {
  const ms = seconds * 1000;
  if (ms < 0.1) return "<0.1 ms";
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}

const dayAndTime = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ");
const timeOfDay = (seconds) => dayAndTime(seconds).slice(11, 19);

function decoded(query) {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query; // a lone % of a program that did not encode
  }
}

let noticeTimer;
function notice(text, bad = false) {
  const box = $("notice");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { box.hidden = true; }, bad ? 8000 : 2500);
}

/** Asks the control API; a refusal is shown, and then undefined comes back. */
async function control(method, path, body) {
  const init = { method, headers: {} };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  try {
    const answer = await fetch(CONTROL + path, init);
    const told = await answer.json();
    if (answer.ok) return told;
    notice(told.message, true);
  } catch (error) {
    notice(`The sandbox does not answer: ${error.message}`, true);
  }
  return undefined;
}

/** Does something with a button that cannot be pressed meanwhile. */
async function busy(button, words, work) {
  const label = button.textContent;
  button.disabled = true;
  if (words) button.textContent = words;
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.textContent = label;
  }
}

/** Whether a button is pressed for the second time: what cannot be undone asks once. */
function sure(button) {
  if (button.classList.contains("sure")) {
    button.classList.remove("sure");
    button.textContent = button.dataset.label;
    return true;
  }
  button.dataset.label = button.textContent;
  button.textContent = "Really? Press again";
  button.classList.add("sure");
  setTimeout(() => {
    if (!button.classList.contains("sure")) return;
    button.classList.remove("sure");
    button.textContent = button.dataset.label;
  }, 4000);
  return false;
}

// Tabs

const tabs = [...document.querySelectorAll("[role=tab]")];
function choose(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !chosen;
  }
}
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    const next = tabs[(goal + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}

// Requests

const kept = new Map(); // by number
const shown = new Map(); // rows by number
let waiting = []; // while paused
let paused = false;

function cell(name, ...children) {
  return make("td", { class: name }, ...children);
}

function statusOf(one) {
  if (one.status) return String(one.status);
  return one.seconds ? "lost" : "…";
}

function requestRow(one) {
  const query = one.query ? make("span", { class: "query" }, `?${decoded(one.query)}`) : "";
  const path = cell("path", `/${one.path}`, query, ...one.faults.map((fault) => make("span", { class: "tag" }, fault)));
  return make("tr", { "data-number": one.number },
    cell("when", timeOfDay(one.at)),
    cell(`method ${/^[A-Z]+$/.test(one.method) ? one.method : ""}`, one.method),
    path,
    cell(`status s${Math.floor(one.status / 100)}`, statusOf(one)),
    cell("num ms", one.seconds ? taken(one.seconds) : "…"),
    cell("num size", bytes(one.size)),
    cell("key", one.key ? `…${one.key}` : "none"));
}

function isWanted(one) {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const status = statusOf(one);
  const kinds = `${one.method} /${one.path}?${decoded(one.query)} ${status} ${status[0]}xx ${one.faults.join(" ")} ${one.key}`;
  const text = kinds.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Puts a row where its number belongs: nearly always on top, since answers may only overtake each other a little. */
function place(body, rows, number, row) {
  const old = rows.get(number);
  rows.set(number, row);
  if (old) {
    old.replaceWith(row);
    return;
  }
  let before = body.firstElementChild;
  while (before && Number(before.dataset.number) > number) before = before.nextElementSibling;
  body.insertBefore(row, before);
  while (rows.size > MOST_ROWS) {
    rows.delete(Number(body.lastElementChild.dataset.number));
    body.lastElementChild.remove();
  }
}

function showRequests(list, fresh = true) {
  if (paused) {
    waiting = [...waiting, ...list].slice(-MOST_KEPT);
    $("pause").textContent = `Go on (${whole.format(waiting.length)} new)`;
    return;
  }
  for (const one of list) kept.set(one.number, one);
  for (const number of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(number);
  }
  for (const one of list.filter(isWanted).slice(-MOST_ROWS)) {
    const row = requestRow(one);
    if (fresh) row.classList.add("new");
    place($("requests"), shown, one.number, row);
  }
  tellWhetherEmpty();
}

function tellWhetherEmpty() {
  const empty = $("requests-empty");
  empty.hidden = shown.size > 0;
  if (kept.size > 0) empty.textContent = "No request fits the filter.";
  else empty.textContent = "No request yet. Copy the curl line beside, or point your program at the base URL.";
}

function filterAgain() {
  shown.clear();
  $("requests").replaceChildren();
  showRequests([...kept.values()].sort((one, other) => one.number - other.number), false);
}

function forgetBefore(number) {
  for (const each of [...kept.keys()]) if (each < number) kept.delete(each);
  waiting = waiting.filter((one) => one.number >= number);
  for (const [each, row] of [...shown]) {
    if (each >= number) continue;
    row.remove();
    shown.delete(each);
  }
  tellWhetherEmpty();
}

$("filter").addEventListener("input", () => { const was = paused; paused = false; filterAgain(); paused = was; });
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", paused);
  $("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) showRequests(waiting.splice(0));
});
$("forget").addEventListener("click", () => control("DELETE", "requests"));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  choose($("tab-requests"));
  $("filter").focus();
});

// Webhooks

const delivered = new Map();
let openDelivery = null;

function deliveryRow(one) {
  const open = make("button", { class: "link" }, one.event); // for the keyboard; its click is the row's
  const status = one.status || (one.error ? "failed" : "…");
  const kind = openDelivery === one.number ? "open" : "";
  return make("tr", { "data-number": one.number, class: kind, onclick: () => showDelivery(one) },
    cell("when", timeOfDay(one.at)), cell("event", open), cell("path", one.url),
    make("td", { class: `status s${Math.floor(one.status / 100)}`, title: one.error }, status),
    cell("num ms", one.seconds ? taken(one.seconds) : "…"), cell("num size", one.attempt), cell("key", one.hook_id));
}

function showDeliveries(list) {
  for (const one of list.slice(-MOST_ROWS)) place($("deliveries"), delivered, one.number, deliveryRow(one));
  $("deliveries-empty").hidden = delivered.size > 0;
}

function showDelivery(one) {
  delivered.get(openDelivery)?.classList.remove("open");
  openDelivery = one ? one.number : null;
  delivered.get(openDelivery)?.classList.add("open");
  $("delivery-detail").hidden = !one;
  if (!one) return;
  $("delivery-name").textContent = `${one.event} to hook ${one.hook_id}`;
  const headers = Object.entries(one.headers).map(([name, value]) => `${name}: ${value}\n`).join("");
  const failed = one.error ? `\n\n${one.error}` : "";
  $("delivery-detail").scrollIntoView({ block: "nearest" });
  $("delivery").replaceChildren(`POST ${one.url}\n${headers}\n`, coloured(pretty(one.body)), failed);
}
$("delivery-close").addEventListener("click", () => showDelivery(null));

function forgetDeliveries() {
  delivered.clear();
  $("deliveries").replaceChildren();
  $("deliveries-empty").hidden = false;
  showDelivery(null);
}

// The account's objects

const browsing = { path: null, page: 0, chosen: null };

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** JSON with coloured tokens; what is very long stays plain. */
function coloured(text) {
  const made = document.createDocumentFragment();
  if (text.length > 200_000) {
    made.append(text);
    return made;
  }
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;
  let last = 0;
  for (const found of text.matchAll(token)) {
    made.append(text.slice(last, found.index));
    const [all, string, colon, number] = found;
    const kind = colon ? "j-name" : string ? "j-text" : number ? "j-number" : "j-word";
    made.append(make("span", { class: kind }, string ?? all), colon ?? "");
    last = found.index + all.length;
  }
  made.append(text.slice(last));
  return made;
}

/** Reads through the API itself, as any program would. Returns the objects; throws with the service's message. */
async function read(path, query = {}) {
  const asked = new URLSearchParams(query).toString();
  const headers = { Accept: "application/json", Authorization: `Basic ${btoa(`${state.api_key}:console`)}` };
  const answer = await fetch(`${API}${path}${asked ? `?${asked}` : ""}`, { headers });
  const text = await answer.text();
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    throw new Error(`${answer.status}: not JSON`);
  }
  if (!answer.ok) throw new Error(`${answer.status}: ${told.message}`);
  const [found] = Object.values(told);
  return Array.isArray(found) ? found : [found];
}

/** What names an object in a list; of a text in HTML, its words. */
function titleOf(one) {
  const name = one.name ?? one.title ?? one.number ?? one.item ?? one.subject ?? one.event ?? one.original_filename;
  const words = (one.description ?? one.content ?? "").replace(/<[^>]*>/g, " ").trim();
  return String(name || words || one.date || one.start_date || "no name").slice(0, 120);
}

async function showPage(path, page) {
  const all = path !== browsing.path;
  Object.assign(browsing, { path, page, chosen: null });
  $("resource-name").textContent = path;
  if (all) $("objects").replaceChildren(make("p", { class: "empty" }, "Reading…"));
  markResource();
  const needed = state.must_filter[path];
  const query = { page, page_size: PAGE_SIZE, ...(needed && { where: `${needed.find((name) => name.endsWith("_id"))}>0` }) };
  try {
    const found = await read(path, path === "company" ? {} : query);
    if (browsing.path !== path || browsing.page !== page) return; // another was chosen meanwhile
    const rows = found.map((one) => make("button", { onclick: (event) => showObject(path, one, event.currentTarget) },
      titleOf(one), make("small", {}, one.id ?? "")));
    $("objects").replaceChildren(...(rows.length ? rows : [make("p", { class: "empty" }, "There are none.")]));
    $("page-on").disabled = found.length < PAGE_SIZE;
  } catch (error) {
    $("objects").replaceChildren(make("p", { class: "empty" }, error.message));
    $("page-on").disabled = true;
  }
  $("objects").dataset.path = path;
  $("page-back").disabled = page === 0;
  $("page-number").textContent = page || !$("page-on").disabled ? `page ${page + 1}` : "";
  if (all) showJson("JSON", null);
}

async function showObject(path, listed, button) {
  browsing.chosen?.removeAttribute("aria-current");
  browsing.chosen = button;
  button.setAttribute("aria-current", "true");
  const name = path === "company" ? "company" : `${path}/${listed.id}`;
  try {
    const [one] = path === "company" ? [listed] : await read(`${path}/${encodeURIComponent(listed.id)}`);
    if (browsing.chosen === button) showJson(name, one);
  } catch (error) {
    notice(error.message, true);
    if (browsing.chosen === button) showJson(`${name}, as listed`, listed);
  }
}

function showJson(name, one) {
  $("object-name").textContent = name;
  $("object").replaceChildren(one === null ? "" : coloured(JSON.stringify(one, null, 2)));
  $("copy-object").disabled = one === null;
}

function markResource() {
  for (const button of $("resources").children) {
    button.setAttribute("aria-current", button.dataset.path === browsing.path);
  }
}

$("page-back").addEventListener("click", () => showPage(browsing.path, browsing.page - 1));
$("page-on").addEventListener("click", () => showPage(browsing.path, browsing.page + 1));
$("copy-object").addEventListener("click", () => copy($("object")));

// Copying

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    notice("Copied");
  } catch { // not allowed, as on a page that did not come from this machine
    getSelection().selectAllChildren(element);
    notice("Selected: copy it with your keyboard");
  }
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy($(button.dataset.copy)));
}

// Rate limit

const meters = new Map();

function showRate(rate) {
  if (rate && !$("rate-form").contains(document.activeElement)) {
    for (const name of ["limit", "period", "model"]) $("rate-form").elements[name].value = rate[name];
  }
  $("rate-model").textContent = rate ? `${rate.limit} in ${rate.period} s, ${rate.model}` : "none";
  const keys = (rate?.keys ?? []).slice(-6);
  $("fact-rate").textContent = rate ? `${Math.min(rate.limit, ...keys.map(({ left }) => left))} of ${rate.limit}` : "no limit";
  if (!rate) {
    meters.clear();
    $("rate-keys").replaceChildren(make("p", { class: "dim" }, "Every request is answered, as fast as it goes."));
    return;
  }
  if (!keys.length) {
    meters.clear();
    $("rate-keys").replaceChildren(make("p", { class: "dim" }, "No key has asked yet: each has its own allowance."));
    return;
  }
  const rows = keys.map(({ key, left }) => showMeter(key, left, rate.limit));
  $("rate-keys").replaceChildren(...rows);
}

function showMeter(key, left, limit) {
  if (!meters.has(key)) {
    const track = make("div", { class: "track", role: "meter", "aria-valuemin": 0, "aria-label": `Requests left for the key ending in ${key}` },
      make("div", { class: "fill" }));
    meters.set(key, make("div", { class: "meter" }, make("code", {}, key ? `…${key}` : "none"), track, make("span", { class: "left" })));
  }
  const meter = meters.get(key);
  const [, track, words] = meter.children;
  track.setAttribute("aria-valuemax", limit);
  track.setAttribute("aria-valuenow", left);
  track.firstElementChild.style.width = `${(100 * left) / limit}%`;
  words.textContent = `${whole.format(left)} of ${whole.format(limit)}`;
  meter.classList.toggle("out", left === 0);
  meter.classList.toggle("low", left > 0 && left <= limit * 0.4);
  return meter;
}

$("rate-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  control("POST", "rate-limit", { limit: Number(form.get("limit")), period: Number(form.get("period")), model: form.get("model") });
});
$("rate-none").addEventListener("click", () => control("POST", "rate-limit", { limit: null }));

// Faults

const switches = new Map();
for (const [kind, effects] of EFFECTS) {
  const group = make("div", { class: Object.keys(effects).every((effect) => effect.length < 4) && "short" });
  $("switches").append(make("h3", {}, kind), group);
  for (const [effect, words] of Object.entries(effects)) {
    const input = make("input", { type: "checkbox", role: "switch", id: `switch-${effect}`, "aria-description": words });
    input.addEventListener("change", () => throwSwitch(effect, input));
    const label = make("label", { class: "switch", title: words }, input, effect);
    for (const event of ["focusin", "pointerenter"]) label.addEventListener(event, () => { $("fault-hint").textContent = words; });
    switches.set(effect, input);
    group.append(label);
  }
}

async function throwSwitch(effect, input) {
  input.disabled = true;
  if (input.checked) {
    const times = $("fault-times").value;
    await control("POST", "faults", {
      effect,
      path: $("fault-path").value.trim().replace(/^\/+/, "") || "*",
      method: $("fault-method").value,
      probability: Number($("fault-probability").value) / 100,
      seconds: Number($("fault-seconds").value),
      times: times === "" ? null : Number(times),
    });
  } else {
    for (const fault of state.faults.filter((one) => one.effect === effect)) await control("DELETE", `faults/${fault.id}`);
  }
  input.disabled = false;
  const told = await control("GET", "faults");
  if (told) showFaults(told.faults);
}

function faultWords(fault) {
  const parts = [fault.method === "*" ? "all of" : fault.method, fault.path];
  if (fault.probability < 1) parts.push(`${Number((fault.probability * 100).toFixed(2))} %`);
  if (["latency", "slow-body", "429"].includes(fault.effect)) parts.push(`${fault.seconds} s`);
  if (fault.call !== null) parts.push(`call ${[fault.call].flat().join(", ")}`);
  if (fault.times !== null) parts.push(fault.times === 1 ? "once" : `${fault.times} times`);
  return `${parts.join(" ")} (acted ${whole.format(fault.acted)} of ${whole.format(fault.seen)})`;
}

function showFaults(faults) {
  state.faults = faults;
  $("fact-faults").textContent = faults.length || "none";
  $("fact-faults").parentElement.classList.toggle("on", faults.length > 0);
  for (const [effect, input] of switches) input.checked = faults.some((fault) => fault.effect === effect);
  $("faults").replaceChildren(...faults.map((fault) => make("li", {},
    make("span", { class: "what" }, make("b", {}, fault.effect), ` ${faultWords(fault)}`),
    make("button", { "aria-label": `Remove ${fault.effect}`, onclick: () => control("DELETE", `faults/${fault.id}`) }, "Remove"))));
}

// Clock

let clockRead = 0; // when the clock's time was told, by the page's own clock

function showClock(clock) {
  state.clock = clock;
  clockRead = performance.now();
  $("clock-state").hidden = !clock.frozen;
  $("clock-freeze").textContent = clock.frozen ? "Go on" : "Freeze";
  $("clock-freeze").setAttribute("aria-pressed", clock.frozen);
  tickClock();
}

function tickClock() {
  if (!state.clock) return;
  const passed = state.clock.frozen ? 0 : (performance.now() - clockRead) / 1000;
  const words = dayAndTime(state.clock.seconds + passed).slice(0, 19);
  $("clock").textContent = `${words} UTC`;
  $("fact-clock").textContent = words.slice(0, 16) + (state.clock.frozen ? " frozen" : "");
}
setInterval(tickClock, 500);

async function changeClock(change) {
  const told = await control("POST", "clock", change);
  if (told) showClock(told);
}
$("clock-freeze").addEventListener("click", () => changeClock(state.clock.frozen ? { resume: true } : { freeze: true }));
$("clock-reset").addEventListener("click", () => changeClock({ reset: true }));
for (const button of document.querySelectorAll("[data-move]")) {
  button.addEventListener("click", () => changeClock({ move: { [button.dataset.move]: 1 } }));
}
$("clock-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = new FormData(event.target).get("set");
  changeClock({ set: `${text.length === 16 ? `${text}:00` : text}Z` });
});

// State

$("seed-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!sure($("seed"))) return;
  const form = new FormData(event.target);
  const told = await busy($("seed"), "Seeding…", () => control("POST", "seed", { seed: form.get("seed"), number: Number(form.get("number")) }));
  if (told) again(`Seeded with ${form.get("seed")}`);
});
$("reset").addEventListener("click", async () => {
  if (!sure($("reset"))) return;
  if (await busy($("reset"), "Resetting…", () => control("POST", "reset"))) again("As at the start");
});
$("snapshot-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = new FormData(event.target).get("name");
  const told = await busy(event.submitter, "", () => control("POST", "snapshot", name ? { name } : {}));
  if (!told) return;
  event.target.reset();
  notice(`Kept as ${told.id}`);
});

/** After the account has changed as a whole: what is open of it is read again. */
function again(words) {
  notice(words);
  showJson("JSON", null);
  if (browsing.path) showPage(browsing.path, 0);
}

function showSnapshots(snapshots) {
  $("snapshots").replaceChildren(...snapshots.map((one) => make("li", {},
    make("span", { class: "what", title: one.at }, make("b", {}, one.id), ` ${bytes(one.size)}`),
    make("a", { href: `${CONTROL}snapshot/${one.id}`, download: `${one.id}.db` }, "File"),
    make("button", { onclick: async (event) => {
      if (await busy(event.currentTarget, "", () => control("POST", "restore", { id: one.id }))) again(`Back at ${one.id}`);
    } }, "Restore"),
    make("button", { "aria-label": `Forget ${one.id}`, onclick: () => control("DELETE", `snapshot/${one.id}`) }, "Forget"))));
}

function showSeed() {
  const name = typeof state.seed === "string" ? state.seed : state.seed ? "of a given size" : "a snapshot";
  $("fact-seed").textContent = `${name} · ${state.number}`;
  if (!$("seeds").children.length) $("seeds").append(...state.seeds.map((seed) => make("option", {}, seed)));
  if (state.seeds.includes(state.seed)) $("seeds").value = state.seed;
  $("seed-form").elements.number.value = state.number;
}

function showObjects(objects) {
  $("objects-total").textContent = whole.format(Object.values(objects).reduce((sum, count) => sum + count, 0));
  const names = Object.keys(objects);
  const list = $("resources");
  if (list.children.length !== names.length) {
    list.replaceChildren(...names.map((path) => make("button", { "data-path": path, onclick: () => showPage(path, 0) },
      make("span", {}, path), make("span", {}))));
  }
  for (const button of list.children) {
    button.lastElementChild.textContent = whole.format(objects[button.dataset.path]);
    button.classList.toggle("none", objects[button.dataset.path] === 0);
  }
}

function showConnection() {
  $("version").textContent = state.version;
  $("base-url").textContent = API;
  $("api-key").textContent = state.api_key;
  $("env").textContent = `export PAYMO_BASE_URL=${API}\nexport PAYMO_API_KEY=${state.api_key}`;
  $("curl").textContent = `curl -u ${state.api_key}:x ${API}projects`;
}

// What the sandbox tells

const renderers = {
  objects: showObjects,
  rate_limit: showRate,
  faults: showFaults,
  clock: showClock,
  snapshots: showSnapshots,
  seed: showSeed,
  number: showSeed,
  api_key: showConnection,
  requests: ({ total, kept: held }) => {
    $("requests-total").textContent = whole.format(total);
    forgetBefore(total - held + 1);
  },
  deliveries: ({ total, kept: held }) => {
    $("deliveries-total").textContent = whole.format(total);
    if (held === 0) forgetDeliveries();
  },
};

/** The log as it is before more of it comes: after the connection was made, or made again. */
async function catchUp() {
  const { requests, deliveries } = state;
  const told = await control("GET", `requests?since=${Math.max(0, requests.total - MOST_ROWS)}&limit=${MOST_KEPT}`);
  if (told) showRequests(told.requests, false);
  const made = await control("GET", `deliveries?since=${Math.max(0, deliveries.total - MOST_ROWS)}`);
  if (made) showDeliveries(made.deliveries);
}

const events = new EventSource(`${CONTROL}events`);
let beginning = true;

events.addEventListener("open", () => {
  beginning = true;
  $("live").textContent = "live";
  $("live").classList.add("on");
});
events.addEventListener("error", () => {
  $("live").textContent = "no answer, reconnecting";
  $("live").classList.remove("on");
});
events.addEventListener("state", (event) => {
  const changed = JSON.parse(event.data);
  if (beginning && state.requests && changed.requests.total < state.requests.total) {
    forgetBefore(Infinity); // another sandbox on the same port, which counts from 1
    forgetDeliveries();
  }
  Object.assign(state, changed);
  for (const [name, render] of Object.entries(renderers)) if (name in changed) render(changed[name]);
  if (beginning) {
    beginning = false;
    catchUp();
  }
});
events.addEventListener("requests", (event) => showRequests(JSON.parse(event.data)));
events.addEventListener("deliveries", (event) => showDeliveries(JSON.parse(event.data)));
