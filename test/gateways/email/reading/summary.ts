import type { Reading } from '../../../../gateways/email/reading/reading.ts';

/** What the list of expected results says of a mail: short, and without what is usual. */
export function summary(reading: Reading): Record<string, unknown> {
  const { from, automatic, list, report, unsubscribe } = reading;
  const people = [...reading.to, ...reading.cc].map(({ contact }) => contact);
  const all: Record<string, unknown> = {
    from: from.name === undefined ? from.contact : `${from.name} <${from.contact}>`,
    subject: reading.subject,
    text: reading.text,
    bold: reading.styles.map((style) => reading.text.slice(style.from, style.to)),
    isTrimmed: reading.fullText === undefined ? undefined : true,
    people: people.join() === 'bob@example.net' ? [] : people,
    files: reading.files.map(({ name, type }) => `${name} (${type})`),
    references: reading.references,
    isAutomatic: automatic.isAutomatic ? true : undefined,
    list: list?.contact,
    isDiscussion: list?.isDiscussion,
    unsubscribe,
    report,
  };
  const said = Object.entries(all).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return JSON.parse(JSON.stringify(Object.fromEntries(said))) as Record<string, unknown>;
}
