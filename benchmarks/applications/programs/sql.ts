/** SQLite (C, Emscripten): a schema with indices, a trigger and a view, thousands of rows, joins, windows, a recursive query. */
import { createHash } from 'node:crypto';
import { type Application, required } from '../application.ts';

interface Statement {
  run(values: readonly unknown[]): void;
  free(): void;
}
interface Database {
  exec(sql: string): { columns: string[]; values: unknown[][] }[];
  run(sql: string): void;
  prepare(sql: string): Statement;
  create_function(name: string, body: (...args: never[]) => unknown): void;
  export(): Uint8Array;
}

const SCHEMA = `
create table customer (id integer primary key, name text not null, city text not null);
create table product (id integer primary key, name text unique, price real check (price > 0));
create table purchase (id integer primary key, customer references customer, product references product, amount int, day int);
create table audit (purchase int, note text);
create index by_customer on purchase (customer, day);
create index by_product on purchase (product);
create trigger noted after insert on purchase when new.amount > 8 begin
  insert into audit values (new.id, 'large: ' || new.amount);
end;
create view sales as select c.city, p.name as product, u.amount * p.price as value, u.day
  from purchase u join customer c on c.id = u.customer join product p on p.id = u.product;`;

const QUERIES = [
  'select city, count(*), round(sum(value), 2), round(avg(value), 4) from sales group by city order by 3 desc limit 7',
  'select product, total(value) from sales where day between 40 and 90 group by product having count(*) > 5 order by 1 limit 9',
  'select id, sum(amount) over (partition by customer order by day, id rows between 3 preceding and current row) from purchase order by id limit 40 offset 900',
  'with recursive days(d) as (select 0 union all select d + 1 from days where d < 60) select d, count(u.id) from days left join purchase u on u.day = d group by d',
  "select count(*), max(note), group_concat(distinct substr(note, 1, 5)) from audit where note like 'large%'",
  "select name, backwards(name), hex(zeroblob(2)), printf('%08.3f', price), json_extract('{\"a\":[1,2,3]}', '$.a[1]') from product limit 5",
  'explain query plan select * from sales where city = 1',
  'pragma integrity_check',
];

export const application: Application = {
  doc: 'SQLite database',
  async open() {
    const SQL = await required<(options?: object) => Promise<{ Database: new () => Database }>>('sql.js')();
    const db = new SQL.Database();
    db.run(SCHEMA);
    return () => {
      db.create_function('backwards', (text: string) => [...text].reverse().join(''));
      let seed = 12345;
      const next = (n: number) => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) % n;
      db.run('begin');
      const fill = (sql: string, count: number, row: (i: number) => unknown[]) => {
        const statement = db.prepare(sql);
        for (let i = 0; i < count; i++) statement.run(row(i));
        statement.free();
      };
      fill('insert into customer values (?, ?, ?)', 200, (i) => [i, `customer ${i}`, `city ${next(12)}`]);
      fill('insert into product values (?, ?, ?)', 60, (i) => [i, `product ${i}`, 1 + next(1000) / 16]);
      fill('insert into purchase values (?, ?, ?, ?, ?)', 6000, (i) => [i, next(200), next(60), next(10), next(120)]);
      db.run('commit');
      const answers = QUERIES.map((sql) => JSON.stringify(db.exec(sql)));
      let error = '';
      try {
        db.run("insert into product values (1000, 'free', -1)");
      } catch (e) {
        error = (e as Error).message;
      }
      const file = createHash('sha256').update(db.export()).digest('hex');
      return [...answers, error, file].join('\n');
    };
  },
};
