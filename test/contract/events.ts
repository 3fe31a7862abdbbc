import assert from 'node:assert/strict';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Event, Gateway } from '../../src/plugin/index.ts';

const KINDS: Readonly<Record<Event['kind'], true>> = {
  message: true,
  'room-message': true,
  failed: true,
  receipt: true,
  seen: true,
  retracted: true,
  reaction: true,
  typing: true,
  contact: true,
  'contact-list': true,
  'contact-removed': true,
  'contact-asks': true,
  network: true,
  room: true,
  joined: true,
  left: true,
  renamed: true,
  member: true,
  subject: true,
  traits: true,
  invited: true,
  'room-lost': true,
  notice: true,
};

/** Events are of the border's kinds and plain all through: nothing in them is alive but files, nothing cannot be copied. */
export function checkEvents(events: readonly Event[], delivery: Gateway['delivery']): void {
  for (const event of events) {
    if (delivery === 'stored' && event.kind === 'message') {
      assert.ok((event.id ?? '') !== '', 'what is stored is known by an id');
    }
    assert.ok(KINDS[event.kind], `${event.kind} is no kind of event`);
    checkPlain(event, event.kind);
  }
}

function checkPlain(value: unknown, path: string): void {
  if (typeof value === 'string') {
    assert.equal(Buffer.from(value).toString(), value, `${path} has half a character`);
    return;
  }
  if (typeof value === 'number') return assert.ok(Number.isFinite(value), path);
  if (typeof value === 'boolean' || value === undefined) return;
  if (typeof value === 'function' && /\.files\.\d+\.open$/.test(path)) return;
  assert.ok(typeof value === 'object' && value !== null, `${path} is a ${typeof value}`);
  if (value instanceof NetworkError || value instanceof Uint8Array) return;
  if (value instanceof Date) return assert.ok(!Number.isNaN(value.getTime()), path);
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  assert.ok(isPlain, `${path} is of a class of the gateway`);
  for (const [name, part] of Object.entries(value)) checkPlain(part, `${path}.${name}`);
}
