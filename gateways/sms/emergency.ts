/** What works from every mobile phone (3GPP TS 22.101 §10.1.1). */
const EVERYWHERE: ReadonlySet<string> = new Set([
  '112',
  '911',
  '000',
  '08',
  '110',
  '118',
  '119',
  '999',
]);

/** More of them where they are; not complete, as everywhere 112 or 911 is passed on. */
const BY_REGION: Readonly<Record<string, readonly string[]>> = {
  at: ['122', '133', '144', '140'],
  br: ['190', '192', '193'],
  ch: ['117', '144', '1414'],
  cn: ['120', '122'],
  de: ['110', '116117'],
  fr: ['15', '17', '18', '114', '115', '119'],
  in: ['100', '101', '102', '108'],
  it: ['113', '115', '118'],
  jp: ['110', '118', '119'],
  nz: ['111'],
  pl: ['997', '998', '999'],
  ru: ['101', '102', '103', '104'],
  us: ['988', '933'],
  za: ['10111', '10177'],
};

/** @param region in lower case */
export function isEmergency(digits: string, region: string): boolean {
  return EVERYWHERE.has(digits) || (BY_REGION[region]?.includes(digits) ?? false);
}
