/** `wynamo explore`: what its server answers, to whom, and that a guest can be looked at while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { RunView } from '../../src/explore/server.ts';
import { instantiateSync, type Stats } from '../../src/index.ts';
import { WYNAMO, wynamo } from '../cli/harness.ts';
import { wat } from '../emit/harness.ts';

const SPIN = fileURLToPath(new URL('../cli/guests/traps.wat', import.meta.url));

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A request with headers that no browser would let a page set. */
function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const r = request(url, rest, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    r.on('error', reject).end(body);
  });
}

const post = (url: string, value: object, headers = {}): Promise<Answer> =>
  ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  });

describe('wynamo explore', () => {
  let explorer: ChildProcess;
  let url: string;
  before(async () => {
    const imports = new URL('none.mjs', import.meta.url).pathname;
    const args = ['explore', `--imports=${imports}`, '--hot-loop=3', '--invoke=spin', SPIN];
    explorer = spawn(process.execPath, [WYNAMO, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: explorer.stdout! });
    url = await new Promise((resolve) => lines.once('line', resolve));
  });
  after(() => explorer.kill());

  const runs = async () => JSON.parse((await ask(`${url}runs`)).body) as RunView[];
  async function until(what: (list: RunView[]) => boolean): Promise<RunView[]> {
    for (;;) {
      const list = await runs();
      if (what(list)) return list;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('shows the figures of a guest that goes on, and its report', async () => {
    const [first] = await until(([run]) => (run?.version ?? 0) > 0);
    const [later] = await until(([run]) => (run?.version ?? 0) > first!.version);
    expect(later).to.include({ id: 1, state: 'running' });
    expect(later!.instructions!).to.be.greaterThan(first!.instructions!);
    expect(later!.flags).to.deep.equal(['--hot-loop=3']);
    const report = await ask(`${url}report/1`);
    expect(report.status).to.equal(200);
    expect(report.body).to.contain('run 1: --hot-loop=3');
  });

  it('is for this machine and for those who know the address only', async () => {
    expect(new URL(url).hostname).to.equal('127.0.0.1');
    expect(url).to.match(/\/[0-9a-f]{32}\/$/);
    const wrong = url.replace(/\/[0-9a-f]{32}\//, `/${'0'.repeat(32)}/`);
    expect((await ask(wrong)).status).to.equal(404);
    expect((await ask(new URL('/', url).href)).status).to.equal(404);
    expect((await ask(url, { headers: { host: 'evil.example:80' } })).status).to.equal(404);
    expect((await post(`${url}stop`, {}, { origin: 'http://evil.example' })).status).to.equal(404);
    expect((await ask(`${url}stop`, { method: 'POST', body: 'x' })).status).to.equal(405);
    expect((await runs())[0]!.state).to.equal('running');
    const page = await ask(url);
    expect(page.headers['content-security-policy']).to.match(/^default-src 'none'; script-src 'nonce-/);
  });

  it('starts one run at a time, with flags of the machine and no others', async () => {
    expect(await post(`${url}run`, { flags: [] })).to.include({ status: 409 });
    await post(`${url}stop`, {});
    await until((list) => list[0]!.state === 'stopped');
    const refused = async (flags: unknown) => {
      const { status, body } = await post(`${url}run`, { flags });
      expect(status).to.equal(400);
      return (JSON.parse(body) as { message: string }).message;
    };
    expect(await refused(['--hot-loop=abc'])).to.contain('--hot-loop takes a whole number');
    expect(await refused(['--imports=/tmp/x.mjs'])).to.contain('no flag --imports');
    expect(await refused(['other.wasm'])).to.contain("not 'other.wasm'");
    expect(await refused(['--log=/tmp/x'])).to.contain('the log');
    expect(await refused('--check')).to.contain('list of texts');
    const { body } = await post(`${url}run`, { flags: ['--fuel=100000', '-O-licm'] });
    expect(JSON.parse(body)).to.deep.equal({ message: 'run 2 has begun' });
    const [, second] = await until((list) => list[1]?.state === 'done');
    expect(second).to.include({ status: 152 });
    expect(second!.message).to.contain('fuel');
    const both = await ask(`${url}report/1,2`);
    expect(both.body).to.contain('<title>2 runs</title>');
    expect((await ask(`${url}report/3`)).status).to.equal(404);
  });

  it('says what it cannot do', () => {
    expect(wynamo(['explore']).stderr).to.contain('which file?');
    expect(wynamo(['explore', 'none.wasm']).stderr).to.equal("wynamo: there is no file 'none.wasm'\n");
    expect(wynamo(['explore', '--port=x', SPIN]).stderr).to.contain('--port takes a number');
  });
});

describe('looking at a guest while it runs', () => {
  const LOOP = `(module (func (export "run") (param $n i64) (result i64) (local $i i64)
    (loop $again (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (local.get $n))))
    (local.get $i)))`;

  for (const mode of ['interp', 'trace'] as const) {
    it(`gives figures that rise, and changes nothing, in mode ${mode}`, () => {
      const seen: Stats[] = [];
      const { instance, machine } = instantiateSync(wat(LOOP), {}, { mode, hotLoop: 2, compileShare: 0 });
      machine.watch(5, (stats) => seen.push(stats));
      const run = instance.exports.run as (n: bigint) => bigint;
      const n = mode === 'interp' ? 40_000_000n : 400_000_000n;
      while (seen.length < 3) expect(run(n)).to.equal(n);
      machine.dispose();
      const totals = seen.map((s) => s.instructions.total);
      expect(totals).to.deep.equal(totals.toSorted((a, b) => a - b));
      expect(new Set(totals).size).to.be.greaterThan(1);
    });
  }
});
