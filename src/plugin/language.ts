/** A language by its tag (BCP 47) as a client sent it: `en`, `de-CH`. */
export type Language = string;

/**
 * Texts for people in several languages, looked up by language: `texts('de').greeting`. English is always there,
 * decides which texts there are, and stands in for every language that is not. A text with holes is a function.
 */
export function catalogue<Texts extends object>(
  english: Texts,
  others: Readonly<Record<string, Texts>>,
): (language: Language) => Texts {
  const byLanguage = new Map(Object.entries({ ...others, en: english }));
  return (language) => {
    const tag = language.toLowerCase();
    const [primary = ''] = tag.split('-', 1);
    return byLanguage.get(tag) ?? byLanguage.get(primary) ?? english;
  };
}
