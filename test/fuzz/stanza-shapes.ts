import * as namespaces from '../../src/xmpp/namespaces.ts';
import { element } from '../harness/xml-element.ts';
import type { Element, Node } from '../harness/xml-element.ts';
import type { Random } from './random.ts';

/** Where stanzas go to and come from, and what was seen in answers and may be sent again. */
export interface Surroundings {
  readonly domain: string;
  readonly users: readonly string[];
  readonly seen: Seen;
}

/** Values of attributes that the gateway has let us see, the latest of each. */
export type Seen = Readonly<Record<'id' | 'sessionid' | 'node' | 'from', readonly string[]>>;

const CLIENT = namespaces.NS_CLIENT;
const SPACES: readonly string[] = [...Object.values(namespaces), 'urn:unknown', 'jabber:iq:search'];
const NAMES =
  'query iq item x field value option history password reason body subject thread active composing paused gone request received replace retract reactions reaction reply fallback displayed markable remove username nick name key set max after before index ping command actions note show status priority c delay url invite decline destroy list metadata fin vCard FN PHOTO pubsub items publish event moderate store html error text forwarded message presence privilege perm prompt prefs query_'.split(
    ' ',
  );
const ATTRIBUTES =
  'id type jid nick role affiliation node action sessionid var xml:lang by for start end to from stamp code queryid seconds maxstanzas maxchars since ver hash name password category access status __proto__ constructor'.split(
    ' ',
  );
const VALUES =
  'get set result error submit cancel form execute next prev complete hidden list-single text-multi none owner admin member outcast moderator participant visitor 0 1 -1 250 99999999999 NaN true false de en zz de-CH 2026-01-01T00:00:00Z 1970-13-99 http://jabber.org/protocol/commands jabber:iq:register x-roomuser-item with after-id before-id ids FORM_TYPE alice #garden __proto__ \\20 %00 chat groupchat headline normal'.split(
    ' ',
  );
const TEXTS = [
  '',
  ' ',
  'hello',
  '/me waves',
  'help',
  'register',
  'yes',
  'cancel',
  '1',
  '> quoted\nanswer',
  '*bold* _it_ ~no~ `code`',
  '```\nblock',
  '?OTRv3?',
  'a\r\nQUIT :b',
  '\u202e\u200b\ufeff',
  'grüße 👋🏽 \u{10ffff}',
  '\ufffd\ufffe'.slice(0, 1),
  'x'.repeat(512),
  'ä'.repeat(9_000),
  '<&>"\''.repeat(400),
];
const LOCALS = [
  'romeo',
  'juliet',
  'alice',
  'causeway',
  '#garden',
  '#tomb',
  '%moon',
  'romeo%moon',
  '#crater%moon',
  '#garden%mars',
  'a\\20b',
  'Römeo',
  '!',
  'x'.repeat(1_023),
  'admin',
];
const RESOURCES = ['', 'desk', 'romeo', 'alice', 'a b', '👋', 'x'.repeat(1_100), '%', 'Romeo'];
const TYPES: Readonly<Record<string, readonly string[]>> = {
  iq: ['get', 'set', 'get', 'set', 'result', 'error', '', 'nonsense'],
  message: ['chat', 'normal', 'groupchat', 'headline', 'error', '', 'nonsense'],
  presence: ' unavailable subscribe subscribed unsubscribe unsubscribed probe error nonsense'.split(
    ' ',
  ),
};

/** One stanza: mostly of a shape that means something, then mutilated; else made of any parts at all. */
export function someStanza(random: Random, around: Surroundings, id: string): Element {
  const shaped = random.chance(0.75)
    ? random.pick(SHAPES)(random, around)
    : anything(random, around);
  const attrs = {
    from: sender(random, around),
    to: target(random, around),
    ...(random.chance(0.98) ? { id } : {}),
    ...(random.chance(0.1) ? { 'xml:lang': random.pick(['de', 'en', 'zz', '']) } : {}),
    ...shaped.attrs,
  };
  const stanza = element(shaped.name, CLIENT, attrs, shaped.children);
  return random.chance(0.3) ? mutilated(random, around, stanza) : stanza;
}

export function someText(random: Random): string {
  if (random.chance(0.7)) return random.pick(TEXTS);
  const length = random.below(random.chance(0.01) ? 70_000 : 60);
  return Array.from({ length }, () => someCharacter(random)).join('');
}

