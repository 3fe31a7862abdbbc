import { commandBeforeRegistration, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { IrcNetwork } from './irc-network.ts';
import { completeRegistration } from './irc-registration.ts';
import { foldCase } from './irc-text.ts';

const SASL_CHUNK_BYTES = 400;
const SASL_LIMIT_BYTES = 4096;

export const CAPABILITY_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  /** IRCv3 Capability Negotiation. */
  CAP: commandBeforeRegistration(1, (network, client, [subcommand = '', argument = '']) => {
    const handler = SUBCOMMANDS.get(subcommand.toUpperCase());
    if (handler === undefined) network.refuse(client, 410, subcommand);
    else handler(network, client, argument);
  }),

  /** IRCv3 SASL, mechanism PLAIN (RFC 4616). */
  AUTHENTICATE: commandBeforeRegistration(1, (network, client, [chunk = '']) => {
    if (!client.capabilities.has('sasl')) return network.refuse(client, 904);
    if (client.account !== undefined) return network.refuse(client, 907);
    if (chunk === '*') return endSasl(client, () => network.refuse(client, 906));
    if (client.sasl === undefined) return startSasl(network, client, chunk.toUpperCase());
    if (chunk.length > SASL_CHUNK_BYTES || client.sasl.payload.length > SASL_LIMIT_BYTES) {
      return endSasl(client, () => network.refuse(client, 905));
    }
    if (chunk !== '+') client.sasl.payload += chunk;
    if (chunk.length === SASL_CHUNK_BYTES) return undefined;
    const { payload } = client.sasl;
    return endSasl(client, () => authenticate(network, client, payload));
  }),
};

type Subcommand = (network: IrcNetwork, client: IrcConnection, argument: string) => void;

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map<string, Subcommand>([
  [
    'LS',
    (network, client, version) => {
      if (!client.isRegistered) client.isNegotiating = true;
      const hasValues = Number(version) >= 302;
      const names = offered(network).map((name) =>
        name === 'sasl' && hasValues ? 'sasl=PLAIN' : name,
      );
      sayCap(network, client, 'LS', names.join(' '));
    },
  ],
  [
    'LIST',
    (network, client) => sayCap(network, client, 'LIST', [...client.capabilities].join(' ')),
  ],
  [
    'REQ',
    (network, client, list) => {
      if (!client.isRegistered) client.isNegotiating = true;
      const wanted = list.split(' ').filter(Boolean);
      const known = offered(network);
      const isKnown = wanted.every((name) => known.includes(name.replace(/^-/, '')));
      // The acknowledgement goes out before the new capabilities count.
      sayCap(network, client, isKnown ? 'ACK' : 'NAK', list);
      if (!isKnown) return;
      for (const name of wanted) {
        if (name.startsWith('-')) client.capabilities.delete(name.slice(1));
        else client.capabilities.add(name);
      }
    },
  ],
  [
    'END',
    (network, client) => {
      if (client.isRegistered) return;
      if (client.sasl !== undefined) endSasl(client, () => network.refuse(client, 906));
      client.isNegotiating = false;
      completeRegistration(network, client);
    },
  ],
]);

function offered(network: IrcNetwork): readonly string[] {
  const always = ['multi-prefix', 'server-time', 'away-notify'];
  return network.options.accounts.size === 0 ? always : [...always, 'sasl'];
}

function sayCap(network: IrcNetwork, client: IrcConnection, verb: string, list: string): void {
  client.send(`:${network.options.name} CAP ${client.nick ?? '*'} ${verb} :${list}`);
}

function startSasl(network: IrcNetwork, client: IrcConnection, mechanism: string): void {
  if (mechanism === 'PLAIN') {
    client.sasl = { mechanism, payload: '' };
    client.send('AUTHENTICATE +');
    return;
  }
  network.reply(client, 908, 'PLAIN', 'are available SASL mechanisms');
  network.refuse(client, 904);
}

function endSasl(client: IrcConnection, then: () => void): void {
  client.sasl = undefined;
  then();
}

function authenticate(network: IrcNetwork, client: IrcConnection, payload: string): void {
  const fields = Buffer.from(payload, 'base64').toString('latin1').split('\0');
  const [authorizationId = '', name = '', password = ''] = fields;
  const account = network.options.accounts.get(foldCase(name));
  const isForSelf = authorizationId === '' || foldCase(authorizationId) === foldCase(name);
  if (fields.length !== 3 || !isForSelf || account?.password !== password) {
    network.refuse(client, 904);
    return;
  }
  client.account = account.name;
  const text = `You are now logged in as ${account.name}`;
  network.reply(client, 900, client.prefix, account.name, text);
  network.reply(client, 903, 'SASL authentication successful');
}
