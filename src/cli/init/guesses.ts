import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { JabberServer } from '../../stream/server-snippets.ts';
import type { Guesses } from './questions.ts';

interface Traces {
  readonly server: JabberServer;
  /** Its configuration; that of a package where there is one. */
  readonly files: readonly string[];
  /** Where that names the first domain of users. */
  readonly domain: RegExp;
}

const TRACES: readonly Traces[] = [
  {
    server: 'prosody',
    files: ['/etc/prosody/prosody.cfg.lua', '/usr/local/etc/prosody/prosody.cfg.lua'],
    domain: /^\s*VirtualHost\s*\(?\s*["'](?!localhost\b|example\.)([^"']+)["']/m,
  },
  {
    server: 'ejabberd',
    files: ['/etc/ejabberd/ejabberd.yml', '/opt/ejabberd/conf/ejabberd.yml'],
    domain:
      /^hosts:\s*\n(?:\s+-\s+["']?localhost["']?\s*\n)?\s+-\s+["']?(?!localhost\b)([^\s"']+)["']?/m,
  },
  {
    server: 'jabberd2',
    files: ['/etc/jabberd2/sm.xml', '/etc/jabberd/sm.xml', '/usr/local/etc/jabberd/sm.xml'],
    domain: /<id>(?!localhost\b|sm\b)([^<\s]+)<\/id>/,
  },
];

/** What this machine tells: the Jabber server that is installed, and the domain of its users. */
export function guessesOf(env: NodeJS.ProcessEnv): Guesses {
  for (const { server, files, domain } of TRACES) {
    const file = files.find((name) => existsSync(name));
    if (file === undefined) continue;
    return { server, domain: domain.exec(readIfAllowed(file))?.[1] ?? ownName(), ...regionOf(env) };
  }
  return { server: undefined, domain: ownName(), ...regionOf(env) };
}

/** Only the server itself may read it, often. */
function readIfAllowed(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function ownName(): string | undefined {
  const name = hostname().toLowerCase();
  return name.includes('.') ? name : undefined;
}

/** "de_AT.UTF-8" */
function regionOf(env: NodeJS.ProcessEnv): Pick<Guesses, 'region'> {
  const locale = env['LC_ALL'] ?? env['LANG'] ?? '';
  return { region: /^[a-z]{2,3}_([A-Z]{2})\b/.exec(locale)?.[1] };
}
