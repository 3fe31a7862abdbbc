const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'message/rfc822': 'eml',
  'application/zip': 'zip',
};

/** A name without a path, without what hides its end, and never empty. */
export function fileName(given: string | undefined, type: string): string {
  const last = (given ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(/[\p{C}\u2028\u2029]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|(?<![.\s])[.\s]+$/g, '');
  if (clean !== '') return shortened(clean);
  const ending = endings[type];
  return ending === undefined ? 'attachment' : `attachment.${ending}`;
}

/** At most 120 characters, the ending kept. */
function shortened(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= 120) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return characters.slice(0, 120 - ending.length).join('') + ending;
}
