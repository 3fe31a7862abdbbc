import type { Random } from './random.ts';

const COMMANDS =
  'PRIVMSG PRIVMSG NOTICE JOIN PART QUIT NICK MODE TOPIC KICK INVITE PING PONG ERROR CAP AUTHENTICATE ACCOUNT AWAY CHGHOST SETNAME BATCH TAGMSG FAIL WARN NOTE KILL WALLOPS RENAME REDACT MARKREAD ACK 001 002 004 005 005 221 263 301 305 306 311 312 313 317 318 319 321 322 323 324 329 330 331 332 333 341 346 347 348 349 352 353 353 366 366 367 368 372 375 376 378 396 401 403 404 405 406 411 412 421 422 431 432 433 436 437 441 442 443 451 461 464 465 471 472 473 474 475 477 478 481 482 484 489 501 502 520 671 900 901 902 903 904 905 906 907 908 999 000 9999 pRiVmSg'.split(
    ' ',
  );
const NICKS = ['romeo', 'juliet', 'alice', '[Ghost]', 'NickServ', '@romeo', '+v', '*', 'ünder', ''];
const CHANNELS = ['#room', '#ROOM', '#other', '&local', '#', '#a,b', 'room', '@#room', '#ünder'];
const WORDS = [
  '',
  'hello',
  ':hello there',
  '+o romeo',
  '+b-o *!*@* alice',
  '-l+kov secret alice romeo',
  '+',
  'CASEMAPPING=rfc1459',
  'PREFIX=(qaohv)~&@%+',
  'PREFIX=(',
  'CHANMODES=,,,',
  'CHANTYPES=',
  'STATUSMSG=@+',
  'NETWORK=',
  'NICKLEN=-1',
  'LINELEN=99999999',
  '@alice',
  '@alice +romeo juliet',
  '=',
  '1',
  '-1',
  '1700000000',
  '99999999999999999999',
  '\u0001ACTION waves\u0001',
  '\u0001VERSION\u0001',
  '\u0001PING 1\u0001',
  '\u0001DCC SEND x 1 2 3\u0001',
  '\u0001',
  '\u0002bold\u0002 \u000304,12red\u0003 \u001ditalic\u000f \u001funder \u0004ff0000',
  '\u0003',
  'x'.repeat(600),
  'grüße 👋🏽',
  'draft/multiline',
  'chathistory',
  'netsplit',
];
const TAGS = [
  'time=2026-01-01T00:00:00.000Z',
  'time=nonsense',
  'time=',
  'msgid=abc',
  'msgid=',
  'account=romeo',
  'batch=1',
  'batch',
  'label=1',
  '+draft/reply=abc',
  '+draft/react=👍',
  '+typing=active',
  'a=\\:\\s\\\\\\r\\n\\',
  '__proto__=x',
  '=',
  ';;',
];

/** One line of a server, mostly such as servers write them, as bytes and with its end. */
export function someLine(random: Random, nick: string): Buffer {
  const line = random.chance(0.9) ? Buffer.from(shaped(random, nick)) : noise(random);
  const bytes = random.chance(0.15) ? damaged(random, line) : line;
  const end = random.pick(['\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n\r\n', '']);
  return Buffer.concat([bytes, Buffer.from(end)]);
}

function shaped(random: Random, nick: string): string {
  const tags = random.chance(0.25) ? `@${random.some(4, () => random.pick(TAGS)).join(';')} ` : '';
  const from = random.chance(0.85) ? `:${source(random, nick)} ` : '';
  const command = random.pick(COMMANDS);
  const params = random.some(6, () => param(random, nick));
  const target = random.chance(0.8) ? [random.pick([nick, '#room', '#other', 'romeo'])] : [];
  const text = random.chance(0.5) ? ` :${param(random, nick)} ${param(random, nick)}` : '';
  return `${tags}${from}${[command, ...target, ...params].join(' ')}${text}`;
}

function source(random: Random, nick: string): string {
  const who = random.chance(0.2) ? nick : random.pick(NICKS);
  return random.pick([`${who}!u@host.test`, who, 'irc.test', `${who}!~u@`, '!@', '']);
}

const param = (random: Random, nick: string): string =>
  random.pick([
    () => nick,
    () => random.pick(NICKS),
    () => random.pick(CHANNELS),
    () => random.pick(WORDS),
    () => random.pick(WORDS),
  ])();

const noise = (random: Random): Buffer =>
  Buffer.from(
    Array.from({ length: random.below(random.chance(0.02) ? 20_000 : 80) }, () =>
      random.below(256),
    ),
  );

function damaged(random: Random, line: Buffer): Buffer {
  const at = random.below(line.length + 1);
  const end = Math.min(line.length, at + random.below(8));
  const middle = random.pick<() => Buffer>([
    () => Buffer.alloc(0),
    () => noise(random).subarray(0, 8),
    () => Buffer.concat([line.subarray(at, end), line.subarray(at, end)]),
    () => Buffer.from([0]),
    () => Buffer.from('\r'),
    () => Buffer.from([0xf0, 0x9f]),
  ])();
  return Buffer.concat([line.subarray(0, at), middle, line.subarray(end)]);
}
