import type smpp from 'smpp';
import type { Pdu, Session } from 'smpp';
import type { Finding } from '../../../src/plugin/index.ts';
import type { SmppOptions } from '../provider-options.ts';
import { ALREADY_BOUND, OK, statusOf } from './smpp-codes.ts';

type Library = typeof smpp;

const LOOK = 'look at provider.systemId, provider.password and provider.systemType';
const GOODBYE_MS = 500;

/** Binds for a moment: as a transmitter (SMPP 3.4 §4.1.1), so that no text comes that nobody would take. */
export async function examineBind(options: SmppOptions, signal: AbortSignal): Promise<Finding> {
  const { host, port, tls } = options;
  const about = `${host}:${port}`;
  const library = (await import('smpp')).default;
  const session = library.connect({ host, port, tls });
  try {
    return { about, ...verdictOn(await bind(library, session, options, signal)) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const advice = 'look whether SMPP is spoken there, and at provider.tls';
    return { verdict: 'trouble', about, text, advice };
  } finally {
    await leave(library, session);
  }
}

function verdictOn({ command, command_status: status }: Pdu): Omit<Finding, 'about'> {
  if (command === 'bind_transmitter_resp' && status === OK) {
    return { verdict: 'ok', text: 'takes the bind' };
  }
  const [name] = statusOf(status);
  if (status === ALREADY_BOUND) {
    const text = `somebody is bound with this provider.systemId already: ${name}`;
    const advice = 'if it is a gateway of yours, run this with its configuration';
    return { verdict: 'warning', text, advice };
  }
  return { verdict: 'trouble', text: `refuses the bind: ${name}`, advice: LOOK };
}

function bind(
  { PDU }: Library,
  session: Session,
  options: SmppOptions,
  signal: AbortSignal,
): Promise<Pdu> {
  const { tls, systemId: system_id, password, systemType: system_type } = options;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('does not answer the bind'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    session.on('error', reject);
    session.on('close', () => reject(new Error('hangs up at the bind')));
    session.on('pdu', (pdu: Pdu) => {
      if (!pdu.isResponse()) session.send(pdu.response());
    });
    session.once(tls ? 'secureConnect' : 'connect', () => {
      const fields = { system_id, password, system_type, interface_version: 0x34 };
      session.send(new PDU('bind_transmitter', fields), resolve);
    });
  });
}

/** An SMSC that is not told may count the bind for a while. */
async function leave({ PDU }: Library, session: Session): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GOODBYE_MS);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    session.on('close', end);
    if (session.socket.destroyed || !session.send(new PDU('unbind'), end)) end();
  });
  session.destroy();
}
