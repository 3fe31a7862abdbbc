/**
 * The part of Twilio's REST API (version 2010-04-01) that this program uses, as Twilio's own OpenAPI description has it:
 * what may be sent, and what must come back. It names no errors.
 */
import { readFileSync } from 'node:fs';

/** OpenAPI 3.0.1, as far as the description goes. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly nullable?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Call {
  readonly name: string;
  readonly method: string;
  /** The whole path. */
  readonly path: RegExp;
  readonly query: Readonly<Record<string, Schema>>;
  /** Undefined where no body is due. */
  readonly form: Schema | undefined;
  readonly status: number;
  readonly reply: Schema | undefined;
}

const FILE = new URL('twilio-openapi/description.json', import.meta.url);
const FORM = 'application/x-www-form-urlencoded';
const { paths, components } = JSON.parse(readFileSync(FILE, 'utf8')) as Description;

/** What a schema refers to, in its place. */
export function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const found = components.schemas[schema.$ref.replace('#/components/schemas/', '')];
  if (found === undefined) throw new Error(`${schema.$ref} is not described`);
  return found;
}

export const CALLS: readonly Call[] = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => callOf(path, method, operation)),
);

function callOf(path: string, method: string, operation: Operation): Call {
  const { operationId, parameters = [], requestBody, responses } = operation;
  const [[status, response] = ['', {}]] = Object.entries(responses);
  const query = parameters.filter((parameter) => parameter.in === 'query');
  // Each pattern is anchored in the description.
  const patternOf = (name: string): string =>
    parameters.find((one) => one.in === 'path' && one.name === name)?.schema.pattern ?? '^[^/]+$';
  const pattern = path
    .replaceAll('.', '\\.')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?:${patternOf(name).slice(1, -1)})`);
  return {
    name: operationId,
    method: method.toUpperCase(),
    path: new RegExp(`^${pattern}$`),
    query: Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
    form: requestBody?.content?.[FORM]?.schema,
    status: Number(status),
    reply: response.content?.['application/json']?.schema,
  };
}
