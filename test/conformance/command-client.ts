import assert from 'node:assert/strict';
import { child, elements, text } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP } from '../loopback/world.ts';

export const COMMANDS = 'http://jabber.org/protocol/commands';
export const DISCO = 'http://jabber.org/protocol/disco';
export const FORM = 'jabber:x:data';
export const REGISTER = 'jabber:iq:register';
const NS_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** Where a command stands, as the client sees it. */
export interface Reply {
  readonly id: string;
  readonly status: string | undefined;
  readonly language: string | undefined;
  readonly notes: readonly (readonly [string | undefined, string])[];
  readonly actions: readonly string[];
  readonly command: Element;
  /** By name of the field: what stands in it. */
  readonly form: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<string, string | undefined>>;
}

function readReply(stanza: Element): Reply {
  const command = child(stanza, 'command', COMMANDS) ?? assert.fail(JSON.stringify(stanza));
  const fields = elements(child(command, 'x', FORM) ?? command).filter(
    ({ name }) => name === 'field',
  );
  const value = (field: Element): string =>
    elements(field)
      .filter(({ name }) => name === 'value')
      .map((each) => text(each))
      .join('|');
  return {
    id: command.attrs['sessionid'] ?? '',
    status: command.attrs['status'],
    language: command.attrs['xml:lang'],
    notes: elements(command)
      .filter(({ name }) => name === 'note')
      .map((note) => [note.attrs['type'], text(note)]),
    actions: elements(child(command, 'actions', COMMANDS) ?? { ...command, children: [] }).map(
      ({ name }) => name,
    ),
    command,
    form: Object.fromEntries(fields.map((field) => [field.attrs['var'] ?? '', value(field)])),
    kinds: Object.fromEntries(
      fields.map((field) => [field.attrs['var'] ?? '', field.attrs['type']]),
    ),
  };
}

/** The general condition of an error and the one of XEP-0050, if there is one. */
export function conditions(stanza: Element): readonly (string | undefined)[] {
  assert.equal(stanza.attrs['type'], 'error', JSON.stringify(stanza));
  const error = child(stanza, 'error') ?? stanza;
  const general = elements(error).find(({ ns, name }) => ns === NS_ERRORS && name !== 'text');
  const specific = elements(error).find(({ ns }) => ns === COMMANDS);
  return specific === undefined ? [general?.name] : [general?.name, specific.name];
}

/** Sends one request of a command. */
export const send = (
  client: XmppClient,
  attributes: string,
  { form, to = LOOP, lang }: { form?: string; to?: string; lang?: string } = {},
): Promise<Element> =>
  client.iq(
    `<iq type='set' to='${to}'${lang === undefined ? '' : ` xml:lang='${lang}'`}><command xmlns='${COMMANDS}' ${attributes}>${form ?? ''}</command></iq>`,
  );
/** The same, where it is not refused. */
export const run = async (...args: Parameters<typeof send>): Promise<Reply> =>
  readReply(await send(...args));
/** A form with these values, one or several in a field. */
export const fill = (values: Readonly<Record<string, string | readonly string[]>>): string =>
  `<x xmlns='${FORM}' type='submit'>${Object.entries(values)
    .map(
      ([name, value]) =>
        `<field var='${name}'>${[value]
          .flat()
          .map((each) => `<value>${each}</value>`)
          .join('')}</field>`,
    )
    .join('')}</x>`;
