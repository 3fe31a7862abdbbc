import { setFlagsFromString } from 'node:v8';

/*
 * By default the heap may double before it is tidied up: much memory for a program that holds little for many users. How large the part
 * for what is new is, and how many threads help V8, can be said on the command line only (see the first line of main.ts, and
 * `npm start`): small, so that it stays small for thousands of users, and as large from the beginning as it may become, as one that
 * grows is tidied up too often and takes too much for what stays.
 */
setFlagsFromString('--heap-growing-percent=30');

/*
 * What is new is tidied up by one thread. Helpers of it cost more time than they save: there is little to do each time, and they wait
 * for each other.
 */
setFlagsFromString('--no-parallel-scavenge');

/*
 * V8 would put what has lived long before, judged by the place in the program that makes it, where only long-lived things are.
 * What waits for the disk lives just long enough to be taken for such, and what it holds with it: half as much CPU again with
 * the archive.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
