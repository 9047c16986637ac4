// The tab of the account: its resources, the objects of one, and one object as JSON. They are read through the API.

import { read } from "./asking.js";
import { $, copy, make, notice } from "./elements.js";
import { coloured, whole } from "./words.js";

const PAGE_SIZE = 50;

const reading = { key: "", mustFilter: {} }; // what the API asks for: a key, and for some lists a filter
const browsing = { path: null, page: 0, chosen: null }; // what is looked at; chosen: the button of an object

/** Shows how many objects there are. objects: amounts by the resource's path. */
export function showObjects(objects, { api_key: key, must_filter: mustFilter }) {
  Object.assign(reading, { key, mustFilter }); // they never change while a sandbox runs
  $("objects-total").textContent = whole(Object.values(objects).reduce((sum, count) => sum + count, 0));
  const names = Object.keys(objects);
  const list = $("resources");
  if (list.children.length !== names.length) list.replaceChildren(...names.map(resourceButton));
  for (const button of list.children) {
    const count = objects[button.dataset.path];
    button.lastElementChild.textContent = whole(count);
    button.classList.toggle("none", count === 0);
  }
}

/** After the account has changed as a whole: what is open of it is read again. */
export function readAgain() {
  showJson("JSON", null);
  if (browsing.path) showPage(browsing.path, 0);
}

function resourceButton(path) {
  return make("button", { "data-path": path, onclick: () => showPage(path, 0) },
    make("span", {}, path), make("span", {}));
}

async function showPage(path, page) {
  const other = path !== browsing.path;
  Object.assign(browsing, { path, page, chosen: null });
  $("resource-name").textContent = path;
  markResource();
  if (other) showInstead("Reading…");
  const isLeft = () => browsing.path !== path || browsing.page !== page; // another was chosen meanwhile
  try {
    const found = await readPage(path, page);
    if (isLeft()) return;
    if (found.length) $("objects").replaceChildren(...found.map((one) => objectButton(path, one)));
    else showInstead("There are none.");
    $("page-on").disabled = found.length < PAGE_SIZE;
  } catch (error) {
    if (isLeft()) return;
    showInstead(error.message);
    $("page-on").disabled = true;
  }
  $("objects").dataset.path = path;
  $("page-back").disabled = page === 0;
  $("page-number").textContent = page || !$("page-on").disabled ? `page ${page + 1}` : "";
  if (other) showJson("JSON", null);
}

function markResource() {
  for (const button of $("resources").children) {
    button.setAttribute("aria-current", button.dataset.path === browsing.path);
  }
}

function showInstead(words) {
  $("objects").replaceChildren(make("p", { class: "empty" }, words));
}

function readPage(path, page) {
  if (path === "company") return read(reading.key, path); // there is one, and no pages of it
  const query = { page, page_size: PAGE_SIZE };
  const needed = reading.mustFilter[path];
  if (needed) query.where = `${needed.find((name) => name.endsWith("_id"))}>0`; // which every object fits
  return read(reading.key, path, query);
}

function objectButton(path, one) {
  return make("button", { onclick: (event) => showObject(path, one, event.currentTarget) },
    titleOf(one), make("small", {}, one.id ?? ""));
}

/** What names an object in a list; of a text in HTML, its words. */
function titleOf(one) {
  const name = one.name ?? one.title ?? one.number ?? one.item ?? one.subject ?? one.event ?? one.original_filename;
  const words = (one.description ?? one.content ?? "").replace(/<[^>]*>/g, " ").trim();
  return String(name || words || one.date || one.start_date || "no name").slice(0, 120);
}

async function showObject(path, listed, button) {
  browsing.chosen?.removeAttribute("aria-current");
  browsing.chosen = button;
  button.setAttribute("aria-current", "true");
  const name = path === "company" ? "company" : `${path}/${listed.id}`;
  try {
    const [one] = path === "company" ? [listed] : await read(reading.key, `${path}/${encodeURIComponent(listed.id)}`);
    if (browsing.chosen === button) showJson(name, one);
  } catch (error) {
    notice(error.message, true);
    if (browsing.chosen === button) showJson(`${name}, as listed`, listed);
  }
}

/** Shows an object; null for none. */
function showJson(name, one) {
  $("object-name").textContent = name;
  $("object").replaceChildren(one === null ? "" : coloured(JSON.stringify(one, null, 2)));
  $("copy-object").disabled = one === null;
}

$("page-back").addEventListener("click", () => showPage(browsing.path, browsing.page - 1));
$("page-on").addEventListener("click", () => showPage(browsing.path, browsing.page + 1));
$("copy-object").addEventListener("click", () => copy($("object")));
