import type { Content, File } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { fallbackElement, partBody } from '../xmpp/fallback.ts';
import type { MessageParts } from '../xmpp/message-parts.ts';
import { NS_CLIENT, NS_FILE_METADATA, NS_OOB, NS_SFS, NS_URL_DATA } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { withLinks } from './links.ts';
import { messageTexts } from './message-texts.ts';
import { can, offered } from './place.ts';
import type { Place } from './place.ts';

/** A file as a message shows it. */
export type ShownFile = Omit<File, 'open'>;

/** XEP-0447 and XEP-0066: files that go with messages. */
export function files(domain: GatewayDomain): Feature {
  return offered(domain, 'files', [NS_OOB, NS_SFS], ['contact', 'occupant', 'room']);
}

/**
 * What the user wants to go with her message. To a network without files she says where they are.
 * @throws StanzaError for more, or larger ones, than the network takes
 */
export function withFiles({ session, parts }: Place, content: Content): Content {
  const found = filesIn(session, parts);
  if (!can(session, 'files')) {
    const links = parts.links.length > 0 ? parts.links : parts.shares.map(linkTo);
    return { ...content, text: withLinks(content.text, links) };
  }
  const urls = new Set(found.map(({ url }) => url));
  const others = parts.links.filter(({ url }) => !urls.has(url));
  const said = partBody(content.text, parts.fallbacks, NS_SFS).text;
  const text = withLinks(urls.has(said.trim()) ? '' : said, others);
  if (found.length === 0) return { ...content, text };
  check(session, found);
  return { ...content, text, files: found };
}

/** What a stanza of its own has for each file: clients show one whose text is nothing but its address. */
export function fileElements({ name, type, sizeBytes, url }: ShownFile): XmlElement[] {
  if (url === undefined) return [];
  const size = sizeBytes === undefined ? undefined : text('size', String(sizeBytes));
  return [
    xml('body', NS_CLIENT, {}, [url]),
    xml('x', NS_OOB, {}, [xml('url', NS_OOB, {}, [url])]),
    xml('file-sharing', NS_SFS, { disposition: dispositionOf(type) }, [
      xml('file', NS_FILE_METADATA, {}, [text('media-type', type), text('name', name), size]),
      xml('sources', NS_SFS, {}, [xml('url-data', NS_URL_DATA, { target: url })]),
    ]),
    fallbackElement(NS_SFS),
  ];
}

/** A line for a file that cannot be fetched anywhere. */
export function fileLine(
  { language }: Pick<UserSession, 'language'>,
  { name, type, sizeBytes }: ShownFile,
): string {
  const about = sizeBytes === undefined ? type : `${type}, ${sizeText(sizeBytes)}`;
  return messageTexts(language).file(name, about);
}

function filesIn({ domain, language }: UserSession, { links, shares }: MessageParts): File[] {
  const found = new Map<string, File>();
  for (const { url, name, type, sizeBytes } of shares) {
    if (!isWeb(url)) continue;
    const size = sizeBytes === undefined ? {} : { sizeBytes };
    const file = domain.files.fromUser(
      { name: name ?? '', type: type ?? '', url, ...size },
      language,
    );
    found.set(url, file);
  }
  for (const { url, description = '' } of links) {
    if (!isWeb(url) || found.has(url)) continue;
    const name = /\.\w{1,5}$/.test(description.trim()) ? description.trim() : '';
    found.set(url, domain.files.fromUser({ name, type: '', url }, language));
  }
  return [...found.values()];
}

function check(session: UserSession, found: readonly File[]): void {
  const { files: count = Infinity, fileBytes = Infinity } = session.domain.gateway.limits ?? {};
  const { language } = session;
  const texts = messageTexts(language);
  const large = found.find(({ sizeBytes = 0 }) => sizeBytes > fileBytes);
  const problem =
    found.length > count
      ? texts.tooManyFiles(count)
      : large === undefined
        ? undefined
        : texts.tooLargeFile(large.name, sizeText(fileBytes));
  if (problem !== undefined) throw new StanzaError('not-acceptable', problem, { language });
}

function linkTo({ url, name }: { readonly url: string; readonly name: string | undefined }): {
  readonly url: string;
  readonly description: string | undefined;
} {
  return { url, description: name };
}

function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function dispositionOf(type: string): string {
  return /^(?:image|video|audio)\//.test(type) ? 'inline' : 'attachment';
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1_000)} kB`
    : `${Math.round(bytes / 100_000) / 10} MB`;
}

function text(name: string, value: string): XmlElement {
  return xml(name, NS_FILE_METADATA, {}, [value]);
}
