import * as z from 'zod';
import { configSchema } from './schema.ts';

/**
 * The JSON schema of the configuration file, for editors.
 * @param options by the name of a built-in gateway, the schema of its options
 */
export function configJsonSchema(options: Readonly<Record<string, z.ZodType>>): object {
  const gatewayRules = Object.entries(options).map(([use, schema]) => ({
    if: { properties: { use: { const: use } } },
    // oxlint-disable-next-line unicorn/no-thenable -- the word of JSON Schema
    then: { properties: { options: inputSchema(schema) } },
  }));
  const schema: z.core.JSONSchema.BaseSchema = inputSchema(configSchema);
  const gateways = schema.properties?.['gateways'];
  if (
    typeof gateways === 'object' &&
    typeof gateways.items === 'object' &&
    !Array.isArray(gateways.items)
  ) {
    alsoFromFile(gateways.items.properties, 'secret');
    gateways.items.allOf = gatewayRules;
  }
  alsoFromFile(schema.properties, 'database');
  return { ...schema, title: 'Causeway configuration' };
}

function inputSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** A secret may be in a file of its own. */
function alsoFromFile(properties: z.core.JSONSchema.BaseSchema['properties'], name: string): void {
  const text = properties?.[name];
  if (properties === undefined || typeof text !== 'object') return;
  const { description = '', ...rest } = text;
  properties[name] = {
    description,
    ...(rest.default === undefined ? {} : { default: rest.default }),
    anyOf: [
      { type: 'string', minLength: 1 },
      {
        type: 'object',
        properties: { file: { type: 'string' } },
        required: ['file'],
        additionalProperties: false,
      },
    ],
  };
}
