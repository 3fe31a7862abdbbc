import { acknowledged, echoIn, readOffer, wantedOf } from '../capabilities.ts';
import { stripFormatting } from '../formatting.ts';
import type { IrcMessage } from '../irc-message.ts';
import { readMultilineLimits } from '../multiline.ts';
import { isChannel, isNick } from '../names.ts';
import { withTokens } from '../server-features.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';

/** What the server says of itself, and asks us. */
export const server = handlers({
  '005': (link, { params }) => link.learn(withTokens(link.features, params.slice(1, -1))),
  '254': (link, { params }) => {
    link.channelCount = Number(params[1]) || 0;
  },
  // Somebody whom we wrote to is away.
  '301': (link, { params }) => {
    const [, nick = '', words = ''] = params;
    if (!isNick(nick)) return;
    const status = stripFormatting(words);
    if (link.watch?.away(link.fold(nick), status) === true) return;
    link.emit({ kind: 'contact', contact: { id: link.contactOf(nick), show: 'away', status } });
  },
  CAP: negotiated,
  INVITE: invited,
});

/** IRCv3 cap-notify: what the server can do may change. */
function negotiated(link: ServerLink, { params }: IrcMessage): void {
  const [, subcommand = ''] = params;
  const names = [...readOffer(params.at(-1) ?? '').keys()];
  switch (subcommand.toUpperCase()) {
    case 'NEW': {
      const limits = readOffer(params.at(-1) ?? '').get('draft/multiline');
      if (limits !== undefined) link.multiline = readMultilineLimits(limits);
      link.echoOffer = echoIn([...names, ...link.echoOffer]);
      const wanted = wantedOf([...new Set([...names, ...link.echoOffer])], link.capabilities);
      if (wanted.length > 0) link.sender?.urgent(`CAP REQ :${wanted.join(' ')}`);
      return;
    }
    case 'DEL':
      link.echoOffer = link.echoOffer.filter((name) => !names.includes(name));
      return link.can(
        acknowledged(
          link.capabilities,
          names.map((name) => `-${name}`),
        ),
      );
    case 'ACK':
      return link.can(acknowledged(link.capabilities, names));
    default:
  }
}

/** RFC 2812 §3.2.7; that others are invited is told, too (IRCv3 invite-notify), and nobody's business here. */
function invited(link: ServerLink, { params, nick }: IrcMessage): void {
  const [target = '', channel = ''] = params;
  if (!link.isSelf(target) || !isChannel(channel)) return;
  const by = nick === '' || nick.includes('.') ? {} : { by: link.contactOf(nick) };
  link.emit({ kind: 'invited', room: link.roomOf(channel), ...by });
}
