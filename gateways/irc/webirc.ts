import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { isHostName } from './names.ts';

const GATEWAY = 'causeway';
/** What most servers keep of a host. */
const LONGEST_HOST = 63;

/**
 * IRCv3 WEBIRC: where a user comes from, for a server that trusts us to say so. Of her we know a name, not an address, and
 * others on the network are to learn neither. So both are made of her name, by HMAC:
 * - the same whenever she connects, without anything being kept, so that a ban of her, and of nobody else, lasts;
 * - not to be guessed back, nor the same on two networks, for the key is the password of WEBIRC;
 * - an address of RFC 4193, which nobody else has: one /48 for the gateway, by which operators may set limits for it or shut
 *   it out, and one /64 for nearly each user, for many servers count connections by that.
 * The domain is told, as with other gateways, for bans of all its users.
 */
export function webircLine(password: string, user: string): string {
  const digest = digestOf(password, `user ${user}`);
  const address = Buffer.concat([
    Buffer.from([0xfd]),
    digestOf(password, 'gateway').subarray(0, 5),
    digest.subarray(0, 10),
  ]);
  const host = hostOf(user, digest.subarray(10, 16).toString('hex'));
  return `WEBIRC ${password} ${GATEWAY} ${host} ${textOf(address)}`;
}

const digestOf = (key: string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

function hostOf(user: string, name: string): string {
  const domain = domainToASCII(user.slice(user.lastIndexOf('@') + 1));
  const host = `${name}.${domain}`;
  return isHostName(host) && host.length <= LONGEST_HOST ? host : `${name}.${GATEWAY}`;
}

/** RFC 4291 §2.2: eight groups. It never begins with a colon, which would end the line's names. */
const textOf = (address: Buffer): string =>
  (address.toString('hex').match(/.{4}/g) ?? []).join(':');
