import type { Outcome, Script } from '../../session/dialogue.ts';
import type { CommandCall } from './command.ts';
import { userTexts } from './user-texts.ts';

const MAX_LISTED = 300;

/** The people whom the user knows on the network. */
// oxlint-disable-next-line require-yield -- a dialogue without a step
export async function* listContacts({ session, language }: CommandCall): Script {
  const { contacts, domain } = session;
  const jids = new Set<string>();
  const lines: string[] = [];
  const add = (jid: string, name: string): void => {
    if (jids.has(jid)) return;
    jids.add(jid);
    lines.push(name === '' || name === jid ? jid : `${name} (${jid})`);
  };
  for (const { id, name, isListed } of contacts.all()) {
    if (isListed) add(domain.jidOf({ kind: 'contact', id }), name);
  }
  for (const [local, { fromUser }] of session.subscriptions) {
    if (fromUser && domain.addressOf(local)?.kind === 'contact') {
      add(`${local}@${domain.domain}`, '');
    }
  }
  const texts = userTexts(language);
  return listed(lines, {
    language,
    name: 'contacts',
    label: texts.contacts,
    none: texts.noContacts,
  });
}

/** The rooms that the user is in. */
// oxlint-disable-next-line require-yield -- a dialogue without a step
export async function* listRooms({ session, language }: CommandCall): Script {
  const texts = userTexts(language);
  const lines = [...session.rooms.values()].map(({ jid, nick }) => `${jid} (${nick})`);
  return listed(lines, { language, name: 'rooms', label: texts.rooms, none: texts.noRooms });
}

function listed(
  lines: readonly string[],
  { language, name, label, none }: Readonly<Record<'language' | 'name' | 'label' | 'none', string>>,
): Outcome {
  if (lines.length === 0) return { text: none };
  const values = lines.toSorted().slice(0, MAX_LISTED);
  const rest = lines.length - values.length;
  if (rest > 0) values.push(userTexts(language).andMore(rest));
  return { text: '', facts: [{ name, label, values }] };
}
