/** One line on stderr that says how far a run is; failures get lines of their own. Without a terminal: a line every 10 s. */

export interface Progress {
  /** Begins a job, or so many that are done one after the other. */
  begin(what: string, jobs?: number): void;
  /** Ends a job; `problem` is shown and stays. */
  end(problem?: string): void;
  /** More jobs than were known at the start. */
  more(jobs: number): void;
  done(): void;
}

export function progress(jobs: number, quiet = false): Progress {
  if (quiet) return { begin() {}, end() {}, more() {}, done() {} };
  const terminal = process.stderr.isTTY;
  const start = Date.now();
  let total = jobs;
  let finished = 0;
  let measured = 0;
  let last = 0;
  const left = () => {
    const each = (Date.now() - start) / Math.max(1, measured);
    const seconds = Math.round((each * (total - finished)) / 1000);
    return measured ? `, about ${seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} left` : '';
  };
  const clear = () => terminal && process.stderr.write('\r\x1b[K');
  return {
    begin(what, jobs = 1) {
      const line = `${finished}/${total}${left()}: ${what}`;
      measured += jobs;
      if (terminal) process.stderr.write(`\r\x1b[K${line.slice(0, process.stderr.columns - 1)}`);
      else if (Date.now() - last > 10_000) {
        last = Date.now();
        process.stderr.write(`${line}\n`);
      }
    },
    end(problem) {
      finished++;
      if (!problem) return;
      clear();
      process.stderr.write(`${problem}\n`);
    },
    more(count) {
      total += count;
    },
    done: clear,
  };
}
