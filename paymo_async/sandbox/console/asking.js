// Asking the sandbox, by its control API and by the API that it serves; and hearing what it tells by itself.

import { notice } from "./elements.js";

export const CONTROL = "/_sandbox/";
export const API = `${location.origin}/api/`;

/** Asks the control API; a refusal is shown, and then undefined comes back. */
export async function control(method, path, body) {
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

/** Reads through the API itself, as any program would. Returns the objects; throws with the service's message. */
export async function read(key, path, query = {}) {
  const asked = new URLSearchParams(query).toString();
  const headers = { Accept: "application/json", Authorization: `Basic ${btoa(`${key}:console`)}` };
  const answer = await fetch(`${API}${path}${asked && `?${asked}`}`, { headers });
  const told = await json(answer);
  if (!answer.ok) throw new Error(`${answer.status}: ${told.message}`);
  const [found] = Object.values(told);
  return Array.isArray(found) ? found : [found];
}

/** Calls with what the sandbox tells, from now on; a browser connects again by itself. told: listeners by the event's
 *  name, for its data. */
export function hear({ connected, lost, told }) {
  const events = new EventSource(`${CONTROL}events`);
  events.addEventListener("open", connected);
  events.addEventListener("error", lost);
  for (const [name, show] of Object.entries(told)) {
    events.addEventListener(name, (event) => show(JSON.parse(event.data)));
  }
}

async function json(answer) {
  const text = await answer.text(); // outside the try: a connection lost meanwhile says so itself
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${answer.status}: not JSON`);
  }
}
