import type { Logger } from 'pino';
import type { FileNote, Files } from '../delivery/files.ts';
import type { Clock } from '../delivery/clock.ts';
import { NetworkError } from '../plugin/index.ts';
import type { File, Language } from '../plugin/index.ts';
import type { MediaRow, MediaStore } from '../store/media.ts';
import { cleanName, nameInUrl } from './file-name.ts';
import type { Resolve } from './guarded-request.ts';
import type { MediaFolder } from './media-folder.ts';
import { mediaType } from './media-type.ts';
import { signedPath, ticketOf } from './signed-path.ts';
import type { Ask, Uploads } from './upload.ts';

const DAY_MS = 86_400_000;
const SWEEP_MS = 3_600_000;
const TRIES = 3;
const PAUSE_MS = 1_000;
const KEEP_TIMEOUT_MS = 300_000;

export interface MediaOptions {
  readonly store: MediaStore;
  readonly folder: MediaFolder;
  /** What addresses of files are signed with. */
  readonly key: Uint8Array;
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: {
    readonly maxBytes: number;
    readonly quotaBytes: number;
    readonly keepDays: number;
    readonly types: readonly string[];
    readonly trustedHosts: readonly string[];
  };
  readonly resolve?: Resolve | undefined;
}

/** Files on their way between networks and users. */
export class Media {
  readonly #options: MediaOptions;
  #cancelSweep: (() => void) | undefined;

  constructor(options: MediaOptions) {
    this.#options = options;
  }

  /** The side of one gateway. */
  filesOf(
    domain: string,
    gateway: { readonly ask: Ask; readonly fileBytes: () => number | undefined },
  ): Files {
    const { clock, settings, resolve } = this.#options;
    const { trustedHosts } = settings;
    const guard = { trustedHosts, ...(resolve === undefined ? {} : { resolve }) };
    let found: Promise<Uploads> | undefined;
    // What speaks HTTP is loaded when the first file comes.
    const uploads = (): Promise<Uploads> =>
      (found ??= import('./upload.ts').then(
        (module) => new module.Uploads(domain, gateway.ask, guard, () => clock.now()),
      ));
    return {
      fromUser: (note, language) => this.#fromUser(note, language, gateway.fileBytes()),
      keep: (user, file) => this.#keep(domain, user, file),
      forget: (user) => this.#forget(domain, user),
      offer: (user, note) => this.#offer(user, note, uploads),
    };
  }

  /** What an address that we have given out opens. */
  async find(path: string): Promise<MediaRow | undefined> {
    const { store, key, clock } = this.#options;
    const ticket = ticketOf(path, key, clock.now());
    return ticket === undefined ? undefined : store.find(ticket.id);
  }

  get folder(): MediaFolder {
    return this.#options.folder;
  }

  /** Called before any file comes. */
  async start(): Promise<void> {
    const { store, folder } = this.#options;
    const known = await store.ids();
    for (const id of await folder.ids()) if (!known.has(id)) await folder.remove(id);
    this.#sweepAgain();
  }