/** Any character that XML 1.0 allows. */
function someCharacter(random: Random): string {
  const code = random.pick([
    () => 0x20 + random.below(0x5f),
    () => 0xa0 + random.below(0x700),
    () => 0xe000 + random.below(0x1ffe),
    () => 0x10000 + random.below(0x100000),
    () => random.pick([9, 10, 13]),
  ])();
  return String.fromCodePoint(code);
}

function sender(random: Random, { users, domain }: Surroundings): string {
  if (random.chance(0.95)) return random.pick(users);
  return random.pick([
    'localhost',
    'localhost/x',
    'alice@localhost',
    `romeo@${domain}`,
    `${domain}/x`,
    'a@b@c',
    '@localhost',
    `${'x'.repeat(1_023)}@localhost/x`,
    'ünder@xn--nxasmq6b/ß',
  ]);
}

function target(random: Random, { domain, seen }: Surroundings): string {
  if (seen.from.length > 0 && random.chance(0.1)) return random.pick(seen.from);
  if (random.chance(0.15)) return random.pick([domain, `${domain}/x`, domain.toUpperCase()]);
  const local = random.chance(0.95)
    ? random.pick(LOCALS)
    : someText(random).replace(/[@/]/g, '').slice(0, 40);
  const resource = random.chance(0.6) ? '' : random.pick(RESOURCES);
  return `${local}@${domain}${resource === '' ? '' : `/${resource}`}`;
}

/** Something that was seen under this name, as a rule. */
function known(random: Random, around: Surroundings, name: keyof Seen): string {
  const values = around.seen[name];
  return values.length > 0 && random.chance(0.85) ? random.pick(values) : value(random, around);
}

function value(random: Random, { seen, users }: Surroundings): string {
  const values = random.pick(Object.values(seen));
  if (values.length > 0 && random.chance(0.3)) return random.pick(values);
  return random.chance(0.1) ? random.pick(users) : random.pick(VALUES);
}

const leaf = (name: string, ns: string, text = '', attrs: Record<string, string> = {}): Element =>
  element(name, ns, attrs, text === '' ? [] : [text]);

function form(random: Random, around: Surroundings, formType: string, names: string): Element {
  const ns = namespaces.NS_DATA_FORM;
  const field = (name: string, text: string): Element =>
    element('field', ns, { var: name }, [leaf('value', ns, text)]);
  return element('x', ns, { type: random.pick(['submit', 'submit', 'cancel', 'form']) }, [
    field('FORM_TYPE', formType),
    ...names.split(' ').flatMap((name) => {
      if (random.chance(0.4)) return [];
      const text = random.chance(0.5) ? value(random, around) : someText(random);
      return [field(name, text)];
    }),
  ]);
}

type Shape = (
  random: Random,
  around: Surroundings,
) => { readonly name: string; readonly attrs: Record<string, string>; readonly children: Node[] };

/** @param locals the parts before the domain that it is for, as a rule; '' is the domain itself */
const iq =
  (
    type: 'get' | 'set',
    locals: string,
    make: (random: Random, around: Surroundings) => Node[],
  ): Shape =>
  (random, around) => ({
    name: 'iq',
    attrs: { type, ...(random.chance(0.9) ? at(around, random, ...locals.split(' ')) : {}) },
    children: make(random, around),
  });

const at = (
  { domain }: Surroundings,
  random: Random,
  ...locals: readonly string[]
): { to: string } => {
  const local = random.pick(locals);
  return { to: local === '' ? domain : `${local}@${domain}` };
};

