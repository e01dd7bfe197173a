/** Profiles of the host under `--import wynamo/register`: the guest's functions by name and byte offset, and none of a machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { CpuProfile } from '../../src/deopt/guest-profile.ts';
import { profileFile } from '../../src/register/cpu-prof.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { parseWat } from '../../src/wasm/wat.ts';
import { Scratch } from '../cli/harness.ts';

const REGISTER = new URL('../../src/register/index.ts', import.meta.url).href;

const BYTES = await parseWat(
  `(module $guest
    (memory 16)
    (func $inner (param $a i32) (result i32) (local $k i32)
      (local.set $k (i32.const 2000))
      (loop $l
        (i32.store (local.get $a) (i32.mul (i32.load (local.get $a)) (i32.const 1103515245)))
        (local.set $a (i32.and (i32.add (local.get $a) (i32.const 4)) (i32.const 65532)))
        (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (local.get $a))
    (func $work (export "work") (param $n i32) (result i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (call $inner (i32.mul (local.get $n) (i32.const 4)))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s)))`,
  'guest.wat',
);

/** Works until the profiler must have looked many times, whatever runs the guest. */
const WORK = `
const bytes = Uint8Array.from(${JSON.stringify([...BYTES])});
const { work } = (await WebAssembly.instantiate(bytes)).instance.exports;
for (const end = performance.now() + 300; performance.now() < end; ) work(500);
`;

const THREAD = `
import { Worker } from 'node:worker_threads';
new Worker(new URL('work.mjs', import.meta.url));
`;

const INSPECTOR = `
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
import { guestProfile } from ${JSON.stringify(REGISTER)};
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.start');
${WORK}
const { profile } = await session.post('Profiler.stop');
writeFileSync(process.argv[2], JSON.stringify([profile, guestProfile(profile)]));
`;

const WAYS = [
  '--native-first=on --move-after=2 --move-to=native',
  '--native-first=on --move-after=2 --move-to=machine',
  '--native-first=off --hot-loop=2 --hot-entry=2 --compile-free=200',
  '--mode=interp',
];

/** Of the machine's Wasm: its interpreter, fragments, and rests of functions in modules of their own. */
const MACHINE = /^wynamo\.|^T\d+ |wynamo\.rest/;

const frames = ({ nodes }: CpuProfile) => nodes.map((node) => node.callFrame);
const showsMachine = (profile: CpuProfile) =>
  frames(profile).some(({ functionName, url }) => MACHINE.test(functionName) || MACHINE.test(url));

/** Functions of the guest in the profile: `work@93`. */
function guestFunctions(profile: CpuProfile): string[] {
  const own = frames(profile).filter(({ url }) => url.startsWith('wasm://wasm/guest-'));
  return [...new Set(own.map(({ functionName, columnNumber }) => `${functionName}@${columnNumber}`))].sort();
}

const hits = ({ nodes }: CpuProfile) => nodes.reduce((sum, node) => sum + (node.hitCount ?? 0), 0);

const BODIES = decodeModule(BYTES).code.map(({ start }) => start);
const INNER = `inner@${BODIES[0]}`;
const OUTER = `work@${BODIES[1]}`;

function check(profile: CpuProfile): void {
  expect(showsMachine(profile)).to.equal(false);
  const found = guestFunctions(profile);
  expect(found).to.include(OUTER);
  expect([INNER, OUTER]).to.include.members(found);
  const { samples = [], nodes } = profile;
  const ids = new Set(nodes.map((node) => node.id));
  expect(samples.every((id) => ids.has(id))).to.equal(true);
}

describe('profiles under the drop-in form', function () {
  this.timeout(120_000);
  let scratch: Scratch;
  before(() => {
    scratch = new Scratch();
    scratch.file('work.mjs', WORK);
  });
  after(() => scratch.remove());

  const run = (program: string, args: readonly string[], options: string) => {
    const { stderr, status } = spawnSync(process.execPath, [...args, program], {
      encoding: 'utf8',
      env: { ...process.env, WYNAMO_OPTIONS: options },
    });
    expect(status, stderr).to.equal(0);
  };

  /** The profile in the folder that has the guest in it, once nothing of the machine is there any more. */
  const settled = async (folder: string) => {
    for (;;) {
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
        const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
        if (guestFunctions(profile).length > 0 && !showsMachine(profile)) return profile;
      }
      await setTimeout(50);
    }
  };

  it('are what they are natively with these names and offsets', async () => {
    const folder = join(scratch.path, 'native');
    run(scratch.file('work.mjs', WORK), ['--cpu-prof', `--cpu-prof-dir=${folder}`], '');
    check(await settled(folder));
  });

  for (const [i, way] of WAYS.entries()) {
    it(`show the guest with ${way}`, async () => {
      const folder = join(scratch.path, `way${i}`);
      const program = scratch.file('work.mjs', WORK);
      run(program, ['--cpu-prof', '--cpu-prof-dir', folder, '--import', REGISTER], way);
      check(await settled(folder));
    });
  }

  it('show the guest in a worker, and where the profile has a name', async () => {
    const folder = join(scratch.path, 'thread');
    run(scratch.file('thread.mjs', THREAD), ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--import', REGISTER], WAYS[2]!);
    check(await settled(folder));
    const named = ['--cpu-prof', `--cpu-prof-dir=${folder}.1`, '--cpu-prof-name=a+b.cpuprofile', '--import', REGISTER];
    run(scratch.file('work.mjs', WORK), named, WAYS[2]!);
    check(await settled(`${folder}.1`));
  });

  it('show the guest where the program profiles itself', () => {
    const out = join(scratch.path, 'inspector.json');
    const program = scratch.file('inspector.mjs', INSPECTOR);
    const { stderr, status } = spawnSync(process.execPath, ['--import', REGISTER, program, out], {
      encoding: 'utf8',
      env: { ...process.env, WYNAMO_OPTIONS: WAYS[0] },
    });
    expect(status, stderr).to.equal(0);
    const [host, guest] = JSON.parse(readFileSync(out, 'utf8')) as [CpuProfile, CpuProfile];
    expect(showsMachine(host)).to.equal(true);
    check(guest);
    expect(hits(guest)).to.equal(hits(host));
    expect(guest.samples?.length).to.equal(host.samples?.length);
  });

  it('are looked for where the host writes them', () => {
    const { pid } = process;
    expect(profileFile(['--import', 'x'], '', 0)).to.equal(null);
    expect(profileFile([], '--cpu-prof "--cpu-prof-dir=/a b"', 3)).to.deep.equal({
      folder: '/a b',
      name: `^CPU\\.\\d+\\.\\d+\\.${pid}\\.3\\.\\d+\\.cpuprofile$`,
    });
    expect(profileFile(['--cpu-prof', '--cpu-prof-dir=/d', '--cpu-prof-name', `p.\${pid}`], '', 0)).to.deep.equal({
      folder: '/d',
      name: `^p\\.${pid}$`,
    });
  });
});
