import type { XmppClient } from '../harness/xmpp-client.ts';
import { JULIETS_NUMBER, NURSE, NURSES_NUMBER, SMS } from './names.ts';
import { register, say, WAIT_MS } from './playing.ts';
import type { Stage } from './stage.ts';

/** Juliet registers with her number and writes to a phone; it answers. */
export async function playSms(juliet: XmppClient, { twilio }: Stage): Promise<void> {
  await register(juliet, SMS, `<phone>${JULIETS_NUMBER}</phone>`);
  say('juliet', `is registered with ${SMS}: her number is ${JULIETS_NUMBER}`);

  const question = 'Come hither, nurse. What is yond gentleman?';
  juliet.send(
    `<message to='${NURSE}' type='chat' id='m4'><body>${question}</body><request xmlns='urn:xmpp:receipts'/></message>`,
  );
  await juliet.expect(
    `<message from='${NURSE}'><received xmlns='urn:xmpp:receipts' id='m4'/></message>`,
    WAIT_MS,
  );
  const text = twilio.messages.find(({ to }) => to === NURSES_NUMBER);
  if (text?.body !== question) throw new Error('the phone has another text');
  say('juliet', `(to ${NURSE}) ${question}`);
  say('', `(the nurse’s phone has it as a text from ${text.from}; juliet got the receipt)`);

  const answer = 'His name is Romeo, and a Montague.';
  const { status } = await twilio.text(NURSES_NUMBER, JULIETS_NUMBER, answer);
  if (status !== 200) throw new Error(`the webhook answers ${status}`);
  await juliet.expect(
    `<message from='${NURSE}' type='chat'><body>${answer}</body></message>`,
    WAIT_MS,
  );
  say('nurse', `(by text) ${answer}`);
}
