/**
 * Peak resident memory of this process, bytes. On Linux it is the kernel's high-water mark of the present address space:
 * `getrusage` goes on from what the parent had when it forked, so small programs would all seem as large as their parent.
 */
import { readFileSync } from 'node:fs';

export function peakMemory(): number {
  if (process.platform === 'linux') {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
