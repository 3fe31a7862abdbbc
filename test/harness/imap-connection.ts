import type { Socket } from 'node:net';
import { headerOf, ImapFolder, isInSet, matches } from './imap-folder.ts';
import type { KeptMail } from './imap-folder.ts';

export interface ImapUser {
  readonly password: string;
  readonly folders: Map<string, ImapFolder>;
}

/** Manners that a test may change at any time. */
export interface ImapBehaviours {
  /** Answers nothing to anybody. */
  silent?: boolean;
  hasNoIdle?: boolean;
  /** Does not say the next UID when a folder is opened, as Courier. */
  hasNoUidNext?: boolean;
  /** Given a command, lines to write in place of the answer; `undefined` leaves the answer as it is. */
  answer?: (tag: string, command: string) => string | undefined;
}

type Token = string | readonly string[];

/** A command as it came. */
interface Asked {
  readonly tag: string;
  readonly command: string;
  readonly rest: readonly Token[];
  readonly isUid: boolean;
  readonly done: () => void;
}

/** One client of the stand-in IMAP server (RFC 9051, RFC 2177). */
export class ImapConnection {
  readonly #socket: Socket;
  readonly #users: ReadonlyMap<string, ImapUser>;
  readonly #behaviours: ImapBehaviours;
  readonly #lines: string[];
  #buffer = Buffer.alloc(0);
  #command = '';
  #wantsBytes = 0;
  #idleTag: string | undefined;
  #user: ImapUser | undefined;
  #folder: ImapFolder | undefined;
  #exists = 0;
  /** What others have marked and this client was not told of. */
  readonly #marked = new Set<number>();

  constructor(
    socket: Socket,
    parts: {
      readonly users: ReadonlyMap<string, ImapUser>;
      readonly behaviours: ImapBehaviours;
      readonly lines: string[];
    },
  ) {
    this.#socket = socket;
    this.#users = parts.users;
    this.#behaviours = parts.behaviours;
    this.#lines = parts.lines;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('close', () => this.#watch(undefined));
    this.#write(`* OK [CAPABILITY ${this.#capabilities}] ready`);
  }

