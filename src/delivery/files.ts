import type { File, Language } from '../plugin/index.ts';

/** A file as it is kept with a message: without its content. */
export interface FileNote {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes?: number;
  readonly url?: string;
  /** Where its content rests with us. */
  readonly media?: string;
}

/** What delivery needs of the media service. */
export interface Files {
  /** The file of a user, whose content is fetched when it is opened; why that fails is told in her language. */
  fromUser(note: FileNote, language: Language): File;
  /** Takes the content of a file of the network into our keeping. On disk when it resolves; never rejects. */
  keep(user: string, file: File): Promise<FileNote>;
  /** Forgets all files of a user. */
  forget(user: string): Promise<void>;
  /** Where the user can fetch it; without a URL when there is no such place. */
  offer(user: string, note: FileNote): Promise<FileNote> | FileNote;
}
