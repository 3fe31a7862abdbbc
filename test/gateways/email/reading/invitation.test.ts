import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { invitation } from '../../../../gateways/email/reading/invitation.ts';
import { texts } from '../../../../gateways/email/texts.ts';

const read = (method: string, ...lines: string[]): string =>
  invitation(
    ['BEGIN:VCALENDAR', `METHOD:${method}`, 'BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n'),
    texts('en'),
  );

describe('an invitation', () => {
  test('says what, when and where, with the time zone', () => {
    assert.equal(
      read(
        'REQUEST',
        'SUMMARY:Lunch\\, and more',
        'DTSTART;TZID=Europe/Berlin:20261202T100000',
        'DTEND;TZID=Europe/Berlin:20261202T110000',
        'LOCATION:Room 5',
      ),
      'Invitation\nLunch, and more\n2026-12-02 10:00 – 11:00 (Europe/Berlin)\nRoom 5',
    );
  });

  const periods: readonly (readonly [string, string, string])[] = [
    [
      'DTSTART:20261202T100000Z',
      'DTEND:20261203T110000Z',
      '2026-12-02 10:00 – 2026-12-03 11:00 UTC',
    ],
    ['DTSTART:20261202T100000Z', 'X:', '2026-12-02 10:00 UTC'],
    ['DTSTART;VALUE=DATE:20261202', 'DTEND;VALUE=DATE:20261203', '2026-12-02'],
    ['DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20270102', '2026-12-30 – 2027-01-01'],
    [
      'DTSTART;TZID="A, B":20261202T100000',
      'DTEND:20261202T110000Z',
      '2026-12-02 10:00 (A, B) – 2026-12-02 11:00 UTC',
    ],
    ['DTSTART:nonsense', 'DTEND:20261202T110000Z', ''],
  ];
  for (const [from, to, when] of periods) {
    test(`shows ${from}, ${to} as people would`, () => {
      assert.equal(read('REQUEST', from, to), ['Invitation', when].filter(Boolean).join('\n'));
    });
  }

  test('is answered: accepted, declined, or perhaps', () => {
    const answer = (status: string): string =>
      read(
        'REPLY',
        `ATTENDEE;CN="Eve; of: x";PARTSTAT=${status}:mailto:eve@x.test`,
        'SUMMARY:Lunch',
      );
    assert.equal(answer('ACCEPTED'), 'Invitation accepted\nLunch');
    assert.equal(answer('DECLINED'), 'Invitation declined\nLunch');
    assert.equal(answer('TENTATIVE'), 'Invitation accepted, perhaps\nLunch');
    assert.equal(answer('DELEGATED'), 'Answer to an invitation\nLunch');
  });
});
