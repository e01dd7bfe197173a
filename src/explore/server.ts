/**
 * The explorer's server: loopback only, everything below a random path that nobody can guess, and no answer to requests that
 * name another host (a page elsewhere whose name was made to mean this machine) or come from another origin.
 *
 *     GET  /TOKEN/                  the page
 *     GET  /TOKEN/runs              what the runs are doing, as JSON
 *     GET  /TOKEN/report/2,1        the report of these runs as they are now
 *     POST /TOKEN/run  {"flags":[]} starts a run with these flags
 *     POST /TOKEN/stop              ends the run in progress
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Parsed, parse } from '../cli/flag.ts';
import { UserError } from '../errors.ts';
import type { Stats } from '../profile/schema.ts';
import { renderReport } from '../report/index.ts';
import { explorerPage } from './page.ts';
import { type Run, Runs } from './runs.ts';

/** A run as the page sees it; null while nothing is known. */
export interface RunView extends Pick<Run, 'id' | 'flags' | 'state' | 'status' | 'message' | 'version'> {
  ms: number | null;
  instructions: number | null;
  coverage: number | null;
  fragments: number | null;
}

/** Longest body of a request. */
const MOST_BYTES = 64 * 1024;

export interface Explorer {
  readonly url: string;
  readonly runs: Runs;
  close(): Promise<void>;
}

/** `guest`: flags of the guest, its file, `--` and its arguments. `parsed`: what the page begins with. */
export async function startExplorer(
  name: string,
  guest: readonly string[],
  parsed: Parsed,
  port: number,
): Promise<Explorer> {
  const runs = new Runs(guest);
  const token = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    answer(request, response, { name, parsed, runs, token }).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, 'text/plain', error instanceof Error ? error.message : 'failed');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`cannot listen on port ${port}: ${error.code ?? error.message}`)),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}/`,
    runs,
    close: () =>
      new Promise((resolve) => {
        runs.stop();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Context {
  readonly name: string;
  readonly parsed: Parsed;
  readonly runs: Runs;
  readonly token: string;
}

const COMMON = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

function send(response: ServerResponse, status: number, type: string, body: string, more: object = {}): void {
  response.writeHead(status, { ...COMMON, ...more, 'content-type': `${type}; charset=utf-8` }).end(body);
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json', JSON.stringify(value));

/** Compares without telling by its time how much was right. */
function isToken(given: string, token: string): boolean {
  return given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token));
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const { host, origin } = request.headers;
  const [, token = '', ...rest] = (request.url ?? '').split('?')[0]!.split('/');
  const local = /^(?:127\.0\.0\.1|localhost):\d+$/.test(host ?? '');
  const own = origin === undefined || origin === `http://${host}`;
  if (!local || !own || !isToken(token, context.token)) {
    send(response, 404, 'text/plain', 'not found');
    return;
  }
  const path = rest.join('/');
  if (request.method === 'GET') {
    await get(path, response, context);
  } else if (request.method === 'POST' && request.headers['content-type'] === 'application/json') {
    post(path, await bodyOf(request), response, context);
  } else send(response, 405, 'text/plain', 'GET, or POST of JSON');
}

async function get(path: string, response: ServerResponse, { name, parsed, runs }: Context): Promise<void> {
  if (path === '') {
    const nonce = randomBytes(12).toString('base64');
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
    send(response, 200, 'text/html', explorerPage(name, parsed, nonce), { 'content-security-policy': policy });
  } else if (path === 'runs') json(response, 200, runs.list.map(view));
  else if (path.startsWith('report/')) await report(path.slice('report/'.length), response, runs);
  else send(response, 404, 'text/plain', 'not found');
}

async function report(ids: string, response: ServerResponse, runs: Runs): Promise<void> {
  const chosen = ids.split(',').map((id) => runs.list[Number(id) - 1]);
  const shown = chosen.filter((run): run is Run & { stats: Stats } => run?.stats != null);
  if (shown.length === 0) {
    send(response, 404, 'text/plain', 'there is no figure of these runs yet');
    return;
  }
  const label = (run: Run) => `run ${run.id}${run.flags.length > 0 ? `: ${run.flags.join(' ')}` : ''}`;
  const several = shown.length > 1;
  const stats = shown.map((run) =>
    several ? { ...run.stats, module: { ...run.stats.module, path: label(run).replaceAll('/', '∕') } } : run.stats,
  );
  const title = several ? `${shown.length} runs` : label(shown[0]!);
  send(response, 200, 'text/html', await renderReport(stats, { title }));
}

function post(path: string, body: string, response: ServerResponse, { runs }: Context): void {
  if (path === 'stop') {
    runs.stop();
    json(response, 200, { message: 'stopped' });
    return;
  }
  if (path !== 'run') {
    send(response, 404, 'text/plain', 'not found');
    return;
  }
  try {
    const run = runs.start(readFlags(body));
    if (run) json(response, 200, { message: `run ${run.id} has begun` });
    else json(response, 409, { message: 'another run goes on; stop it first' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    json(response, 400, { message: error.message });
  }
}

/** The machine's flags in the body; throws a UserError for what is none. */
function readFlags(body: string): string[] {
  let value: unknown;
  try {
    value = (JSON.parse(body) as { flags?: unknown }).flags;
  } catch {
    throw new UserError('the body is no JSON');
  }
  if (!Array.isArray(value) || !value.every((flag) => typeof flag === 'string'))
    throw new UserError('flags takes a list of texts');
  const { positionals, options } = parse('explore', value, []);
  if (positionals.length > 0) throw new UserError(`flags takes flags of the machine, not '${positionals[0]}'`);
  if (options.log !== '') throw new UserError('the log is a file, which the page may not name');
  return value;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) {
    text += String(piece);
    if (text.length > MOST_BYTES) throw new UserError('the body is too long');
  }
  return text;
}

function view({ stats, flags, ...run }: Run): RunView {
  return {
    ...run,
    flags,
    ms: stats?.time_ms.total ?? null,
    instructions: stats?.instructions.total ?? null,
    coverage: stats?.instructions.coverage ?? null,
    fragments: stats?.fragments.length ?? null,
  };
}
