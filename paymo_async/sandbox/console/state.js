// The card of the state: seeding anew, snapshots, and the reset.

import { CONTROL, control } from "./asking.js";
import { $, busy, item, make, notice, sure, whenSent } from "./elements.js";
import { readAgain } from "./objects.js";
import { bytes } from "./words.js";

/** Shows what the account was seeded with. seed: a seed's name, amounts, or null after a snapshot was restored. */
export function showSeed({ seed, seeds, number }) {
  const name = typeof seed === "string" ? seed : seed ? "of a given size" : "a snapshot";
  $("fact-seed").textContent = `${name} · ${number}`;
  if (!$("seeds").children.length) $("seeds").append(...seeds.map((each) => make("option", {}, each)));
  if (seeds.includes(seed)) $("seeds").value = seed;
  $("seed-form").elements.number.value = number;
}

export function showSnapshots(snapshots) {
  $("snapshots").replaceChildren(...snapshots.map(snapshotItem));
}

function snapshotItem({ id, at, size }) {
  const path = `snapshot/${id}`;
  return item({ name: id, words: bytes(size), title: at },
    make("a", { href: CONTROL + path, download: `${id}.db` }, "File"),
    make("button", { onclick: (event) => restore(id, event.currentTarget) }, "Restore"),
    make("button", { "aria-label": `Forget ${id}`, onclick: () => control("DELETE", path) }, "Forget"));
}

/** Replaces the whole account by asking the control API; what the page shows of it is read again. */
async function replace(button, { busyWords, path, body, done }) {
  if (!await busy(button, busyWords, () => control("POST", path, body))) return;
  notice(done);
  readAgain();
}

function restore(id, button) {
  return replace(button, { busyWords: "", path: "restore", body: { id }, done: `Back at ${id}` });
}

whenSent("seed-form", (form) => {
  if (!sure($("seed"))) return;
  const [seed, number] = [form.get("seed"), Number(form.get("number"))];
  replace($("seed"), { busyWords: "Seeding…", path: "seed", body: { seed, number }, done: `Seeded with ${seed}` });
});

$("reset").addEventListener("click", () => {
  if (!sure($("reset"))) return;
  replace($("reset"), { busyWords: "Resetting…", path: "reset", done: "As at the start" });
});

whenSent("snapshot-form", async (form, event) => {
  const name = form.get("name");
  const told = await busy(event.submitter, "", () => control("POST", "snapshot", name ? { name } : {}));
  if (!told) return;
  event.target.reset();
  notice(`Kept as ${told.id}`);
});
