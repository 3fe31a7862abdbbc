import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that a process has used, all its threads together, in seconds. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8');
    nanoseconds += Number(text.split(' ')[0]);
  }
  return nanoseconds / 1e9;
}

/** Memory of a process that is resident, in kB. */
export function residentKilobytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const rss = /^Rss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (rss === undefined) throw new Error(`no Rss in /proc/${pid}/smaps_rollup`);
  return Number(rss);
}
