const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** Reads a time as of XEP-0082 §3.2, in milliseconds since 1970; `undefined` for what is none. */
export function parseDateTime(text: string): number | undefined {
  const [, date, time, fraction = '', zone] = DATE_TIME.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}.${`${fraction}000`.slice(0, 3)}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
