import { CALLS } from './twilio-contract.ts';
import type { Call, CallName, Format, Properties, Property } from './twilio-contract.ts';
import type { Exchange } from './recording-proxy.ts';

const NAMES = Object.keys(CALLS).filter((name): name is CallName => name in CALLS);

const FORMATS: Readonly<Record<Format, (value: unknown) => boolean>> = {
  'phone-number': (value) => /^\+[1-9]\d{1,14}$/.test(String(value)),
  uri: isUri,
  'uri-map': (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every(isUri),
  'rfc-2822': (value) => /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/.test(String(value)),
  currency: (value) => /^[A-Z]{3}$/.test(String(value)),
};

/** Lists give paths alone. */
function isUri(value: unknown): boolean {
  return (
    typeof value === 'string' && value !== '' && URL.canParse(value, 'https://api.example.org')
  );
}

/** Which call an exchange is; the most exact path first, since a name stands for no slash. */
export function callOf({ method, path }: Exchange): CallName | undefined {
  return NAMES.find((name) => {
    const call = CALLS[name];
    const pattern = call.path
      .replaceAll('.', '\\.')
      .replace('{AccountSid}', 'AC[0-9a-f]{32}')
      .replace('{MessageSid}', '(?:SM|MM)[0-9a-f]{32}')
      .replace('{Sid}', '(?:SM|MM|ME)[0-9a-f]{32}');
    return call.method === method && new RegExp(`^/2010-04-01${pattern}$`).test(path);
  });
}

/** Everything about a successful exchange that the table does not allow, in words. */
export function faultsOf(name: CallName, exchange: Exchange): string[] {
  const call: Call = CALLS[name];
  return [
    ...sentFaults('query', exchange.query, call.query ?? {}),
    ...sentFaults('form', exchange.form, call.form ?? {}),
    ...(exchange.status === call.status ? [] : [`status ${exchange.status}`]),
    ...(call.reply === undefined
      ? exchange.answer === ''
        ? []
        : ['an answer where none is due']
      : objectFaults('reply', JSON.parse(exchange.answer), call.reply)),
  ];
}

function sentFaults(place: string, sent: URLSearchParams, allowed: Properties): string[] {
  const unknown = [...sent.keys()].filter((name) => !(name in allowed));
  const faults = unknown.map((name) => `${place}: ${name} is not allowed`);
  for (const [name, property] of Object.entries(allowed)) {
    const values = sent.getAll(name);
    if (property.isRequired === true && values.length === 0)
      faults.push(`${place}: ${name} is missing`);
    if (property.type !== 'array' && values.length > 1)
      faults.push(`${place}: ${name} stands twice`);
    for (const value of values) {
      if (property.type === 'array') continue;
      const read = property.type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
      faults.push(...valueFaults(`${place}: ${name}`, read, property));
    }
  }
  return faults;
}

/** No property may be missing, and none may be there that is not described. */
function objectFaults(place: string, value: unknown, properties: Properties): string[] {
  if (typeof value !== 'object' || value === null) return [`${place} is no object`];
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].filter((name) => !(name in properties));
  return [
    ...unknown.map((name) => `${place}: ${name} is not described`),
    ...Object.entries(properties).flatMap(([name, property]) =>
      fields.has(name)
        ? valueFaults(`${place}: ${name}`, fields.get(name), property)
        : [`${place}: ${name} is missing`],
    ),
  ];
}

function valueFaults(place: string, value: unknown, property: Property): string[] {
  if (value === null) return property.isNullable === true ? [] : [`${place} is null`];
  const { type, format, pattern, oneOf, items } = property;
  if (!isOfType(value, type)) return [`${place} is no ${type}`];
  if (Array.isArray(value)) {
    return items === undefined
      ? []
      : value.flatMap((item: unknown, index) => objectFaults(`${place}[${index}]`, item, items));
  }
  if (format !== undefined && !FORMATS[format](value)) return [`${place} is no ${format}`];
  if (typeof value !== 'string') return [];
  if (pattern !== undefined && !pattern.test(value)) return [`${place} is not ${pattern}`];
  if (oneOf !== undefined && !oneOf.includes(value)) return [`${place} is none of its set`];
  return [];
}

function isOfType(value: unknown, type: Property['type']): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}
