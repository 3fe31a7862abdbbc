import { setFlagsFromString } from 'node:v8';

/*
 * Imported before all else, as it has to come before the heap grows. By default the part of the heap for what is new grows
 * to 32 MB and stays there, and the rest may double before it is tidied up. Small, they save much memory; the price is more
 * frequent collection when there is much to do.
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=30');
