import type { Feature } from '../router/feature.ts';
import type { Surroundings } from '../router/surroundings.ts';
import { childText, xml } from '../xml/element.ts';
import { NS_GATEWAY } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { accountTexts } from './account/texts.ts';
import { writtenAddress } from './written-address.ts';

/** XEP-0100 §6.3: what to type to add a contact, and the JID for what was typed. */
export function gatewayPrompt({ domain, sessions }: Surroundings): Feature {
  const { addresses } = domain.gateway;
  const query = (name: string, text: string): ReturnType<typeof xml> =>
    xml(name, NS_GATEWAY, {}, [text]);
  return {
    namespaces: { gateway: [NS_GATEWAY] },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_GATEWAY },
        targets: ['gateway'],
        handle: ({ language, from }) => {
          const account = sessions.find(from)?.account;
          const description = addresses.description?.(language, account);
          return {
            payload: xml('query', NS_GATEWAY, {}, [
              description === undefined ? undefined : query('desc', description),
              query('prompt', addresses.prompt(language)),
            ]),
          };
        },
      },
      {
        stanza: 'iq',
        type: 'set',
        payload: { name: 'query', namespace: NS_GATEWAY },
        targets: ['gateway'],
        handle: ({ language, from }, payload) => {
          const typed = childText(payload, 'prompt', NS_GATEWAY)?.trim();
          if (typed === undefined || typed === '') throw new StanzaError('bad-request');
          const { account } = sessions.find(from) ?? {};
          const address = writtenAddress({ domain, account }, typed);
          if (address === undefined) {
            throw new StanzaError('item-not-found', accountTexts(language).noAddress, { language });
          }
          const jid = domain.jidOf(address);
          return {
            payload: xml('query', NS_GATEWAY, {}, [query('jid', jid), query('prompt', jid)]),
          };
        },
      },
    ],
  };
}
