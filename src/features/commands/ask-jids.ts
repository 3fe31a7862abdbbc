import type { Answers, Step } from '../../plugin/index.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import { parseJid } from '../../xmpp/jid.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { adminTexts } from './admin-texts.ts';
import type { CommandCall } from './command.ts';

export interface JidQuestion {
  readonly instructions: string;
  readonly isOne?: boolean;
  /** What else is asked comes after it. */
  readonly hasMore?: boolean;
  /** Which of them there is nothing to be done for, and how to say so; by default those who have not registered. */
  readonly refuse?: (jids: readonly Jid[]) => string | undefined;
}

/** Asks an administrator for users until all of them are some (XEP-0133: `accountjid`, `accountjids`). */
export async function* askJids(
  domain: GatewayDomain,
  { language }: CommandCall,
  { instructions, isOne = false, hasMore = false, refuse }: JidQuestion,
): AsyncGenerator<Step, readonly Jid[], Answers> {
  const texts = adminTexts(language);
  const name = isOne ? 'accountjid' : 'accountjids';
  let step: Step = {
    instructions,
    fields: [
      {
        name,
        label: isOne ? texts.jid : texts.jids,
        kind: isOne ? 'text' : 'lines',
        isRequired: true,
      },
    ],
    isLast: !hasMore,
  };
  for (;;) {
    const { [name]: text = '' } = yield step;
    const words = [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
    const jids = words.map((word) => parseJid(word)).filter((jid) => jid !== undefined);
    const problem =
      jids.length < words.length
        ? texts.notRegistered(words.filter((word) => parseJid(word) === undefined).join(', '))
        : refuse === undefined
          ? await unregistered(domain, jids, texts.notRegistered)
          : refuse(jids);
    if (problem === undefined) return jids;
    const fields = step.fields.map((field) => ({ ...field, value: text }));
    step = { ...step, fields, problem };
  }
}

async function unregistered(
  { store, domain }: GatewayDomain,
  jids: readonly Jid[],
  words: (jids: string) => string,
): Promise<string | undefined> {
  const strangers: string[] = [];
  for (const { bare } of jids) {
    if ((await store.registrations.find(domain, bare)) === undefined) strangers.push(bare);
  }
  return strangers.length === 0 ? undefined : words(strangers.join(', '));
}
