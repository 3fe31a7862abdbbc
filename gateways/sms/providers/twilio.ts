import type { Examination, Finding } from '../../../src/plugin/index.ts';
import { dialled } from '../party.ts';
import { ProviderError } from '../provider-error.ts';
import type { Capabilities, Desk, Health, Provider, TextOut } from '../provider.ts';
import type { TwilioOptions } from '../provider-options.ts';
import { Shelf } from '../shelf.ts';
import { TwilioClient } from './twilio-client.ts';
import { toProviderError } from './twilio-errors.ts';
import type { ReceivedFile } from './twilio-media.ts';
import { MediaOffers } from './twilio-offers.ts';
import { answerWebhook } from './twilio-webhook.ts';

/** Twilio's own limits on files in all (its MMS documentation). */
const FILES = { count: 10, bytes: 5_000_000 };
/** How many of the last texts to one number are looked through for one that may have been taken. */
const LOOKED_THROUGH = 50;
const NO_HOOKS = {
  text: 'tells neither of texts that come in nor of what became of others',
  advice: 'set http.publicUrl',
};
/** Clocks differ. */
const SKEW_MS = 120_000;

/** Twilio: its REST API out, its webhooks in. */
export function createTwilio(options: TwilioOptions, desk: Desk): Provider {
  return new TwilioProvider(options, desk);
}

class TwilioProvider implements Provider {
  readonly capabilities: Capabilities = {
    files: FILES,
    groups: false,
    names: true,
    receipts: true,
  };
  readonly #options: TwilioOptions;
  readonly #desk: Desk;
  readonly #client: TwilioClient;
  readonly #offers = new MediaOffers();
  /** Which message a SID was for: equal texts to one number are told apart by it. */
  readonly #sids: Shelf;
  #trouble: string | undefined;

  constructor(options: TwilioOptions, desk: Desk) {
    this.#options = options;
    this.#desk = desk;
    this.#client = new TwilioClient(options);
    this.#sids = new Shelf(desk.memory, 'sids');
  }

  async start(): Promise<void> {
    if (this.#desk.hookUrl !== undefined) return;
    this.#desk.log.warn(
      'http.publicUrl is not set: Twilio can tell neither of texts that come in nor of what became of others',
    );
  }

  async send(text: TextOut, signal: AbortSignal): Promise<void> {
    const request = this.#request(text, await this.#mediaUrls(text, signal));
    try {
      const client = await this.#client.get();
      const { sid } = await unlessAborted(client.messages.create(request), signal);
      this.#trouble = undefined;
      await this.#sids.put(sid, text.key);
    } catch (error) {
      throw this.#noted(toProviderError(error));
    }
  }

  /** There is no key against doing a thing twice in this API: what it has is looked through for the text. */
  async find(text: TextOut, signal: AbortSignal): Promise<boolean> {
    const { from, to, at } = text;
    try {
      const client = await this.#client.get();
      const sent = await unlessAborted(
        client.messages.list({
          to: dialled(to),
          ...(this.#options.messagingServiceSid === undefined ? { from } : {}),
          limit: LOOKED_THROUGH,
          pageSize: LOOKED_THROUGH,
        }),
        signal,
      );
      // The oldest first: equal texts are given away in the order in which they were sent.
      for (const { sid, body, dateCreated, direction } of sent.toReversed()) {
        if (direction === 'inbound' || dateCreated.getTime() < at.getTime() - SKEW_MS) continue;
        if (squeezed(body) !== squeezed(text.text)) continue;
        const key = await this.#sids.get(sid);
        if (key !== undefined && key !== text.key) continue;
        await this.#sids.put(sid, text.key);
        return true;
      }
      return false;
    } catch (error) {
      const trouble = toProviderError(error);
      // Looking has no outcome that could be uncertain.
      throw this.#noted(
        trouble.what === 'uncertain' ? new ProviderError('down', trouble.message) : trouble,
      );
    }
  }

