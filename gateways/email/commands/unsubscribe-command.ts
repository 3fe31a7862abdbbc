import { NetworkError } from '../../../src/plugin/index.ts';
import type { GatewayCommand } from '../../../src/plugin/index.ts';
import { contactOf } from '../mail-address.ts';
import type { Addresses, NameService } from '../name-service.ts';
import { askOutside } from '../outside-request.ts';
import type { Unsubscribe } from '../reading/mailing-list.ts';
import type { EmailSession } from '../session.ts';
import { texts } from '../texts.ts';
import type { Texts } from '../texts.ts';
import { sessionOf } from './session-of.ts';

/** Leaves a list or newsletter in the way that it offers (RFC 2369 §3.2, RFC 8058). */
export const unsubscribeCommand = ({ outside }: NameService): GatewayCommand => ({
  node: 'unsubscribe',
  name: (language) => texts(language).unsubscribeName,
  word: (language) => texts(language).unsubscribeWord,
  at: 'contact',
  for: 'user',
  async *run(request) {
    const said = texts(request.language);
    const session = sessionOf(request);
    const { address, signal } = request;
    if (address?.kind !== 'contact') throw new NetworkError('not-found', said.noUnsubscribe);
    const reading = await session.mailbox.last(address.id);
    const way = reading?.unsubscribe;
    if (way === undefined) return { text: said.noUnsubscribe, isFailed: true };
    if (way.mail === undefined && !way.isOneClick) {
      return { text: said.unsubscribeLink(way.url ?? '') };
    }
    const answers = yield {
      title: said.unsubscribeName,
      instructions: said.unsubscribeAsk(way.mail ?? way.url ?? ''),
      fields: [{ name: 'sure', label: said.unsubscribeSure, kind: 'flag', value: 'false' }],
    };
    if (answers['sure'] !== 'true') return { text: said.nothingDone };
    return { text: await leave(session, way, { addresses: outside, said, signal }) };
  },
});

async function leave(
  session: EmailSession,
  way: Unsubscribe,
  {
    addresses,
    said,
    signal,
  }: { readonly addresses: Addresses; readonly said: Texts; readonly signal: AbortSignal },
): Promise<string> {
  if (way.isOneClick && way.url !== undefined) {
    const answer = await askOutside(way.url, {
      addresses,
      signal,
      form: 'List-Unsubscribe=One-Click',
    });
    if (answer !== undefined && answer.status < 400) return said.unsubscribed;
    if (way.mail === undefined) return said.unsubscribeLink(way.url);
  }
  const subject = way.subject ?? 'unsubscribe';
  await session.send(
    { kind: 'contact', id: contactOf(way.mail ?? '') },
    {
      key: `unsubscribe ${way.mail} ${Date.now()}`,
      text: subject,
      subject,
      at: new Date(),
      asksReceipt: false,
      attempt: 1,
    },
  );
  return said.unsubscribed;
}
