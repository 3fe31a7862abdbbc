import { catalogue } from '../../src/plugin/index.ts';
import { english } from './texts-english.ts';
import type { Texts } from './texts-english.ts';
import { german } from './texts-german.ts';

export type { Texts } from './texts-english.ts';

/** All that the gateway says to people. */
export const texts = catalogue<Texts>(english, { de: german });
