// Node's own fetch and FormData against the API; prints what it saw as one line of JSON.
import { readFile } from "node:fs/promises";

const root = process.env.PAYMO_URL;
const key = "Basic " + Buffer.from(process.env.PAYMO_KEY + ":X").toString("base64");

async function ask(path, options = {}) {
  const headers = { Authorization: key, Accept: "application/json", ...options.headers };
  const answer = await fetch(root + path, { ...options, headers });
  return { status: answer.status, headers: answer.headers, data: JSON.parse((await answer.text()) || "null") };
}

const json = (value) => ({ body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });
const seen = {};

seen.me = (await ask("me")).data.users[0].email;

const made = await ask("tasks", { method: "POST", ...json({ name: "Löwe", tasklist_id: 499, users: [23129] }) });
const task = made.data.tasks[0];
seen.task = [made.status, task.name, made.headers.get("location") === root + "tasks/" + task.id];

const end = new Date("2027-03-01T10:00:00Z");
const start = new Date(end - 3600 * 1000); // toISOString has milliseconds
const entry = { task_id: task.id, start_time: start.toISOString(), end_time: end.toISOString() };
seen.entry = (await ask("entries", { method: "POST", ...json(entry) })).data.entries[0].duration;

const where = `task_id=${task.id} and time_interval in ("2027-03-01T00:00:00Z","2027-03-02T00:00:00Z")`;
seen.found = (await ask("entries?" + new URLSearchParams({ where, include: "duration" }))).data.entries;

const form = new URLSearchParams([["complete", "true"], ["users[]", "23130"]]);
seen.form = (await ask("tasks/" + task.id, { method: "PUT", body: form })).data.tasks[0].users;

const upload = new FormData();
upload.append("task_id", task.id);
upload.append("file", new Blob([await readFile("logo.png")], { type: "image/png" }), "Löwe.png");
seen.file = (await ask("files", { method: "POST", body: upload })).data.files[0].original_filename;

const session = (await ask("sessions", { method: "POST" })).data.sessions[0].id;
const by = await fetch(root + "projects/", { headers: { "X-Session": session } });
seen.session = (await by.json()).projects.length;

const pdf = await fetch(root + "reports/115376?format=pdf", { headers: { Authorization: key } });
seen.pdf = Buffer.from(await pdf.arrayBuffer()).toString("latin1", 0, 5);

seen.deleted = (await ask("tasks/" + task.id, { method: "DELETE" })).status;
seen.gone = (await ask("tasks/" + task.id)).data;
console.log(JSON.stringify(seen));
