import type { Channel } from '../channel.ts';
import { stripFormatting } from '../formatting.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { PersonChange } from '../people.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';

/** What servers tell of people besides their coming and going (IRCv3 account-notify, away-notify, chghost, setname). */
export const people = handlers({
  ACCOUNT: (link, { nick, params }) => {
    const [account = '*'] = params;
    everywhere(link, nick, { account: accountOf(account) });
  },
  AWAY: (link, { nick, params }) => {
    const [text] = params;
    const away = text === undefined || text === '' ? undefined : stripFormatting(text);
    link.watch?.away(link.fold(nick), away);
    everywhere(link, nick, { away });
  },
  CHGHOST: (link, message) => {
    const [user = '', host = ''] = message.params;
    const address = `${user}@${host}`;
    if (link.isSelf(message.nick)) learnMask(link, address);
    link.people.isAt(link.fold(message.nick), address);
  },
  SETNAME: () => undefined,
});

/** What stands for no account (IRCv3 extended-join). */
export const accountOf = (name: string | undefined): string | undefined =>
  name === undefined || name === '*' || name === '' ? undefined : name;

/** How long the server's words before our lines are, as others get them. */
export function learnMask(link: ServerLink, mask: string): void {
  link.mask = mask;
  if (link.sender !== undefined) link.sender.maskBytes = Buffer.byteLength(`:! ${mask}`);
}

/** An account may be told with any message (IRCv3 account-tag). */
export function learnAccount(link: ServerLink, channel: Channel, { nick, tags }: IrcMessage): void {
  const account = tags.get('account');
  const person = channel.person(link.fold(nick));
  // That it is absent says nothing of people that a bouncer or services speak for.
  if (person === undefined || account === undefined || person.account === account) return;
  change(link, channel, nick, { account });
}

function everywhere(link: ServerLink, nick: string, to: PersonChange): void {
  for (const channel of link.channels) change(link, channel, nick, to);
}

function change(link: ServerLink, channel: Channel, nick: string, to: PersonChange): void {
  const person = channel.person(link.fold(nick));
  if (person === undefined) return;
  const after = link.people.changed(person, to);
  channel.set(after);
  if (channel.phase !== 'in') return;
  link.emit({ kind: 'member', room: channel.room, member: after.member });
}
