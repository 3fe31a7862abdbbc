/**
 * An SMSC and a Twilio for the scenarios, in a process of their own, which outlive the gateway: the stand-ins of
 * test/harness, with a door through which the scenarios look and act. Arguments: port of the SMSC, of Twilio, of the door,
 * and where Twilio tells of texts.
 */
import { createServer } from 'node:http';
import { Smsc } from '../harness/smsc.ts';
import { TwilioServer } from '../harness/twilio-server.ts';

const [smscPort = '', twilioPort = '', doorPort = '', smsUrl = ''] = process.argv.slice(2);
let smsc = await new Smsc(Number(smscPort)).start();
/** What an SMSC has got stays known when it goes away. */
const before: Smsc['submitted'] = [];
const twilio = await new TwilioServer({ port: Number(twilioPort), smsUrl }).start();
twilio.behaviours.outcome = () => ({ statuses: ['sent', 'delivered'] });
twilio.behaviours.fetches = true;

type Fields = Readonly<Record<string, string>>;

const ACTS: Readonly<Record<string, (fields: Fields) => unknown>> = {
  '/smsc': () => ({
    isBound: smsc.isBound,
    submitted: [...before, ...smsc.submitted].map(({ from, to, text, pdu }) => ({
      from,
      to,
      text,
      coding: pdu.data_coding,
    })),
  }),
  '/smsc/deliver': ({ from = '', to = '', text = '', ton }) =>
    smsc.deliver({
      source_addr: from,
      destination_addr: to,
      short_message: text,
      ...(ton === undefined ? {} : { source_addr_ton: Number(ton) }),
    }),
  '/smsc/tell': ({ stat }) => (smsc.behaviours.stat = stat),
  '/smsc/away': async () => {
    before.push(...smsc.submitted);
    await smsc.stop();
  },
  '/smsc/back': async () => {
    const { stat } = smsc.behaviours;
    smsc = await new Smsc(Number(smscPort)).start();
    smsc.behaviours.stat = stat;
  },
  '/twilio': () => ({
    messages: twilio.messages.map(({ from, to, body, direction, fetched }) => ({
      from,
      to,
      body,
      direction,
      media: fetched.map(({ type, size, data }) => ({ type, size, data: data.toString('base64') })),
    })),
    files: twilio.media.size,
    creations: twilio.requests.filter((line) => line.startsWith('POST')).length,
    lookedUp: twilio.requests.filter((line) => line.startsWith('GET')).length,
  }),
  '/twilio/busy': ({ count = '1', seconds = '1' }) =>
    Object.assign(twilio.behaviours, { busy: Number(count), retryAfter: seconds }),
  /** Without a `sid` it gets one. */
  '/twilio/text': async ({ from = '', to = '', body = '', sid, type, data = '', optOut }) => {
    const fields = {
      ...(sid === undefined ? {} : { MessageSid: sid, SmsSid: sid, SmsMessageSid: sid }),
      ...(optOut === undefined ? {} : { OptOutType: optOut }),
    };
    const media = type === undefined ? [] : [{ type, data: Buffer.from(data, 'base64') }];
    const answer = await twilio.text(from, to, body, { fields, media });
    return answer.status;
  },
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const act = ACTS[request.url ?? ''];
    const fields = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Fields;
    Promise.resolve(act?.(fields)).then(
      (value) => response.end(JSON.stringify({ value: value ?? null })),
      (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
    );
  });
});
server.listen(Number(doorPort), '127.0.0.1');