const message: Shape = (random, around) => {
  const { NS_MARKERS, NS_REACTIONS, NS_REPLY, NS_FALLBACK, NS_CHAT_STATES } = namespaces;
  const id = { id: known(random, around, 'id') };
  const parts: readonly (() => Node)[] = [
    () => leaf('body', CLIENT, someText(random)),
    () => leaf('body', CLIENT, someText(random), { 'xml:lang': 'de' }),
    () => leaf('subject', CLIENT, someText(random)),
    () => leaf('thread', CLIENT, value(random, around)),
    () => leaf(random.pick(['active', 'composing', 'paused', 'gone', 'x']), NS_CHAT_STATES),
    () => leaf('request', namespaces.NS_RECEIPTS),
    () => leaf('received', namespaces.NS_RECEIPTS, '', id),
    () => leaf('replace', namespaces.NS_CORRECT, '', id),
    () => leaf('retract', namespaces.NS_RETRACT, '', id),
    () => leaf(random.pick(['displayed', 'markable']), NS_MARKERS, '', id),
    () =>
      element(
        'reactions',
        NS_REACTIONS,
        id,
        random.some(5, () => leaf('reaction', NS_REACTIONS, random.pick(['👍', '', 'word']))),
      ),
    () => leaf('reply', NS_REPLY, '', { ...id, to: target(random, around) }),
    () =>
      element('fallback', NS_FALLBACK, { for: NS_REPLY }, [
        leaf('body', NS_FALLBACK, '', {
          start: String(random.below(20) - 5),
          end: String(random.below(40)),
        }),
      ]),
    () => leaf('encrypted', random.pick([namespaces.NS_OMEMO_OLD, namespaces.NS_OPENPGP])),
    () => element('x', namespaces.NS_OOB, {}, [leaf('url', namespaces.NS_OOB, someText(random))]),
    () =>
      element('x', namespaces.NS_MUC_USER, {}, [
        element('invite', namespaces.NS_MUC_USER, { to: random.pick(around.users) }, []),
      ]),
  ];
  const type = random.pick(['chat', 'chat', 'groupchat', 'normal']);
  const children = random.some(5, () => random.pick(parts)());
  if (random.chance(0.6)) children.push(leaf('body', CLIENT, someText(random)));
  const to =
    type === 'groupchat' ? ['#garden', '#tomb'] : ['romeo', '#garden', 'causeway', 'alice'];
  return { name: 'message', attrs: { type, ...at(around, random, ...to) }, children };
};

const SHAPES: readonly Shape[] = [
  message,
  message,
  message,
  (random, { domain }) => ({
    name: 'presence',
    attrs: {
      to: `${random.pick(['#garden', '#tomb', '#crater%moon'])}@${domain}/${random.pick(['alice', 'bob', 'al', 'romeo'])}`,
    },
    children: random.chance(0.9)
      ? [
          element(
            'x',
            namespaces.NS_MUC,
            {},
            random.some(2, () =>
              leaf('history', namespaces.NS_MUC, '', { maxstanzas: random.pick(VALUES) }),
            ),
          ),
        ]
      : [],
  }),
  (random, around) => ({
    name: 'presence',
    attrs: {
      type: random.pick(TYPES['presence'] ?? []),
      ...at(around, random, '', 'romeo', '%moon', '#garden'),
    },
    children: [
      leaf('show', CLIENT, random.pick(['away', 'dnd', 'x'])),
      leaf('status', CLIENT, someText(random)),
    ],
  }),
  iq('set', '', (random, around) => {
    const ns = namespaces.NS_REGISTER;
    const nick = (): Node => leaf('nick', ns, random.pick(['alice', 'bob', 'carol', 'a b', '']));
    const ways: readonly (() => Node[])[] = [
      () => [nick()],
      () => [nick()],
      () => [form(random, around, ns, 'nick name password')],
      () => [leaf('username', ns, 'alice'), leaf('password', ns, 'x')],
      () => [leaf('remove', ns)],
    ];
    return [element('query', ns, {}, random.pick(ways)())];
  }),
  iq('set', ' causeway romeo #garden %moon', (random, around) => {
    const node = random.chance(0.5)
      ? random.pick(['jabber:iq:register', 'greeting', 'status', 'poke', 'size', 'weather'])
      : known(random, around, 'node');
    const isBegun = random.chance(0.6);
    const session = isBegun ? { sessionid: known(random, around, 'sessionid') } : {};
    const action = random.pick(['execute', 'next', 'prev', 'complete', 'cancel', 'x']);
    const answers = form(random, around, '', 'nick name words sure password');
    const attrs = { node, action, ...session };
    return [element('command', namespaces.NS_COMMANDS, attrs, isBegun ? [answers] : [])];
  }),
  ...[namespaces.NS_DISCO_INFO, namespaces.NS_DISCO_ITEMS].map((ns) =>
    iq('get', ' causeway romeo #garden #tomb %moon', (random, around) => [
      element('query', ns, random.chance(0.5) ? {} : { node: known(random, around, 'node') }, []),
    ]),
  ),
  iq('get', '', (random) => [
    leaf('query', random.pick(['jabber:iq:register', 'jabber:iq:gateway', 'jabber:iq:version'])),
  ]),
  iq('get', ' romeo nobody causeway', () => [leaf('vCard', namespaces.NS_VCARD)]),
  iq('set', '', (random) => [
    element('query', namespaces.NS_GATEWAY, {}, [
      leaf('prompt', namespaces.NS_GATEWAY, someText(random)),
    ]),
  ]),
  iq('set', '#garden #tomb', (random, around) => {
    const { NS_MAM, NS_RSM } = namespaces;
    const page = random.some(3, () => {
      const name = random.pick(['max', 'after', 'before', 'index']);
      return leaf(
        name,
        NS_RSM,
        name === 'max' ? value(random, around) : known(random, around, 'id'),
      );
    });
    return [
      element('query', NS_MAM, { queryid: value(random, around) }, [
        ...(random.chance(0.3)
          ? [form(random, around, NS_MAM, 'with start end before-id after-id ids')]
          : []),
        element('set', NS_RSM, {}, page),
      ]),
    ];
  }),
  iq('set', '#garden #tomb', (random, around) => {
    const change = random.chance(0.5)
      ? { role: random.pick(['none', 'moderator', 'participant', 'visitor', 'x']) }
      : { affiliation: random.pick(['none', 'owner', 'outcast', 'member', 'x']) };
    const whom = random.chance(0.7) ? { nick: 'romeo' } : { jid: known(random, around, 'from') };
    return [
      element('query', namespaces.NS_MUC_ADMIN, {}, [
        leaf('item', namespaces.NS_MUC_ADMIN, '', { ...whom, ...change }),
      ]),
    ];
  }),
  iq('set', '#garden #tomb', (random, around) => [
    element('moderate', namespaces.NS_MODERATE, { id: known(random, around, 'id') }, [
      leaf('retract', namespaces.NS_RETRACT),
    ]),
  ]),
  iq('get', ' romeo #garden causeway', (random, around) => [
    element('pubsub', namespaces.NS_PUBSUB, {}, [
      leaf('items', namespaces.NS_PUBSUB, '', { node: value(random, around) }),
    ]),
  ]),
];

