// What is shown: by the address behind `#/`, anew every few seconds, and only to whoever has the token.

const EVERY = 5000;

const VIEWS = {
  users: [listView('users'), 'Risky'],
  incidents: [listView('incidents'), 'Incidents'],
  blocked: [listView('blocked'), 'Blocked'],
  muted: [listView('muted'), 'Muted'],
  records: [recordsView, 'All users'],
  health: [healthView, 'Health'],
};

// What the page holds: the filter's state, and the view with what it last drew. `turn` tells a late answer from a wanted one.
const app = { status: null, view: null, argument: '', query: null, drawn: '', summary: '', turn: 0, paused: false };

const heading = (text) => el('h1', { tabindex: '-1', class: 'name' }, text);

// A listener that says what went wrong.
const guarded = (act) => (event) => Promise.resolve(act(event)).catch(complain);

function complain(refused) {
  if (refused.status === 401) return signIn(remembered(TOKEN) ? 'That is not the token.' : '');
  byId('trouble').textContent = refused instanceof Refused ? refused.message : `The page has failed: ${refused}`;
  byId('trouble').hidden = false;
}

// The view that the address names: `#/users/1f0c9a7e…`, `#/blocked?offset=50`, `#/find/4711`.
function route() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/');
  let argument = rest.join('/');
  try {
    argument = decodeURIComponent(argument);
  } catch { /* What is no percent-coding is taken as it is. */ }
  const list = VIEWS[name] ? name : 'users';
  const view = name === 'find' ? findView : name === 'users' && argument ? userView : VIEWS[list][0];
  return { view, argument, query: new URLSearchParams(query), current: view === findView ? '' : list };
}

async function show() {
  if (!remembered(TOKEN)) return signIn('');
  const { view, argument, query, current } = route();
  Object.assign(app, { view, argument, query, drawn: '', summary: '' });
  byId('main').dataset.user = view === userView ? argument : '';
  for (const link of byId('views').querySelectorAll('a')) {
    if (link.dataset.view === current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  await refresh(true);
}

// Fetches what the view shows, and draws it if it has changed. `arrived`: the reader has just come here.
async function refresh(arrived = false) {
  const turn = ++app.turn;
  const { view, argument, query } = app;
  try {
    app.status = await ask('status');
    const shown = await view.load(argument, query);
    if (turn !== app.turn) return;
    signedIn();
    byId('trouble').hidden = true;
    byId('updated').textContent = `Updated ${TODAY.format(new Date())}`;
    redraw(shown);
    if (arrived) byId('main').querySelector('h1')?.focus({ preventScroll: true });
  } catch (refused) {
    if (turn !== app.turn) return;
    if (refused.status === 404 && arrived) redrawNothing(refused.message);
    complain(refused);
  }
}

function redraw(shown) {
  const drawn = JSON.stringify(shown);
  if (drawn === app.drawn) return;
  const main = byId('main');
  const key = main.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  main.replaceChildren(...app.view.draw(shown, app.argument, app.query).flat().filter(Boolean));
  if (key) [...main.querySelectorAll('[data-key]')].find((element) => element.dataset.key === key)?.focus({ preventScroll: true });
  document.title = `${brief(app.view.title(shown))} · User risk`;
  const summary = app.view.summary?.(shown) ?? '';
  if (app.summary && summary !== app.summary) say(summary);
  Object.assign(app, { drawn, summary });
}

function redrawNothing(message) {
  signedIn();
  byId('main').replaceChildren(heading('Not found'), el('p', {}, message));
}

function signedIn() {
  for (const id of ['search', 'session', 'views']) byId(id).hidden = false;
  const { service, environment, mode } = app.status.options;
  byId('service').textContent = [service, environment, `mode: ${mode}`].filter(Boolean).join(' · ');
}

// Asks for the token.
function signIn(wrong) {
  app.turn++;
  forget(TOKEN);
  for (const id of ['search', 'session', 'views']) byId(id).hidden = true;
  byId('service').textContent = '';
  byId('updated').textContent = '';
  byId('order').close();
  const input = el('input', { id: 'token', name: 'token', type: 'password', required: true, autocomplete: 'off', minlength: 16 });
  const onsubmit = (event) => {
    event.preventDefault();
    remember(TOKEN, input.value.trim());
    guarded(show)();
  };
  byId('main').replaceChildren(
    heading('Sign in'),
    el('form', { class: 'sign-in', onsubmit },
      el('p', {}, el('label', { for: 'token' }, 'The console’s token'), input),
      el('p', { class: 'quiet' }, 'What the variable of admin.token_env holds. It is kept for this tab only.'),
      wrong && el('p', { class: 'trouble', role: 'alert' }, wrong),
      el('button', { class: 'main' }, 'Sign in')));
  document.title = 'Sign in · User risk';
  input.focus();
}

function start() {
  byId('views').append(el('ul', {}, Object.entries(VIEWS).map(([name, [, text]]) =>
    el('li', {}, el('a', { href: `#/${name}`, 'data-view': name }, text)))));
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = `#/find/${encodeURIComponent(byId('wanted').value.trim())}`;
  });
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('main').focus();
  });
  byId('forget').addEventListener('click', () => signIn(''));
  byId('pause').addEventListener('click', () => {
    app.paused = !app.paused;
    byId('pause').setAttribute('aria-pressed', String(app.paused));
  });
  addEventListener('hashchange', guarded(show));
  document.addEventListener('visibilitychange', () => !document.hidden && updates() && refresh());
  setInterval(() => updates() && !document.hidden && refresh(), EVERY);
  guarded(show)();
}

// Does the view update itself now?
const updates = () => remembered(TOKEN) && app.view && !app.view.still && !app.paused;

start();
