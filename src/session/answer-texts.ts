import { catalogue } from '../plugin/index.ts';

/** What people read when an answer cannot be taken. */
export const answerTexts = catalogue(
  {
    /** As the user sees it in the form, with the name under which it is sent where that is not the same (XEP-0077). */
    field: (label: string, name: string) =>
      label.toLowerCase() === name.toLowerCase() ? `"${label}"` : `${label} ("${name}")`,
    missing: (field: string) => `${field} is missing.`,
    tooLong: (field: string) => `${field} is too long.`,
    oneLine: (field: string) => `${field} must be one line without control characters.`,
    noControls: (field: string) => `${field} must be without control characters.`,
    onlyOne: (field: string) => `${field} takes one value only.`,
    notFlag: (field: string) => `${field} must be true or false.`,
    notOffered: (field: string) => `${field} must be one of those offered.`,
    ended: 'This was broken off.',
    tooSlow: 'That took too long. Try it again later.',
  },
  {
    de: {
      field: (label, name) =>
        label.toLowerCase() === name.toLowerCase() ? `„${label}“` : `${label} („${name}“)`,
      missing: (field) => `${field} fehlt.`,
      tooLong: (field) => `${field} ist zu lang.`,
      oneLine: (field) => `${field} muss eine Zeile ohne Steuerzeichen sein.`,
      noControls: (field) => `${field} darf keine Steuerzeichen enthalten.`,
      onlyOne: (field) => `${field} nimmt nur einen Wert.`,
      notFlag: (field) => `${field} muss true oder false sein.`,
      notOffered: (field) => `${field} muss aus der angebotenen Auswahl sein.`,
      ended: 'Das wurde abgebrochen.',
      tooSlow: 'Das hat zu lange gedauert. Versuchen Sie es später noch einmal.',
    },
  },
);
