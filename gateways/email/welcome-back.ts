import type { Consents } from './sign-in/oauth.ts';
import { texts } from './texts.ts';

/** Where providers send users back to (RFC 6749 §4.1.2): remembers what they bring, and says where to go on. */
export function welcomeBack(request: Request, consents: Consents | undefined): Response {
  const url = new URL(request.url);
  const isKnown = request.method === 'GET' && consents?.answer(url.searchParams) === true;
  const language = request.headers.get('accept-language')?.split(/[,;]/, 1)[0] ?? 'en';
  const { backKnown, backUnknown } = texts(language);
  return new Response(`${isKnown ? backKnown : backUnknown}\n`, {
    status: isKnown ? 200 : 404,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  });
}