  async web(request: Request, path: string): Promise<Response> {
    if (path.startsWith('media/')) return this.#offers.answer(request, path);
    if (path !== '') return new Response('Not found\n', { status: 404 });
    return answerWebhook(request, {
      options: this.#options,
      client: this.#client,
      desk: this.#desk,
      stored: (sid, files) => {
        if (this.#options.deleteMedia) this.#deleteMedia(sid, files);
      },
    });
  }

  /** Reads the account, which costs nothing. */
  async diagnose({ signal }: Examination): Promise<readonly Finding[]> {
    const about = 'Twilio';
    const hooks: readonly Finding[] =
      this.#desk.hookUrl === undefined ? [{ verdict: 'warning', about, ...NO_HOOKS }] : [];
    try {
      const client = await this.#client.get();
      const { accountSid } = this.#options;
      const account = client.api.v2010.accounts(accountSid).fetch();
      const { status } = await unlessAborted(account, signal);
      if (status === 'active')
        return [{ verdict: 'ok', about, text: 'takes the account' }, ...hooks];
      return [{ verdict: 'trouble', about, text: `the account is ${status}` }, ...hooks];
    } catch (error) {
      const { message, what } = toProviderError(error);
      const advice =
        what === 'refuses'
          ? 'look at provider.accountSid and provider.authToken'
          : 'look at the way to its API, and at provider.apiUrl';
      const text = message.replace(/^Twilio:? /, '');
      return [{ verdict: 'trouble', about, text, advice }, ...hooks];
    } finally {
      this.#client.close();
    }
  }

  health(): Health {
    return { isUp: this.#trouble === undefined, text: this.#trouble ?? 'Twilio' };
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#sids.flush();
  }

  #request(
    text: TextOut,
    mediaUrl: string[],
  ): Parameters<Awaited<ReturnType<TwilioClient['get']>>['messages']['create']>[0] {
    const { hookUrl } = this.#desk;
    const { messagingServiceSid } = this.#options;
    return {
      to: dialled(text.to),
      from: text.from,
      ...(text.text === '' ? {} : { body: text.text }),
      ...(messagingServiceSid === undefined ? {} : { messagingServiceSid }),
      ...(mediaUrl.length === 0 ? {} : { mediaUrl }),
      ...(hookUrl === undefined ? {} : { statusCallback: `${hookUrl}?ticket=${text.ticket}` }),
    };
  }

  /** Without an address of ours Twilio is sent to where the files lie. */
  async #mediaUrls({ files }: TextOut, signal: AbortSignal): Promise<string[]> {
    const { hookUrl } = this.#desk;
    if (hookUrl !== undefined) {
      const paths = await this.#offers.offer(files, FILES.bytes, signal);
      return paths.map((path) => `${hookUrl}/${path}`);
    }
    return files.map(({ url }) => {
      if (url !== undefined) return url;
      throw new ProviderError('bad-media', 'http.publicUrl is not set');
    });
  }

  /** What could not be fetched stays where it is. */
  #deleteMedia(message: string, files: readonly ReceivedFile[]): void {
    for (const { sid, isFetched } of files) {
      if (!isFetched) {
        this.#desk.log.warn(
          { message, sid },
          'a file was not fetched from Twilio, and stays there',
        );
        continue;
      }
      this.#client
        .get()
        .then((client) => client.messages(message).media(sid).remove())
        .catch((error: unknown) => {
          this.#desk.log.warn(
            { err: error, message, sid },
            'a file could not be deleted at Twilio',
          );
        });
    }
  }

  #noted(error: ProviderError): ProviderError {
    if (error.failure === undefined) this.#trouble = error.message;
    if (error.what === 'refuses')
      this.#desk.log.error({ err: error }, 'Twilio refuses the credentials');
    return error;
  }
}

const squeezed = (text: string | null | undefined): string =>
  (text ?? '').replace(/\s+/g, ' ').trim();

/** The library cannot be told to stop: what it does then is not waited for. */
async function unlessAborted<Value>(call: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new ProviderError('uncertain', 'Twilio: no answer in time'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([call, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
