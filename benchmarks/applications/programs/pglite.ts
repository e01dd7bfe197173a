/** PostgreSQL (C, Emscripten, side modules, 9 MB): a cluster in memory, schema, functions, joins, JSON, errors. */
import { type Application, imported } from '../application.ts';

interface Postgres {
  exec(sql: string): Promise<{ rows: unknown[] }[]>;
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  transaction<T>(use: (tx: Postgres) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const SCHEMA = `
create table author (id serial primary key, name text not null unique);
create table book (id serial primary key, author int references author, title text, pages int check (pages > 0), tags text[], meta jsonb);
create index on book using gin (tags);
create function double(n int) returns int language plpgsql as $$ begin return n * 2; end $$;
insert into author (name) select 'author ' || n from generate_series(1, 40) n;
insert into book (author, title, pages, tags, meta)
  select 1 + n % 40, 'book ' || n, 50 + (n * 37) % 900, array['t' || n % 7, 't' || n % 3], jsonb_build_object('n', n, 'even', n % 2 = 0)
  from generate_series(1, 1500) n;`;

const QUERIES = [
  'select a.name, count(*)::int, sum(pages)::int from book b join author a on a.id = b.author group by a.name order by 3 desc, 1 limit 5',
  "select count(*)::int from book where tags @> array['t3'] and meta @> '{\"even\": true}'",
  'select id, rank() over (partition by author order by pages desc)::int as r from book order by r desc, id limit 6',
  'with recursive f(n, a, b) as (select 1, 0::numeric, 1::numeric union all select n + 1, b, a + b from f where n < 90) select max(a)::text from f',
  "select double(21), to_char(date '2024-02-29' + 365, 'YYYY-MM-DD'), md5('x'), regexp_replace('abc', 'b+', '<\\&>'), 7.0 / 3",
  "select string_agg(title, ',' order by id) from book where title ~ '^book 1[0-9]$'",
];

export const application: Application = {
  doc: 'PostgreSQL',
  async open() {
    const { PGlite } = await imported<{ PGlite: { create(): Promise<Postgres> } }>('@electric-sql/pglite');
    const db = await PGlite.create();
    await db.query('select 1');
    return async () => {
      await db.exec(SCHEMA);
      const lines: string[] = [];
      for (const sql of QUERIES) lines.push(JSON.stringify((await db.query(sql)).rows));
      const failed = await db
        .transaction(async (tx) => {
          await tx.query('insert into author (name) values ($1)', ['somebody']);
          return tx.query('insert into book (author, pages) values (1, -1)');
        })
        .then(String, (error: Error & { code: string }) => `${error.code} ${error.message}`);
      lines.push(failed, JSON.stringify((await db.query('select count(*)::int from author')).rows));
      await db.close();
      return lines.join('\n');
    };
  },
};
