const MAX_LENGTH = 120;
const MAX_EXTENSION = 12;
/** Names that mean a device somewhere. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A name that is safe as that of a file anywhere: no path, nothing invisible, neither empty nor endless. */
export function cleanName(name: string, fallback = 'file'): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const visible = base
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+|(?<![. ])[. ]+$/g, '');
  if (visible === '') return fallback;
  const named = DEVICE.test(visible) ? `_${visible}` : visible;
  return shortened(named);
}

/** The end tells what it is, and stays. */
function shortened(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= MAX_LENGTH) return name;
  const extension = /\.[^.]+$/.exec(name)?.[0] ?? '';
  const end = extension.length <= MAX_EXTENSION ? extension : '';
  return `${characters.slice(0, MAX_LENGTH - end.length).join('')}${end}`;
}

/** The name at the end of an address on the web. */
export function nameInUrl(url: string): string {
  try {
    return cleanName(decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? ''));
  } catch {
    return 'file';
  }
}
