import { CALLS, resolved } from './twilio-contract.ts';
import type { Call, Schema } from './twilio-contract.ts';
import type { Exchange } from './recording-proxy.ts';

const FORMATS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'phone-number': (value) => /^\+[1-9]\d{1,14}$/.test(String(value)),
  uri: isUri,
  'uri-map': (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every(isUri),
  'date-time-rfc-2822': (value) =>
    /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/.test(String(value)),
  'date-time': (value) => !Number.isNaN(Date.parse(String(value))),
  currency: (value) => /^[A-Z]{3}$/.test(String(value)),
  int64: Number.isSafeInteger,
};

/** Lists give paths alone. */
function isUri(value: unknown): boolean {
  return (
    typeof value === 'string' && value !== '' && URL.canParse(value, 'https://api.example.org')
  );
}

/** Which call an exchange is. */
export function callOf({ method, path }: Exchange): Call | undefined {
  return CALLS.find((call) => call.method === method && call.path.test(path));
}

/** Everything about a successful exchange that the description does not allow, in words. */
export function faultsOf(call: Call, exchange: Exchange): string[] {
  return [
    ...sentFaults('query', exchange.query, { properties: call.query }),
    ...sentFaults('form', exchange.form, call.form ?? {}),
    ...(exchange.status === call.status ? [] : [`status ${exchange.status}`]),
    ...(call.reply === undefined
      ? exchange.answer === ''
        ? []
        : ['an answer where none is due']
      : valueFaults('reply', JSON.parse(exchange.answer), call.reply)),
  ];
}

function sentFaults(place: string, sent: URLSearchParams, allowed: Schema): string[] {
  const { properties = {}, required = [] } = allowed;
  const unknown = [...sent.keys()].filter((name) => !(name in properties));
  const missing = required.filter((name) => !sent.has(name));
  return [
    ...unknown.map((name) => `${place}: ${name} is not allowed`),
    ...missing.map((name) => `${place}: ${name} is missing`),
    ...Object.entries(properties).flatMap(([name, reference]) => {
      const schema = resolved(reference);
      const values = sent.getAll(name);
      const item = schema.type === 'array' ? schema.items : schema;
      return [
        ...(schema.type !== 'array' && values.length > 1 ? [`${place}: ${name} stands twice`] : []),
        ...values.flatMap((value) =>
          valueFaults(`${place}: ${name}`, readAs(value, item), item ?? {}),
        ),
      ];
    }),
  ];
}

function readAs(value: string, schema: Schema | undefined): unknown {
  if (schema?.type === 'integer' || schema?.type === 'number') return Number(value);
  return schema?.type === 'boolean' ? value === 'true' : value;
}

/** No property may be missing, and none may be there that is not described. */
function objectFaults(
  place: string,
  value: object,
  properties: Readonly<Record<string, Schema>>,
): string[] {
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].filter((name) => !(name in properties));
  return [
    ...unknown.map((name) => `${place}: ${name} is not described`),
    ...Object.entries(properties).flatMap(([name, schema]) =>
      fields.has(name)
        ? valueFaults(`${place}: ${name}`, fields.get(name), schema)
        : [`${place}: ${name} is missing`],
    ),
  ];
}

function valueFaults(place: string, value: unknown, reference: Schema): string[] {
  const schema = resolved(reference);
  if (value === null) return schema.nullable === true ? [] : [`${place} is null`];
  const { type, format, items, properties } = schema;
  if (type !== undefined && !isOfType(value, type)) return [`${place} is no ${type}`];
  if (Array.isArray(value)) {
    return items === undefined
      ? []
      : value.flatMap((item: unknown, index) => valueFaults(`${place}[${index}]`, item, items));
  }
  if (format !== undefined && FORMATS[format]?.(value) === false)
    return [`${place} is no ${format}`];
  if (typeof value === 'object' && properties !== undefined) {
    return objectFaults(place, value, properties);
  }
  return typeof value === 'string'
    ? textFaults(place, value, schema)
    : numberFaults(place, value, schema);
}

function textFaults(place: string, value: string, schema: Schema): string[] {
  const { pattern, minLength = 0, maxLength = Infinity } = schema;
  if (pattern !== undefined && !new RegExp(pattern).test(value))
    return [`${place} is not ${pattern}`];
  if (value.length < minLength || value.length > maxLength) return [`${place} has a wrong length`];
  const isOutside = schema.enum !== undefined && !schema.enum.includes(value);
  return isOutside ? [`${place} is none of its set`] : [];
}

function numberFaults(place: string, value: unknown, { minimum, maximum }: Schema): string[] {
  const number = Number(value);
  return number < (minimum ?? -Infinity) || number > (maximum ?? Infinity)
    ? [`${place} is out of its range`]
    : [];
}

function isOfType(value: unknown, type: NonNullable<Schema['type']>): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}
