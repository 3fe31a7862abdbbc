import type { GatewayPlugin } from '../plugin/index.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value.trim() !== '';
const isFunction: Check = (value) => typeof value === 'function';
const hasParser: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  'safeParse' in value &&
  isFunction(value.safeParse);

/** What a plug-in must have, and how to say that it has not. */
const PARTS: readonly (readonly [keyof GatewayPlugin, Check, string])[] = [
  ['type', isText, 'a "type" in text, such as "irc"'],
  ['name', isText, 'a "name" in text, such as "IRC"'],
  ['options', hasParser, '"options", which is a zod schema'],
  ['create', isFunction, 'a function "create"'],
];

/** The plug-in that a module exports. @throws Error in words that says what is wrong with the module */
export function gatewayOf(module: unknown, what: string): GatewayPlugin {
  if (typeof module !== 'object' || module === null) throw new Error(`${what} is no module`);
  if (!('gateway' in module)) {
    const names = Object.keys(module).join(', ');
    throw new Error(`${what} exports no "gateway", but ${names === '' ? 'nothing' : names}`);
  }
  const { gateway } = module;
  if (typeof gateway !== 'object' || gateway === null) {
    throw new Error(`${what} exports a "gateway" that is no object`);
  }
  const parts = new Map<string, unknown>(Object.entries(gateway));
  const missing = PARTS.filter(([name, isRight]) => !isRight(parts.get(name)));
  if (missing.length > 0 || !isPlugin(gateway)) {
    const words = missing.map(([, , text]) => text).join('; ');
    throw new Error(`the "gateway" that ${what} exports lacks ${words}`);
  }
  return gateway;
}

function isPlugin(gateway: object): gateway is GatewayPlugin {
  return PARTS.every(([name]) => name in gateway);
}
