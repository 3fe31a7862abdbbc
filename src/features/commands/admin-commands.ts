import type { Fact } from '../../plugin/index.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Outcome, Script } from '../../session/dialogue.ts';
import { announce, deleteUsers, endSessions } from './admin-acts.ts';
import { adminTexts } from './admin-texts.ts';
import { askJids } from './ask-jids.ts';
import type { Command, CommandCall } from './command.ts';
import { connected } from './connected.ts';
import { clientsOf, fact, networksOf, roomsOf } from './status.ts';

const NS_ADMIN = 'http://jabber.org/protocol/admin';
const MEBIBYTE = 1_048_576;
/** Longer lists are asked about first (XEP-0133 §4.18). */
const MANY = 200;
const PORTIONS = ['25', '50', '100', '200'];

type Texts = ReturnType<typeof adminTexts>;
type Name = Exclude<
  { [Key in keyof Texts]: Texts[Key] extends { readonly word: string } ? Key : never }[keyof Texts],
  undefined
>;

/** XEP-0133, as far as a gateway has what it speaks of; and what is particular to one. */
export function adminCommands(surroundings: Surroundings): readonly Command[] {
  const { domain, sessions } = surroundings;
  const startedAt = new Date(domain.now());
  const users = (): Promise<string[]> => domain.store.registrations.users(domain.domain);
  const online = (): string[] => connected(sessions).map(({ user }) => user.bare);
  const number = (name: string, label: string, count: number): Fact[] => [
    fact(name, label, [String(count)]),
  ];
  return [
    standard('usersNum', 'get-registered-users-num', (call) =>
      telling(call, async ({ registered }) =>
        number('registeredusersnum', registered, (await users()).length),
      ),
    ),
    standard('usersList', 'get-registered-users-list', (call) =>
      listing(call, 'registereduserjids', 'registered', users()),
    ),
    standard('onlineNum', 'get-online-users-num', (call) =>
      telling(call, (texts) => number('onlineusersnum', texts.online, online().length)),
    ),
    standard('onlineList', 'get-online-users-list', (call) =>
      listing(call, 'onlineuserjids', 'online', Promise.resolve(online())),
    ),
    standard('stats', 'user-stats', (call) => userStats(surroundings, call)),
    standard('end', 'end-user-session', (call) => endSessions(surroundings, call)),
    standard('delete', 'delete-user', (call) => deleteUsers(surroundings, call)),
    standard('announce', 'announce', (call) => announce(surroundings, call)),
    command('gateway', 'causeway:gateway', (call) =>
      telling(call, (texts) => gatewayFacts(surroundings, texts, startedAt)),
    ),
  ];
}

function standard(name: Name, node: string, run: Command['run']): Command {
  return { ...command(name, `${NS_ADMIN}#${node}`, run), formType: NS_ADMIN };
}

function command(name: Name, node: string, run: Command['run']): Command {
  return {
    node,
    at: 'gateway',
    access: 'admin',
    name: (language) => adminTexts(language)[name].name,
    word: (language) => adminTexts(language)[name].word,
    run,
  };
}

/** A command that asks nothing. */
// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* telling(
  { language }: CommandCall,
  facts: (texts: Texts) => readonly Fact[] | Promise<readonly Fact[]>,
): Script {
  return { text: '', facts: await facts(adminTexts(language)) };
}

/** XEP-0133 §4.18 and §4.20: a list, the whole of it if it is not long. */
async function* listing(
  { language }: CommandCall,
  name: string,
  label: 'registered' | 'online',
  pending: Promise<readonly string[]>,
): Script {
  const texts = adminTexts(language);
  const jids = (await pending).toSorted();
  const told = (count: number): Outcome => ({
    text: '',
    facts: [{ name, label: texts[label], values: jids.slice(0, count) }],
  });
  if (jids.length <= MANY) return told(MANY);
  const options = PORTIONS.map((value) => ({ value, label: value }));
  const { max_items: count = '25' } = yield {
    instructions: texts.howMany,
    fields: [
      {
        name: 'max_items',
        label: texts.maxItems,
        kind: 'choice',
        options: [...options, { value: 'none', label: texts.all }],
      },
    ],
    isLast: true,
  };
  return told(count === 'none' ? jids.length : Number(count));
}

/** XEP-0133 §4.10. */
async function* userStats({ domain, sessions }: Surroundings, call: CommandCall): Script {
  const texts = adminTexts(call.language);
  const [jid] = yield* askJids(domain, call, { instructions: texts.whichUser, isOne: true });
  const session = jid === undefined ? undefined : sessions.find(jid);
  const clients = session === undefined ? [] : [...clientsOf(session).values()];
  const resources = clients.map(({ resource = '' }) => resource);
  const contacts =
    jid === undefined ? [] : await domain.store.contacts.list(domain.domain, jid.bare);
  return {
    text: '',
    facts: [
      fact('rostersize', texts.contacts, [String(contacts.length)]),
      fact('onlineresources', texts.resources, resources),
      fact('x-networks', texts.networks, session === undefined ? [] : networksOf(session)),
      fact('x-rooms', texts.rooms, session === undefined ? [] : roomsOf(session)),
    ],
  };
}

function gatewayFacts({ domain, sessions }: Surroundings, texts: Texts, startedAt: Date): Fact[] {
  const all = [...sessions.all()];
  const rooms = all.reduce((sum, session) => sum + session.rooms.size, 0);
  const memory = Math.round(process.memoryUsage.rss() / MEBIBYTE);
  return [
    fact('version', texts.version, [`Causeway ${domain.version}`]),
    fact('since', texts.uptime, [startedAt.toISOString()]),
    fact('sessions', texts.sessions, [String(all.length)]),
    fact('online', texts.online, [String(connected(sessions).length)]),
    fact('rooms', texts.rooms, [String(rooms)]),
    fact('memory', texts.memory, [String(memory)]),
  ];
}
