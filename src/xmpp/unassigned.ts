/** RFC 3454 table A.1, but for surrogates: what Unicode 3.2 has no character at, as ranges of a class of a regular expression. */
const RANGES = [
  '\\u0221\\u0234-\\u024f\\u02ae\\u02af\\u02ef-\\u02ff\\u0350-\\u035f\\u0370-\\u0373\\u0376-\\u0379\\u037b-\\u037d\\u037f-\\u0383',
  '\\u038b\\u038d\\u03a2\\u03cf\\u03f7-\\u03ff\\u0487\\u04cf\\u04f6\\u04f7\\u04fa-\\u04ff\\u0510-\\u0530\\u0557\\u0558\\u0560',
  '\\u0588\\u058b-\\u0590\\u05a2\\u05ba\\u05c5-\\u05cf\\u05eb-\\u05ef\\u05f5-\\u060b\\u060d-\\u061a\\u061c-\\u061e\\u0620',
  '\\u063b-\\u063f\\u0656-\\u065f\\u06ee\\u06ef\\u06ff\\u070e\\u072d-\\u072f\\u074b-\\u077f\\u07b2-\\u0900\\u0904\\u093a\\u093b',
  '\\u094e\\u094f\\u0955-\\u0957\\u0971-\\u0980\\u0984\\u098d\\u098e\\u0991\\u0992\\u09a9\\u09b1\\u09b3-\\u09b5\\u09ba\\u09bb',
  '\\u09bd\\u09c5\\u09c6\\u09c9\\u09ca\\u09ce-\\u09d6\\u09d8-\\u09db\\u09de\\u09e4\\u09e5\\u09fb-\\u0a01\\u0a03\\u0a04',
  '\\u0a0b-\\u0a0e\\u0a11\\u0a12\\u0a29\\u0a31\\u0a34\\u0a37\\u0a3a\\u0a3b\\u0a3d\\u0a43-\\u0a46\\u0a49\\u0a4a\\u0a4e-\\u0a58',
  '\\u0a5d\\u0a5f-\\u0a65\\u0a75-\\u0a80\\u0a84\\u0a8c\\u0a8e\\u0a92\\u0aa9\\u0ab1\\u0ab4\\u0aba\\u0abb\\u0ac6\\u0aca\\u0ace\\u0acf',
  '\\u0ad1-\\u0adf\\u0ae1-\\u0ae5\\u0af0-\\u0b00\\u0b04\\u0b0d\\u0b0e\\u0b11\\u0b12\\u0b29\\u0b31\\u0b34\\u0b35\\u0b3a\\u0b3b',
  '\\u0b44-\\u0b46\\u0b49\\u0b4a\\u0b4e-\\u0b55\\u0b58-\\u0b5b\\u0b5e\\u0b62-\\u0b65\\u0b71-\\u0b81\\u0b84\\u0b8b-\\u0b8d\\u0b91',
  '\\u0b96-\\u0b98\\u0b9b\\u0b9d\\u0ba0-\\u0ba2\\u0ba5-\\u0ba7\\u0bab-\\u0bad\\u0bb6\\u0bba-\\u0bbd\\u0bc3-\\u0bc5\\u0bc9',
  '\\u0bce-\\u0bd6\\u0bd8-\\u0be6\\u0bf3-\\u0c00\\u0c04\\u0c0d\\u0c11\\u0c29\\u0c34\\u0c3a-\\u0c3d\\u0c45\\u0c49\\u0c4e-\\u0c54',
  '\\u0c57-\\u0c5f\\u0c62-\\u0c65\\u0c70-\\u0c81\\u0c84\\u0c8d\\u0c91\\u0ca9\\u0cb4\\u0cba-\\u0cbd\\u0cc5\\u0cc9\\u0cce-\\u0cd4',
  '\\u0cd7-\\u0cdd\\u0cdf\\u0ce2-\\u0ce5\\u0cf0-\\u0d01\\u0d04\\u0d0d\\u0d11\\u0d29\\u0d3a-\\u0d3d\\u0d44\\u0d45\\u0d49',
  '\\u0d4e-\\u0d56\\u0d58-\\u0d5f\\u0d62-\\u0d65\\u0d70-\\u0d81\\u0d84\\u0d97-\\u0d99\\u0db2\\u0dbc\\u0dbe\\u0dbf\\u0dc7-\\u0dc9',
  '\\u0dcb-\\u0dce\\u0dd5\\u0dd7\\u0de0-\\u0df1\\u0df5-\\u0e00\\u0e3b-\\u0e3e\\u0e5c-\\u0e80\\u0e83\\u0e85\\u0e86\\u0e89\\u0e8b',
  '\\u0e8c\\u0e8e-\\u0e93\\u0e98\\u0ea0\\u0ea4\\u0ea6\\u0ea8\\u0ea9\\u0eac\\u0eba\\u0ebe\\u0ebf\\u0ec5\\u0ec7\\u0ece\\u0ecf\\u0eda',
  '\\u0edb\\u0ede-\\u0eff\\u0f48\\u0f6b-\\u0f70\\u0f8c-\\u0f8f\\u0f98\\u0fbd\\u0fcd\\u0fce\\u0fd0-\\u0fff\\u1022\\u1028\\u102b',
  '\\u1033-\\u1035\\u103a-\\u103f\\u105a-\\u109f\\u10c6-\\u10cf\\u10f9\\u10fa\\u10fc-\\u10ff\\u115a-\\u115e\\u11a3-\\u11a7',
  '\\u11fa-\\u11ff\\u1207\\u1247\\u1249\\u124e\\u124f\\u1257\\u1259\\u125e\\u125f\\u1287\\u1289\\u128e\\u128f\\u12af\\u12b1\\u12b6',
  '\\u12b7\\u12bf\\u12c1\\u12c6\\u12c7\\u12cf\\u12d7\\u12ef\\u130f\\u1311\\u1316\\u1317\\u131f\\u1347\\u135b-\\u1360\\u137d-\\u139f',
  '\\u13f5-\\u1400\\u1677-\\u167f\\u169d-\\u169f\\u16f1-\\u16ff\\u170d\\u1715-\\u171f\\u1737-\\u173f\\u1754-\\u175f\\u176d\\u1771',
  '\\u1774-\\u177f\\u17dd-\\u17df\\u17ea-\\u17ff\\u180f\\u181a-\\u181f\\u1878-\\u187f\\u18aa-\\u1dff\\u1e9c-\\u1e9f\\u1efa-\\u1eff',
  '\\u1f16\\u1f17\\u1f1e\\u1f1f\\u1f46\\u1f47\\u1f4e\\u1f4f\\u1f58\\u1f5a\\u1f5c\\u1f5e\\u1f7e\\u1f7f\\u1fb5\\u1fc5\\u1fd4\\u1fd5',
  '\\u1fdc\\u1ff0\\u1ff1\\u1ff5\\u1fff\\u2053-\\u2056\\u2058-\\u205e\\u2064-\\u2069\\u2072\\u2073\\u208f-\\u209f\\u20b2-\\u20cf',
  '\\u20eb-\\u20ff\\u213b\\u213c\\u214c-\\u2152\\u2184-\\u218f\\u23cf-\\u23ff\\u2427-\\u243f\\u244b-\\u245f\\u24ff\\u2614\\u2615',
  '\\u2618\\u267e\\u267f\\u268a-\\u2700\\u2705\\u270a\\u270b\\u2728\\u274c\\u274e\\u2753-\\u2755\\u2757\\u275f\\u2760',
  '\\u2795-\\u2797\\u27b0\\u27bf-\\u27cf\\u27ec-\\u27ef\\u2b00-\\u2e7f\\u2e9a\\u2ef4-\\u2eff\\u2fd6-\\u2fef\\u2ffc-\\u2fff\\u3040',
  '\\u3097\\u3098\\u3100-\\u3104\\u312d-\\u3130\\u318f\\u31b8-\\u31ef\\u321d-\\u321f\\u3244-\\u3250\\u327c-\\u327e\\u32cc-\\u32cf',
  '\\u32ff\\u3377-\\u337a\\u33de\\u33df\\u33ff\\u4db6-\\u4dff\\u9fa6-\\u9fff\\ua48d-\\ua48f\\ua4c7-\\uabff\\ud7a4-\\ud7ff\\ufa2e',
  '\\ufa2f\\ufa6b-\\ufaff\\ufb07-\\ufb12\\ufb18-\\ufb1c\\ufb37\\ufb3d\\ufb3f\\ufb42\\ufb45\\ufbb2-\\ufbd2\\ufd40-\\ufd4f\\ufd90',
  '\\ufd91\\ufdc8-\\ufdef\\ufdfd-\\ufdff\\ufe10-\\ufe1f\\ufe24-\\ufe2f\\ufe47\\ufe48\\ufe53\\ufe67\\ufe6c-\\ufe6f\\ufe75\\ufefd',
  '\\ufefe\\uff00\\uffbf-\\uffc1\\uffc8\\uffc9\\uffd0\\uffd1\\uffd8\\uffd9\\uffdd-\\uffdf\\uffe7\\uffef-\\ufff8\\ufffe-\\u{102ff}',
  '\\u{1031f}\\u{10324}-\\u{1032f}\\u{1034b}-\\u{103ff}\\u{10426}\\u{10427}\\u{1044e}-\\u{1cfff}\\u{1d0f6}-\\u{1d0ff}',
  '\\u{1d127}-\\u{1d129}\\u{1d1de}-\\u{1d3ff}\\u{1d455}\\u{1d49d}\\u{1d4a0}\\u{1d4a1}\\u{1d4a3}\\u{1d4a4}\\u{1d4a7}\\u{1d4a8}',
  '\\u{1d4ad}\\u{1d4ba}\\u{1d4bc}\\u{1d4c1}\\u{1d4c4}\\u{1d506}\\u{1d50b}\\u{1d50c}\\u{1d515}\\u{1d51d}\\u{1d53a}\\u{1d53f}',
  '\\u{1d545}\\u{1d547}-\\u{1d549}\\u{1d551}\\u{1d6a4}-\\u{1d6a7}\\u{1d7ca}-\\u{1d7cd}\\u{1d800}-\\u{1ffff}',
  '\\u{2a6d7}-\\u{2f7ff}\\u{2fa1e}-\\u{e0000}\\u{e0002}-\\u{e001f}\\u{e0080}-\\u{effff}\\u{ffffe}\\u{fffff}\\u{10fffe}',
  '\\u{10ffff}',
];

const UNASSIGNED = `[${RANGES.join('')}]`;
const anyUnassigned = new RegExp(UNASSIGNED, 'u');
const runs = new RegExp(`(${UNASSIGNED}+)`, 'u');

/** Whether there is something in a text that Unicode 3.2 does not know. */
export const hasUnassigned = (text: string): boolean => anyUnassigned.test(text);

/**
 * Changes a text as Unicode 3.2 would: what it does not know stays as it is, and keeps apart what stands around it.
 * @param change by the rules of a later Unicode
 */
export function changedAsOf32(text: string, change: (known: string) => string): string {
  if (!hasUnassigned(text)) return kept(text, change);
  const pieces = text.split(runs);
  return pieces.map((piece, index) => (index % 2 === 0 ? kept(piece, change) : piece)).join('');
}

/** Nothing that it knows becomes something that it does not: such a rule is a later one. */
function kept(known: string, change: (known: string) => string): string {
  const changed = change(known);
  if (!hasUnassigned(changed)) return changed;
  return Array.from(known, (character) => {
    const one = change(character);
    return hasUnassigned(one) ? character : one;
  }).join('');
}
