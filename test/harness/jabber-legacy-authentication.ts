import { createHash } from 'node:crypto';
import { errorReply, resultReply } from './stanza-replies.ts';
import { child, childText, element, type Element } from './xml-element.ts';

export const NS_AUTH = 'jabber:iq:auth';

interface Answer {
  readonly reply: Element;
  readonly login: { readonly user: string; readonly resource: string } | undefined;
}

/** XEP-0078: log in and binding in one IQ, with the plain password or its digest with the stream id. */
export function answerLegacyAuthentication(
  iq: Element,
  streamId: string,
  passwordOf: (user: string) => string | undefined,
): Answer {
  const query = child(iq, 'query', NS_AUTH);
  const refuse = (type: 'auth' | 'modify', condition: string): Answer => ({
    reply: errorReply(iq, type, condition) ?? resultReply(iq),
    login: undefined,
  });
  if (query === undefined) return refuse('modify', 'bad-request');
  if (iq.attrs['type'] === 'get') {
    const names = ['username', 'password', 'digest', 'resource'];
    const fields = names.map((name) => element(name, NS_AUTH));
    return { reply: resultReply(iq, element('query', NS_AUTH, {}, fields)), login: undefined };
  }
  const user = (childText(query, 'username') ?? '').toLowerCase();
  const resource = childText(query, 'resource') ?? '';
  const given = childText(query, 'password');
  const digest = childText(query, 'digest');
  if (user === '' || resource === '' || (given === undefined && digest === undefined)) {
    return refuse('modify', 'not-acceptable');
  }
  const password = passwordOf(user);
  const expected =
    password === undefined
      ? undefined
      : createHash('sha1').update(`${streamId}${password}`).digest('hex');
  const isRight = password !== undefined && (given === password || digest === expected);
  if (!isRight) return refuse('auth', 'not-authorized');
  return { reply: resultReply(iq), login: { user, resource } };
}
