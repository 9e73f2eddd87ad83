'use strict';

// What the console's API is asked, and with which token. The token lives as long as the tab.

// The page's own path, without a slash at its end: the API is below it.
const BASE = location.pathname.replace(/\/+$/, '');
const TOKEN = `user-risk-token ${BASE}`;
// Who gives orders, for the log: asked once a tab.
const WHO = `user-risk-who ${BASE}`;

const remembered = (name) => sessionStorage.getItem(name) ?? '';
const remember = (name, value) => sessionStorage.setItem(name, value);
const forget = (name) => sessionStorage.removeItem(name);

// An answer that is no success: its status (0: there was none) and what it says.
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The JSON of an answer. `x-user-risk-token` and not `authorization`: a `jwt_authn` in front of the filter refuses a Bearer token
// that is no JWT.
async function ask(path, parameters = {}, method = 'GET') {
  const query = new URLSearchParams(parameters).toString();
  let answer;
  try {
    answer = await fetch(`${BASE}/${path}${query && `?${query}`}`, {
      method,
      headers: { 'x-user-risk-token': remembered(TOKEN) },
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    throw new Refused(0, 'The console can’t be reached.');
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, body.error ?? `The console answered ${answer.status}.`);
  return body;
}

// Each part of a list in turn, for downloads: a part costs the filter one callback.
async function* parts(list) {
  const start = list === 'records' ? 'from' : 'offset';
  const most = list === 'records' ? {} : { limit: 100 };
  for (let next = 0; next !== undefined; ) {
    const part = await ask(list, { ...most, [start]: next });
    yield part[list];
    ({ next } = part);
  }
}

async function whole(list) {
  const seen = new Map();
  // The list may move between two parts: a user who comes twice is one.
  for await (const part of parts(list)) for (const user of part) seen.set(user.id, user);
  return [...seen.values()];
}

// The user whom a name, an address or the digits of a hash mean; null if there is no record.
async function found(wanted) {
  const ways = [{ user: wanted }];
  if (/^[0-9a-f]{8,32}$/i.test(wanted)) ways.push({ id: wanted });
  for (const way of ways) {
    try {
      return await ask('user', way);
    } catch (refused) {
      if (refused.status !== 404) throw refused;
    }
  }
  return null;
}
