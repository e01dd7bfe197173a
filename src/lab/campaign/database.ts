/**
 * The results of a campaign in SQLite, for queries: every raw figure, with all that it depends on. The JSON lines are the
 * record; the database is filled from them, so that a process that dies between the two loses nothing.
 *
 *     SELECT workload, config, avg(ms) FROM iteration JOIN result USING (key) WHERE call > 5 GROUP BY 1, 2;
 */
import { DatabaseSync } from 'node:sqlite';
import type { Result } from '../job.ts';
import { asInterval, METRICS } from '../metrics.ts';
import type { Row } from '../summary.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS provenance (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS result (
    key TEXT PRIMARY KEY, workload TEXT NOT NULL, config TEXT NOT NULL, measure TEXT NOT NULL, rep INTEGER NOT NULL,
    date TEXT NOT NULL, site TEXT NOT NULL, wall REAL NOT NULL, error TEXT, outcome TEXT, output TEXT, memory TEXT,
    open REAL, cpu REAL, rss INTEGER, sample TEXT
  );
  CREATE TABLE IF NOT EXISTS iteration (key TEXT NOT NULL, call INTEGER NOT NULL, ms REAL NOT NULL, PRIMARY KEY (key, call));
  CREATE TABLE IF NOT EXISTS figure (
    suite TEXT NOT NULL, workload TEXT NOT NULL, config TEXT NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL,
    value REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, PRIMARY KEY (workload, config, metric)
  );`;

export class Database {
  private readonly db: DatabaseSync;

  constructor(path: string) {
    this.db = new DatabaseSync(path);
    // Losing the last results in a power cut is no loss: the JSON lines have them.
    this.db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${SCHEMA}`);
  }

  /** Adds what is not there yet, all or nothing. */
  add(results: readonly Result[]): void {
    const known = new Set(this.all('SELECT key FROM result WHERE error IS NULL').map((row) => String(row.key)));
    const result = this.db.prepare(
      'INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const iteration = this.db.prepare('INSERT OR REPLACE INTO iteration VALUES (?, ?, ?)');
    this.together(() => {
      for (const r of results) {
        if (known.has(r.key)) continue;
        const { sample: s } = r;
        const { calls = [], paces: _, ...rest } = { ...s, ...(r.pace === undefined ? {} : { pace: r.pace }) };
        result.run(
          r.key,
          r.workload,
          r.config,
          r.measure,
          r.rep,
          r.date,
          r.site,
          r.wall,
          r.error ?? null,
          s?.outcome.result ?? null,
          s?.outcome.output ?? null,
          s?.memory ?? null,
          s?.open ?? null,
          s?.cpu ?? null,
          s?.rss ?? null,
          s ? JSON.stringify(rest) : null,
        );
        calls.forEach((ms, i) => iteration.run(r.key, i, ms));
      }
    });
  }

  /** Replaces the figures, which are made from all results together. */
  setFigures(rows: readonly Row[], baseline: string): void {
    const insert = this.db.prepare('INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.together(() => {
      this.db.exec('DELETE FROM figure');
      for (const row of rows) {
        for (const [config, cell] of Object.entries(row.cells)) {
          for (const metric of METRICS) {
            const found = metric.of(cell, row, baseline);
            if (found === null) continue;
            const { value, low, high } = asInterval(found);
            insert.run(row.suite, row.id, config, metric.name, metric.unit, value, low, high);
          }
        }
      }
    });
  }

  setProvenance(about: object): void {
    const insert = this.db.prepare('INSERT OR REPLACE INTO provenance VALUES (?, ?)');
    this.together(() => {
      for (const [name, value] of Object.entries(about))
        insert.run(name, typeof value === 'string' ? value : JSON.stringify(value));
    });
  }

  all(sql: string): Record<string, unknown>[] {
    return this.db.prepare(sql).all() as Record<string, unknown>[];
  }

  close(): void {
    this.db.close();
  }

  private together(body: () => void): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      body();
      this.db.exec('COMMIT');
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw error;
    }
  }
}
