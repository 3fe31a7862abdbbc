import type { Consents, Welcome } from './sign-in/oauth.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';

/** Where providers send users back to (RFC 6749 §4.1.2): remembers what they bring, and says where to go on. */
export function welcomeBack(request: Request, consents: Consents | undefined): Response {
  const url = new URL(request.url);
  const back = request.method === 'GET' ? consents?.answer(url.searchParams) : undefined;
  const language = request.headers.get('accept-language')?.split(/[,;]/, 1)[0] ?? 'en';
  const words = texts(language);
  return new Response(`${back === undefined ? words.backUnknown : said(back, words)}\n`, {
    status: back === undefined ? 404 : 200,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}

const said = ({ address, answer, user }: Welcome, words: Texts): string =>
  'proof' in answer ? words.backKnown(user, address, answer.proof) : words.backRefused;