const anything: Shape = (random, around) => {
  const name = random.pick(['iq', 'message', 'presence']);
  const type = random.pick(TYPES[name] ?? []);
  return {
    name,
    attrs: type === '' ? {} : { type },
    children: random.some(4, () => anyElement(random, around, 0)),
  };
};

function anyElement(random: Random, around: Surroundings, depth: number): Element {
  const attrs = Object.fromEntries(
    random.some(3, () => [random.pick(ATTRIBUTES), value(random, around)] as const),
  );
  const children = random.some(depth > 4 ? 0 : 3, (): Node =>
    random.chance(0.4) ? someText(random) : anyElement(random, around, depth + 1),
  );
  return element(random.pick(NAMES), random.pick(SPACES), attrs, children);
}

/** The same with one part of it changed, lost, doubled or put where it does not belong. */
function mutilated(random: Random, around: Surroundings, el: Element): Element {
  const { name, ns, attrs, children } = el;
  const index = random.below(children.length + 1);
  const child = children[index];
  const spliced = (...nodes: Node[]): Element =>
    element(name, ns, attrs, [...children.slice(0, index), ...nodes, ...children.slice(index + 1)]);
  return random.pick<() => Element>([
    () => spliced(),
    () => (child === undefined ? el : spliced(child, child)),
    () => spliced(someText(random)),
    () => spliced(anyElement(random, around, 2)),
    () =>
      child === undefined || typeof child === 'string'
        ? el
        : spliced(mutilated(random, around, child)),
    () =>
      child === undefined || typeof child === 'string'
        ? el
        : spliced(element(child.name, random.pick(SPACES), child.attrs, child.children)),
    () =>
      child === undefined || typeof child === 'string'
        ? el
        : spliced(
            element(
              child.name,
              child.ns,
              { ...child.attrs, [random.pick(ATTRIBUTES)]: value(random, around) },
              child.children,
            ),
          ),
  ])();
}
