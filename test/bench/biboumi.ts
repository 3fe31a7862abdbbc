import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { Gateway, Surroundings } from './gateway.ts';
import { SERVER } from './names.ts';

/** Biboumi as Debian has it. @returns `undefined` where it is not installed */
export function biboumi(): Gateway | undefined {
  const found = spawnSync('sh', ['-c', 'command -v biboumi'], { encoding: 'utf8' });
  const command = found.stdout.trim();
  if (command === '') return undefined;
  const version = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'biboumi'], {
    encoding: 'utf8',
  });
  return {
    name: 'biboumi',
    version: version.status === 0 ? version.stdout : 'of unknown version',
    prepare: (around) => {
      const file = join(around.folder, 'biboumi.cfg');
      writeFileSync(file, configuration(around));
      return { command, args: [file] };
    },
    attached: saveSettings,
  };
}

function configuration({ folder, domain, secret, componentPort, ca }: Surroundings): string {
  return [
    `hostname=${domain}`,
    `password=${secret}`,
    'xmpp_server_ip=127.0.0.1',
    `port=${componentPort}`,
    `db_name=${join(folder, 'biboumi.sqlite')}`,
    'log_level=1',
    'identd_port=0',
    ...(ca === undefined ? [] : [`ca_file=${ca}`]),
    '',
  ].join('\n');
}

/** Its settings are of each user, and in its database, whose tables are there once it has attached. */
function saveSettings({ folder, ircPort, ca, archive, users }: Surroundings): void {
  const database = new Database(join(folder, 'biboumi.sqlite'), { timeout: 5_000 });
  const server = database.prepare(
    `insert into ircserveroptions_ (owner_, server_, address_, ports_, tlsports_, verifycert_,
      throttlelimit_, pass_, username_, realname_, trustedfingerprint_, encodingout_, encodingin_,
      maxhistorylength_, nick_, saslpassword_)
     values (?, '${SERVER}', '127.0.0.1', ?, ?, 0, -1, '', '', '', '', '', '', 20, '', '')`,
  );
  const global = database.prepare(
    `insert into globaloptions_ (owner_, maxhistorylength_, recordhistory_, persistent_)
     values (?, 20, ?, 0)`,
  );
  const plain = ca === undefined ? String(ircPort) : '';
  const tls = ca === undefined ? '' : String(ircPort);
  database.exec('begin');
  for (const user of users) {
    server.run(user, plain, tls);
    global.run(user, archive ? 1 : 0);
  }
  database.exec('commit');
  database.close();
}
