// Orders: what is changed about a user, by whom, why and for how long. Each is a form in the dialog.

const ORDERS = {
  close: ['Close the incident', 'It ends now, and opens again after quiet or in a higher band.'],
  mute: ['Mute', 'The user is scored, but nobody is notified.', ['1h', '2h', '8h', '24h', '72h', '168h', '720h']],
  unmute: ['Unmute', 'Notifications are sent again.'],
  block: ['Block', 'Every request of the user is refused.', ['15m', '1h', '2h', '8h', '24h']],
  unblock: ['Unblock', 'The user’s requests pass again, and are no longer redirected.'],
  forgive: ['Forgive', 'The points become zero, the incident ends, and a block too.'],
};

const LENGTHS = { '15m': '15 minutes', '1h': '1 hour', '2h': '2 hours', '8h': '8 hours', '24h': '24 hours', '72h': '3 days',
  '168h': '7 days', '720h': '30 days' };

// A field with its label.
function field(label, name, input) {
  input.setAttribute('id', `order-${name}`);
  input.setAttribute('name', name);
  return el('p', {}, el('label', { for: `order-${name}` }, label), input);
}

const options = (pairs, chosen) =>
  el('select', {}, pairs.map(([value, text]) => el('option', { value, selected: value === chosen }, text)));

const lengths = (name) => options(ORDERS[name][2].map((value) => [value, LENGTHS[value]]), '2h');

// An order about a user of whom there is a record.
function orderAbout(name, user) {
  const [title, what, spans] = ORDERS[name];
  openOrder(`${title}: ${brief(user.user)}`, what, spans ? [field('For how long', 'for', lengths(name))] : [], title,
    (given) => [name, { ...given, id: user.id }]);
}

// A mute or a block of somebody, also before the first point.
function orderAboutSomebody(wanted) {
  const name = el('input', { type: 'text', required: true, autocomplete: 'off', spellcheck: 'false', maxlength: 4096 });
  name.value = wanted;
  const sources = [['', 'whichever it fits'], ...app.status.sources.map((source) => [source, source])];
  const kinds = ['mute', ...(app.status.options.mode === 'protect' ? ['block'] : [])];
  const length = options(ORDERS.block[2].map((value) => [value, LENGTHS[value]]), '2h');
  openOrder('Mute or block somebody', 'Also before the first point, such as for a planned test.', [
    field('Name or address, as in the log', 'user', name),
    field('Where the name comes from', 'source', options(sources, '')),
    field('Order', 'order', options(kinds.map((kind) => [kind, ORDERS[kind][0]]), 'mute')),
    field('For how long', 'for', length),
  ], 'Give the order', ({ order, source, ...given }) => [order, source ? { ...given, source } : given]);
}

const brief = (name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

// Opens the form. `command` makes the order's name and parameters of what was typed in.
function openOrder(title, what, fields, submit, command) {
  const dialog = byId('order');
  const trouble = el('p', { class: 'trouble', role: 'alert', hidden: true });
  const who = el('input', { type: 'text', required: true, autocomplete: 'username', maxlength: 200 });
  who.value = remembered(WHO);
  const send = el('button', { class: 'main' }, submit);
  const onsubmit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    remember(WHO, given.who);
    send.disabled = true;
    try {
      const [name, parameters] = command(given);
      const { user } = await ask(name, parameters, 'POST');
      dialog.close();
      say(`${ORDERS[name][0]}: done.`);
      if (user && !byId('main').dataset.user) location.hash = userUrl(user);
      await refresh();
    } catch (refused) {
      trouble.textContent = refused.message;
      trouble.hidden = false;
    } finally {
      send.disabled = false;
    }
  };
  const form = el('form', { onsubmit }, el('h2', { id: 'order-title' }, title), el('p', {}, what), ...fields,
    field('Who are you (for the log)', 'who', who),
    field('Why (for the log)', 'why', el('input', { type: 'text', required: true, autocomplete: 'off', maxlength: 200 })),
    trouble, el('div', { class: 'tools' }, send, button('Cancel', () => dialog.close())));
  dialog.replaceChildren(form);
  dialog.showModal();
}