  get #capabilities(): string {
    const idle = this.#behaviours.hasNoIdle === true ? '' : ' IDLE';
    return `IMAP4rev1 SPECIAL-USE UIDPLUS LITERAL+${idle}`;
  }

  /** As servers do that know nothing of RFC 7162: without the UID. */
  readonly #tellFlags = (sequence: number): void => {
    this.#marked.add(sequence);
    this.#tell();
  };

  readonly #tell = (): void => {
    if (this.#idleTag !== undefined) this.#tellNews();
  };

  #tellNews(): void {
    for (const sequence of this.#marked) {
      const flags = [...(this.#folder?.mails[sequence - 1]?.flags ?? [])].join(' ');
      this.#write(`* ${sequence} FETCH (FLAGS (${flags}))`);
    }
    this.#marked.clear();
    const count = this.#folder?.mails.length ?? 0;
    if (count === this.#exists) return;
    this.#exists = count;
    this.#write(`* ${count} EXISTS`);
  }

  #watch(folder: ImapFolder | undefined): void {
    this.#folder?.watchers.delete(this.#tell);
    this.#folder?.flagWatchers.delete(this.#tellFlags);
    this.#folder = folder;
    this.#marked.clear();
    folder?.watchers.add(this.#tell);
    folder?.flagWatchers.add(this.#tellFlags);
  }

  #write(line: string | Buffer): void {
    if (this.#behaviours.silent === true) return;
    this.#socket.write(typeof line === 'string' ? `${line}\r\n` : line);
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      if (this.#wantsBytes > 0) {
        if (this.#buffer.length < this.#wantsBytes) return;
        this.#command += JSON.stringify(
          this.#buffer.subarray(0, this.#wantsBytes).toString('latin1'),
        );
        this.#buffer = this.#buffer.subarray(this.#wantsBytes);
        this.#wantsBytes = 0;
      }
      const end = this.#buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = this.#buffer.subarray(0, end).toString('latin1');
      this.#buffer = this.#buffer.subarray(end + 2);
      const literal = /\{(\d+)(\+?)\}$/.exec(line);
      this.#command += literal === null ? line : line.slice(0, literal.index);
      if (literal !== null) {
        this.#wantsBytes = Number(literal[1]);
        if (literal[2] === '') this.#write('+ go on');
        continue;
      }
      const command = this.#command;
      this.#command = '';
      this.#handle(command);
    }
  }

  #handle(line: string): void {
    if (this.#idleTag !== undefined) {
      const tag = this.#idleTag;
      this.#idleTag = undefined;
      this.#write(`${tag} OK idle ended`);
      return;
    }
    const [tag, ...rest] = tokensOf(line);
    const name = String(rest.shift() ?? '').toUpperCase();
    this.#lines.push(name === 'LOGIN' ? 'LOGIN' : line.slice(tag.length + 1, 300));
    const scripted = this.#behaviours.answer?.(String(tag), line.slice(tag.length + 1));
    if (scripted !== undefined) return this.#write(Buffer.from(scripted, 'latin1'));
    this.#run(String(tag), name, rest);
  }

  #run(tag: string, name: string, rest: Token[]): void {
    const done = (text = 'done'): void => {
      if (name !== 'SELECT' && name !== 'EXAMINE') this.#tellNews();
      this.#write(`${tag} OK ${text}`);
    };
    const isUid = name === 'UID';
    const command = isUid ? String(rest.shift()).toUpperCase() : name;
    const answer = this.#answers[command];
    if (answer === undefined) done();
    else answer({ tag, command, rest, isUid, done });
  }

  readonly #answers: Readonly<Record<string, (asked: Asked) => void>> = {
    CAPABILITY: ({ done }) => {
      this.#write(`* CAPABILITY ${this.#capabilities}`);
      done();
    },
    LOGIN: ({ rest, tag }) => this.#logIn(tag, String(rest[0]), String(rest[1])),
    LIST: (asked) => this.#list(asked),
    LSUB: (asked) => this.#list(asked),
    STATUS: (asked) => this.#status(asked),
    SELECT: ({ rest, tag }) => this.#select(tag, String(rest[0]), true),
    EXAMINE: ({ rest, tag }) => this.#select(tag, String(rest[0]), false),
    SEARCH: ({ done, rest }) => this.#search(rest.map(String), done),
    FETCH: ({ done, isUid, rest }) => {
      this.#fetch(String(rest[0]), isUid);
      done();
    },
    STORE: ({ done, rest }) => {
      this.#store(String(rest[0]), rest[2] ?? []);
      done();
    },
    CREATE: ({ done, rest }) => {
      this.#user?.folders.set(String(rest[0]), new ImapFolder());
      done();
    },
    APPEND: ({ rest, tag }) => this.#append(tag, rest),
    IDLE: ({ tag }) => {
      this.#idleTag = tag;
      this.#write('+ idling');
      this.#tellNews();
    },
    LOGOUT: ({ done }) => {
      this.#write('* BYE bye');
      done();
      this.#socket.end();
    },
  };

  #list({ command, done, rest }: Asked): void {
    // RFC 9051 §6.3.9: an empty pattern asks what stands between names.
    if (rest[1] === '') {
      this.#write(`* ${command} (\\Noselect) "/" ""`);
      return done();
    }
    for (const folder of this.#user?.folders.keys() ?? []) {
      const use = folder === 'Sent' ? '\\HasNoChildren \\Sent' : '\\HasNoChildren';
      this.#write(`* ${command} (${use}) "/" "${folder}"`);
    }
    return done();
  }

  #status({ done, rest, tag }: Asked): void {
    const name = String(rest[0]);
    const folder = this.#user?.folders.get(name);
    if (folder === undefined) return this.#write(`${tag} NO no such folder`);
    const { mails, uidNext, uidValidity } = folder;
    this.#write(
      `* STATUS "${name}" (MESSAGES ${mails.length} UIDNEXT ${uidNext} UIDVALIDITY ${uidValidity})`,
    );
    return done();
  }

  #logIn(tag: string, name: string, password: string): void {
    const user = this.#users.get(name);
    if (user?.password !== password) {
      return this.#write(`${tag} NO [AUTHENTICATIONFAILED] Wrong name or password`);
    }
    this.#user = user;
    return this.#write(`${tag} OK [CAPABILITY ${this.#capabilities}] welcome`);
  }

  #select(tag: string, name: string, isWritable: boolean): void {
    const folder = this.#user?.folders.get(name);
    if (folder === undefined) return this.#write(`${tag} NO no such folder`);
    this.#watch(folder);
    this.#exists = folder.mails.length;
    this.#write(
      [
        '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)',
        '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok',
        `* ${folder.mails.length} EXISTS`,
        '* 0 RECENT',
        `* OK [UIDVALIDITY ${folder.uidValidity}] ok`,
        ...(this.#behaviours.hasNoUidNext === true ? [] : [`* OK [UIDNEXT ${folder.uidNext}] ok`]),
        `${tag} OK [${isWritable ? 'READ-WRITE' : 'READ-ONLY'}] open`,
      ].join('\r\n'),
    );
  }

  #search(tokens: readonly string[], done: () => void): void {
    const mails = this.#folder?.mails ?? [];
    const last = mails.at(-1)?.uid ?? 0;
    const keys = tokens[0]?.toUpperCase() === 'CHARSET' ? tokens.slice(2) : tokens;
    const found = mails.filter((mail, index) => matches(keys, mail, { last, sequence: index + 1 }));
    this.#write(`* SEARCH ${found.map(({ uid }) => uid).join(' ')}`.trimEnd());
    done();
  }

  #chosen(set: string, isUid: boolean): [number, KeptMail][] {
    const mails = this.#folder?.mails ?? [];
    const last = isUid ? (mails.at(-1)?.uid ?? 0) : mails.length;
    return mails.flatMap((mail, index) =>
      isInSet(set, isUid ? mail.uid : index + 1, last) ? [[index + 1, mail]] : [],
    );
  }

  #fetch(set: string, isUid: boolean): void {
    const wanted = (this.#lines.at(-1) ?? '').toUpperCase();
    for (const [sequence, mail] of this.#chosen(set, isUid)) {
      const parts = [`UID ${mail.uid}`];
      if (wanted.includes('FLAGS')) parts.push(`FLAGS (${[...mail.flags].join(' ')})`);
      if (wanted.includes('INTERNALDATE'))
        parts.push(`INTERNALDATE "${imapDate(mail.receivedAt)}"`);
      if (wanted.includes('RFC822.SIZE')) parts.push(`RFC822.SIZE ${mail.raw.length}`);
      const [asked, from, length] = /BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?/.exec(wanted) ?? [];
      const body = /BODY\.PEEK\[HEADER(\.FIELDS [^\]]*)?\]/.test(wanted)
        ? (['BODY[HEADER]', headerOf(mail)] as const)
        : asked === undefined
          ? undefined
          : from === undefined
            ? (['BODY[]', mail.raw] as const)
            : ([`BODY[]<${from}>`, mail.raw.subarray(+from, +from + Number(length))] as const);
      const start = `* ${sequence} FETCH (${parts.join(' ')}`;
      if (body === undefined) this.#write(`${start})`);
      else {
        const [name, content] = body;
        this.#write(
          Buffer.concat([
            Buffer.from(`${start} ${name} {${content.length}}\r\n`),
            content,
            Buffer.from(')\r\n'),
          ]),
        );
      }
    }
  }

  #store(set: string, flags: Token): void {
    for (const [, mail] of this.#chosen(set, true)) {
      for (const flag of [flags].flat()) mail.flags.add(flag);
    }
  }

  #append(tag: string, rest: readonly Token[]): void {
    const folder = this.#user?.folders.get(String(rest[0]));
    if (folder === undefined) return this.#write(`${tag} NO [TRYCREATE] no such folder`);
    const flags = rest.find((token) => Array.isArray(token)) ?? [];
    const mail = folder.append(Buffer.from(String(rest.at(-1)), 'latin1'), [flags].flat());
    return this.#write(`${tag} OK [APPENDUID ${folder.uidValidity} ${mail.uid}] kept`);
  }
}

/** Words, quoted strings, and lists of these in parentheses. */
function tokensOf(line: string): [string, ...Token[]] {
  const tokens: Token[] = [];
  let list: string[] | undefined;
  for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+(?:\[[^\]]*\])?/g)) {
    if (word === '(') list = [];
    else if (word === ')') {
      if (list !== undefined) tokens.push(list);
      list = undefined;
    } else {
      const value = word.startsWith('"') ? unquoted(word) : word;
      if (list === undefined) tokens.push(value);
      else list.push(value);
    }
  }
  const [tag, ...rest] = tokens;
  return [String(tag ?? ''), ...rest];
}

function unquoted(word: string): string {
  const value: unknown = JSON.parse(word);
  return typeof value === 'string' ? value : '';
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const imapDate = (date: Date): string =>
  `${String(date.getUTCDate()).padStart(2, ' ')}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
