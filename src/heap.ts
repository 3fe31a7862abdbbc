import { setFlagsFromString } from 'node:v8';

/*
 * By default the heap may double before it is tidied up: much memory for a program that holds little for many users. How large the part
 * for what is new may grow, and how many threads help V8, can be said on the command line only (see the first line of main.ts, and
 * `npm start`).
 */
setFlagsFromString('--heap-growing-percent=30');

/*
 * What is new is tidied up by one thread. Helpers of it cost more time than they save: there is little to do each time, and they wait
 * for each other.
 */
setFlagsFromString('--no-parallel-scavenge');
