// A table of numbered rows, the newest on top: the requests', and the deliveries'.

import { make } from "./elements.js";

export const MOST_ROWS = 300; // of a table: a browser draws more of them too slowly

export function cell(name, ...children) {
  return make("td", { class: name }, ...children);
}

/** The cell of an answer's status, coloured by its hundreds. */
export function statusCell(status, words, title) {
  return make("td", { class: `status s${Math.floor(status / 100)}`, title }, words);
}

/** The rows of a table's body by their numbers. */
export class Rows {
  #body;
  #rows = new Map();

  constructor(body) {
    this.#body = body;
  }

  get size() {
    return this.#rows.size;
  }

  get(number) {
    return this.#rows.get(number);
  }

  /** Puts a row where its number belongs: nearly always on top, since answers may only overtake each other a little. */
  put(number, row) {
    row.dataset.number = number;
    const old = this.#rows.get(number);
    this.#rows.set(number, row);
    if (old) {
      old.replaceWith(row);
      return;
    }
    let before = this.#body.firstElementChild;
    while (before && Number(before.dataset.number) > number) before = before.nextElementSibling;
    this.#body.insertBefore(row, before);
    while (this.#rows.size > MOST_ROWS) this.#remove(Number(this.#body.lastElementChild.dataset.number));
  }

  forgetBefore(number) {
    for (const each of [...this.#rows.keys()]) if (each < number) this.#remove(each);
  }

  clear() {
    this.#rows.clear();
    this.#body.replaceChildren();
  }

  #remove(number) {
    this.#rows.get(number).remove();
    this.#rows.delete(number);
  }
}
