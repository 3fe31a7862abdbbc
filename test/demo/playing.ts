import type { XmppClient } from '../harness/xmpp-client.ts';

/** One line of the play. Without a name it is a stage direction. */
export function say(who: string, text: string): void {
  console.log(`${who.padStart(12)} │ ${text}`.trimEnd());
}

/** What a Jabber client does to register with a gateway (XEP-0077), and to have it in the roster. */
export async function register(client: XmppClient, gateway: string, fields: string): Promise<void> {
  await client.iq(`<iq type='get' to='${gateway}'><query xmlns='jabber:iq:register'/></iq>`);
  const answer = await client.iq(
    `<iq type='set' to='${gateway}'><query xmlns='jabber:iq:register'>${fields}</query></iq>`,
    WAIT_MS,
  );
  if (answer.attrs['type'] !== 'result') throw new Error(`${gateway} refuses the registration`);
  await client.expect(`<presence type='subscribe' from='${gateway}'/>`);
  client.send(`<presence to='${gateway}' type='subscribed'/>`);
  client.send(`<presence to='${gateway}' type='subscribe'/>`);
  await client.expect(`<presence type='subscribed' from='${gateway}'/>`);
}

/** For what goes through another network, on a machine that is busy. */
export const WAIT_MS = 20_000;
