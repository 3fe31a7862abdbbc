import type { Attachment } from '../mime/attachment.ts';
import type { Texts } from '../texts.ts';
import { invitation } from './invitation.ts';

/** What a part is that no chat can show as it is. */
export interface SpecialParts {
  /** Sentences for the user, to stand over or in place of the text. */
  readonly notices: readonly string[];
  /** Parts that say nothing to a person. */
  readonly dropped: ReadonlySet<Attachment>;
}

const TINY_IMAGE_BYTES = 5_120;

/** Says in words what of a mail cannot be read here: invitations, S/MIME, PGP, winmail.dat. */
export function specialParts(attachments: readonly Attachment[], texts: Texts): SpecialParts {
  const notices: string[] = [];
  const dropped = new Set<Attachment>();
  let hasInvitation = false;
  for (const part of attachments) {
    const { type } = part;
    const drop = (): unknown => dropped.add(part);
    const name = (part.name ?? '').toLowerCase();
    if (/^application\/(x-)?pkcs7-signature$|^application\/pgp-signature$/.test(type)) drop();
    else if (type === 'application/pgp-encrypted') {
      drop();
      notices.push(texts.encryptedPgp);
    } else if (/^application\/(x-)?pkcs7-mime$/.test(type)) {
      notices.push(isSigned(part) ? texts.signedSmime : texts.encryptedSmime);
    } else if (type === 'application/ms-tnef' || name === 'winmail.dat') {
      notices.push(texts.winmail);
    } else if (type === 'text/calendar' || (name.endsWith('.ics') && type.startsWith('text/'))) {
      if (hasInvitation) drop();
      else notices.push(invitation(part.content().toString(), texts));
      hasInvitation = true;
    } else if (type === 'application/ics' && hasInvitation) drop();
    else if (isTinyImage(part)) drop();
  }
  return { notices, dropped };
}

function isSigned(part: Attachment): boolean {
  const kind = part.parameters.get('smime-type')?.toLowerCase();
  return kind === 'signed-data' || kind === 'certs-only';
}

/** Trackers, spacers, logos in signatures: what the HTML shows in passing. */
const isTinyImage = (part: Attachment): boolean =>
  part.type.startsWith('image/') &&
  part.maxBytes < TINY_IMAGE_BYTES &&
  part.disposition !== 'attachment' &&
  part.isReferable;

/** Inline PGP (RFC 9580 §6-7): signed text without its armour; for what is encrypted, a notice. */
export function withoutArmour(
  text: string,
  texts: Texts,
): { readonly text: string; readonly notice?: string } {
  if (/^-----BEGIN PGP MESSAGE-----\s*$/m.test(text)) {
    const start = text.indexOf('-----BEGIN PGP MESSAGE-----');
    const end = text.indexOf('-----END PGP MESSAGE-----');
    const rest = text.slice(0, start) + (end < 0 ? '' : text.slice(end + 25));
    return { text: rest.trim(), notice: texts.encryptedPgp };
  }
  const signed =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[A-Za-z]+:.*\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----[\s\S]*?-----END PGP SIGNATURE-----/m.exec(
      text,
    );
  if (signed === null) return { text };
  const inner = (signed[1] ?? '').replace(/^- /gm, '');
  const before = text.slice(0, signed.index);
  return { text: before + inner + text.slice(signed.index + signed[0].length) };
}