  #sweepAgain(): void {
    this.#sweep().catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'old files could not be swept'),
    );
    this.#cancelSweep = this.#options.clock.after(SWEEP_MS, () => this.#sweepAgain());
  }

  stop(): void {
    this.#cancelSweep?.();
  }

  async #forget(gateway: string, user: string): Promise<void> {
    const { store, folder } = this.#options;
    for (const id of await store.remove({ gateway, user })) await folder.remove(id);
  }

  #fromUser({ url = '', ...note }: FileNote, language: Language, limit = Infinity): File {
    const { settings, resolve } = this.#options;
    const name = note.name === '' ? nameInUrl(url) : cleanName(note.name);
    const limits = {
      maxBytes: Math.min(settings.maxBytes, limit),
      types: settings.types,
      trustedHosts: settings.trustedHosts,
      language,
      ...(resolve === undefined ? {} : { resolve }),
    };
    return {
      name,
      type: mediaType(note.type, name),
      ...(note.sizeBytes === undefined ? {} : { sizeBytes: note.sizeBytes }),
      url,
      open: async (signal) => {
        const { fetchFile } = await import('./fetch-file.ts');
        return fetchFile(url, limits, signal);
      },
    };
  }

  async #keep(gateway: string, user: string, file: File): Promise<FileNote> {
    const name = cleanName(file.name);
    const size = file.sizeBytes === undefined ? {} : { sizeBytes: file.sizeBytes };
    const note: FileNote = { name, type: mediaType(file.type, name), ...size };
    if (file.url !== undefined) return { ...note, url: file.url };
    const { store, folder, settings, clock, log } = this.#options;
    try {
      const { allBytes, ownBytes } = await store.usage(user);
      // Nobody has more than what she leaves to all others: whoever sends her files without end fills nobody else's place.
      if (ownBytes > settings.quotaBytes - allBytes) {
        log.warn({ user, ownBytes, allBytes }, 'no more files are kept: the quota is used up');
        return note;
      }
      const { id, sizeBytes } = await this.#written(file);
      const { type } = note;
      const createdAt = clock.now();
      try {
        await store.add({ id, gateway, user, sizeBytes, createdAt, name, type });
      } catch (error) {
        await folder.remove(id);
        throw error;
      }
      return { ...note, sizeBytes, media: id };
    } catch (error) {
      log.warn({ err: error }, 'a file could not be kept');
      return note;
    }
  }

  async #written(file: File): ReturnType<MediaFolder['write']> {
    const { folder, settings, clock } = this.#options;
    for (let count = 1; ; count += 1) {
      try {
        const content = await file.open(AbortSignal.timeout(KEEP_TIMEOUT_MS));
        return await folder.write(content, settings.maxBytes);
      } catch (error) {
        const isTemporary = error instanceof NetworkError && error.kind === 'unreachable';
        if (!isTemporary || count >= TRIES) throw error;
        await new Promise<void>((resolve) => clock.after(PAUSE_MS * count, resolve));
      }
    }
  }

  #offer(
    user: string,
    note: FileNote,
    uploads: () => Promise<Uploads>,
  ): FileNote | Promise<FileNote> {
    const { publicUrl } = this.#options;
    if (note.url !== undefined || note.media === undefined) return note;
    return publicUrl === undefined
      ? this.#uploaded(user, note, note.media, uploads)
      : this.#signed(note, note.media, publicUrl);
  }

  async #signed(note: FileNote, id: string, publicUrl: string): Promise<FileNote> {
    const { store, key, settings } = this.#options;
    const row = await store.find(id);
    if (row === undefined) return note;
    const expiresAt = row.createdAt + settings.keepDays * DAY_MS;
    const path = signedPath({ id, expiresAt }, key);
    return { ...note, url: `${publicUrl}/media/${path}/${encodeURIComponent(note.name)}` };
  }

  async #uploaded(
    user: string,
    note: FileNote,
    id: string,
    uploads: () => Promise<Uploads>,
  ): Promise<FileNote> {
    const { store, folder, log } = this.#options;
    try {
      const row = await store.find(id);
      if (row === undefined) return note;
      if (row.uploadedTo !== undefined) return { ...note, url: row.uploadedTo };
      const server = user.slice(user.indexOf('@') + 1);
      const read = (): ReturnType<MediaFolder['read']> => folder.read(id);
      const url = await (await uploads()).upload(server, { ...row, read });
      if (url === undefined) return note;
      await store.uploaded(row, url);
      return { ...note, url };
    } catch (error) {
      log.warn({ err: error }, 'a file could not be uploaded: set http.publicUrl to offer it here');
      return note;
    }
  }

  /** Removes what is too old. */
  async #sweep(): Promise<void> {
    const { store, folder, clock, settings } = this.#options;
    const before = clock.now() - settings.keepDays * DAY_MS;
    for (const id of await store.remove({ before })) await folder.remove(id);
  }
}
