/** Probed modules and the rests of functions are valid for every module at hand, and keep the guest's surface. */
import { expect } from 'chai';
import { writeContinuation } from '../../src/osr/continuation.ts';
import { findSites, type Site, type Sited } from '../../src/osr/loops.ts';
import { originalOffset, writeProbed } from '../../src/osr/probed.ts';
import { BodyReader } from '../../src/wasm/body.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import type { WasmModule } from '../../src/wasm/module.ts';
import { opensBlock } from '../../src/wasm/row.ts';
import { watAll } from '../proposals/text.ts';
import { type CorpusModule, guestModules, suiteMissing, suiteModules } from '../wasm/corpus.ts';

function validate(bytes: Uint8Array<ArrayBuffer>, what: string): void {
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    expect.fail(`${what}: ${(error as Error).message}`);
  }
}

/** Byte offsets of a function's instructions. */
function offsets(module: WasmModule, func: number): number[] {
  const body = new BodyReader(module, func);
  const list: number[] = [];
  while (body.next()) list.push(body.offset);
  return list;
}

/** Checks one module; returns how many sites it has. */
function check({ name, bytes }: CorpusModule): number {
  const module = decodeModule(bytes);
  const sited = findSites(module);
  const { bytes: made, names, sites, origin } = writeProbed(module, sited, 0);
  validate(made, name);
  const again = decodeModule(made);
  expect(again.imports, name).to.deep.equal(module.imports);
  expect(again.exports.slice(0, module.exports.length), name).to.deep.equal(module.exports);
  for (const e of again.exports.slice(module.exports.length)) {
    expect(e.name.startsWith(`${names.prefix}.`), name).to.equal(true);
  }
  for (const { func, locals, sites: own } of sited) {
    for (const site of own) {
      validate(writeContinuation(module, site, locals, 0).bytes, `${name}, rest of ${func} from ${site.at}`);
      expect(module.bytes[site.at], 'a loop').to.equal(3);
    }
    // Each instruction of the guest is found again; what was added stands for the one behind it.
    const found = new Set(offsets(again, func).map((at) => originalOffset(origin, at)));
    expect([...found], name).to.deep.equal(offsets(module, func));
  }
  return sites.length;
}

describe('probed modules', () => {
  it('are valid for all guests, and so are the rests of their functions', function () {
    this.timeout(300_000);
    let sites = 0;
    for (const m of guestModules()) sites += check(m);
    expect(sites).to.be.greaterThan(100);
  });

  it('are valid for all modules of the core test suite', function () {
    if (suiteMissing) this.skip();
    let sites = 0;
    for (const m of suiteModules()) sites += check(m);
    expect(sites).to.be.greaterThan(100);
  });
});

describe('probes of loops that the host unrolls', () => {
  /** Loops of a probed function, and how many of them are around each call of a probe. */
  function shape(body: string, more = ''): { loops: number; calls: number[] } {
    const module = decodeModule(
      watAll(`(module (memory 1) ${more} (func (export "f") (param $i i32) (param $s i32) (result i32) ${body}))`),
    );
    const { bytes } = writeProbed(module, findSites(module), 0);
    validate(bytes, body);
    const again = new BodyReader(decodeModule(bytes), module.importedFunctions + module.code.length - 1);
    const found = { loops: 0, calls: [] as number[] };
    const open: string[] = [];
    while (again.next()) {
      const { name } = again.op;
      if (name === 'loop') found.loops++;
      if (opensBlock(again.op)) open.push(name);
      else if (name === 'end') open.pop();
      else if (name === 'call_indirect') found.calls.push(open.filter((o) => o === 'loop').length);
    }
    return found;
  }
  const COUNT = '(br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1))))';

  const around = { loops: 2, calls: [1] };
  const inside = { loops: 1, calls: [1] };

  it('stand around them', () => {
    const sum = '(local.set $s (i32.add (local.get $s) (i32.load (local.get $i))))';
    expect(shape(`(loop $l ${sum} ${COUNT}) (local.get $s)`)).to.deep.equal(around);
    expect(shape(`(loop $l (result i32) ${COUNT} (local.get $s))`)).to.deep.equal(around);
    expect(shape(`(block $b (loop $l (br_if $b (local.get $s)) ${COUNT})) (local.get $s)`)).to.deep.equal(around);
  });

  it('stand inside of loops that it would not unroll', () => {
    expect(shape(`(loop $l (call $g) ${COUNT}) (local.get $s)`, '(func $g)')).to.deep.equal(inside);
    const long = '(i32.store (i32.const 8) (local.get $i))'.repeat(40);
    expect(shape(`(loop $l ${long} ${COUNT}) (local.get $s)`)).to.deep.equal(inside);
  });
});

describe('sites', () => {
  const sitesOf = (body: string, more = '') =>
    findSites(decodeModule(watAll(`(module ${more} (func (param $n i32) (local $x i32) ${body}))`))).flatMap(
      (s) => s.sites,
    );
  const LOOP = '(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))';

  it('are outermost loops', () => {
    expect(sitesOf(`(loop $o ${LOOP} (br_if $o (local.get $x))) ${LOOP}`)).to.have.length(2);
  });

  it('are loops inside of these, if they have loops themselves', () => {
    const found = sitesOf(`(loop $o (loop $m ${LOOP} (br_if $m (local.get $x))) ${LOOP} (br_if $o (local.get $x)))`);
    expect(found.map((site) => site.outer === null)).to.deep.equal([true, false]);
    expect(found[1]?.outer).to.equal(found[0]);
  });

  it('know what is open around them', () => {
    const [site] = sitesOf(`(block $a (br_if $a (local.get $n)) (if (local.get $x) (then (br $a)) (else ${LOOP})))`);
    expect(site?.around.map((a) => a.code)).to.deep.equal([2, 5]);
  });

  it('have nothing on the operand stack', () => {
    const below = `(local.set $x (i32.add (i32.const 1) (block (result i32) ${LOOP} (i32.const 2))))`;
    expect(
      sitesOf(
        `(drop (call $two (local.get $x) (loop $l (result i32) (br_if $l (local.get $n)) (i32.const 1))))`,
        '(func $two (param i32 i32) (result i32) (local.get 0))',
      ),
    ).to.have.length(0);
    expect(sitesOf(below)).to.have.length(0);
  });

  describe('are not loops that are short:', () => {
    const count = (from: string, step: string, test: string) =>
      sitesOf(`(local.set $x ${from}) (loop $l ${step} (br_if $l ${test}))`).length;
    const up = (by: number) => `(local.set $x (i32.add (local.get $x) (i32.const ${by})))`;
    const below = (n: number) => `(i32.lt_s (local.get $x) (i32.const ${n}))`;

    it('those that count from a constant to another in few steps', () => {
      expect(count('(i32.const 0)', up(1), below(64))).to.equal(0);
      expect(count('(i32.const 0)', up(64), below(64 * 4096))).to.equal(0);
      expect(count('(i32.const 0)', up(1), below(100_000))).to.equal(1);
      expect(count('(local.get $n)', up(1), below(64))).to.equal(1);
      expect(count('(i32.const 0)', `${up(1)} ${up(0)}`, below(64))).to.equal(1);
      expect(count('(i32.const 7)', '', '(local.tee $x (i32.sub (local.get $x) (i32.const 1)))')).to.equal(0);
    });

    it('those that begin with the test', () => {
      const loop = (n: string) =>
        sitesOf(`(loop $l (if (i32.lt_u (local.get $x) ${n}) (then (drop (local.get $n)) ${up(1)} (br $l))))`).length;
      expect(loop('(i32.const 40)')).to.equal(0);
      expect(loop('(local.get $n)')).to.equal(1);
    });

    it('those that shift a number until nothing is left', () => {
      const shift = '(local.set $n (i32.shr_u (local.get $n) (i32.const 1)))';
      expect(sitesOf(`(loop $l ${shift} (br_if $l (i32.ne (local.get $n) (i32.const 0))))`)).to.have.length(0);
      expect(sitesOf(`(loop $l ${shift} (br_if $l (i32.ne (local.get $n) (i32.const 9))))`)).to.have.length(1);
    });

    it('those that call are short when they make few trips', () => {
      const calls = (n: number) => sitesOf(`(loop $l (call $g) ${up(1)} (br_if $l ${below(n)}))`, '(func $g)').length;
      expect(calls(64)).to.equal(0);
      expect(calls(65)).to.equal(1);
    });

    it('a test that is no way out says nothing', () => {
      const inside = `(if (i32.eq (local.get $x) (i32.const 5)) (then (drop (local.get $n))))`;
      const other = '(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))';
      expect(sitesOf(`(loop $l ${'(nop)'.repeat(9)} ${inside} ${up(1)} ${other})`)).to.have.length(1);
    });
  });

  it('are none in functions that name a segment or a function', () => {
    expect(sitesOf(`${LOOP} (drop (ref.func $g))`, '(func $g) (elem declare func $g)')).to.have.length(0);
  });

  it('are none where locals may hold nothing yet', () => {
    const text = (init: string) => `(module (type $t (func)) (func $g) (elem declare func $g)
      (func (param $n i32) (local $r (ref func)) ${init} ${LOOP}))`;
    expect(findSites(decodeModule(watAll(text(''))))).to.have.length(0);
  });

  it('do not have loops inlined that need all registers', () => {
    const alive = (n: number, more = '') => {
      const names = Array.from({ length: n }, (_, i) => `$p${i}`);
      const body = names
        .map((p) => `(local.set ${p} (i32.add (local.get ${p}) (i32.load (local.get ${p}))))`)
        .join(' ');
      const module = decodeModule(
        watAll(`(module (memory 1)
          (func $rounds ${names.map((p) => `(param ${p} i32)`).join(' ')} (loop $l ${body} ${more} (br_if $l (local.get $p0))))
          (func $f (param $n i32)
            (loop $l (call $rounds ${'(local.get $n)'.repeat(n)}) (br_if $l (local.get $n)))))`),
      );
      const { locals, sites } = findSites(module).find((s) => s.func === 1) as Sited;
      const rest = decodeModule(writeContinuation(module, sites[0] as Site, locals, 0).bytes);
      return rest.sections.some((s) => s.name === 'metadata.code.instr_freq');
    };
    expect(alive(8)).to.equal(true);
    expect(alive(9)).to.equal(false);
    // A long function with a loop in its loop.
    const nested = (n: number) =>
      alive(
        n,
        `(loop $i ${'(local.set $p0 (i32.rotl (local.get $p0) (i32.const 9)))'.repeat(30)}
      (br_if $i (local.get $p0)))`,
      );
    expect(nested(4)).to.equal(true);
    expect(nested(5)).to.equal(false);
  });

  it('leave functions that call by reference in a loop to the guest', () => {
    const module = decodeModule(
      watAll(`(module (type $t (func (param i32) (result i32))) (table 1 funcref)
        (func $sort (type $t) (loop $l (br_if $l (call_indirect (type $t) (local.get 0) (i32.const 0)))) (local.get 0))
        (func $refs (param $r (ref $t)) (result i32)
          (loop $l (br_if $l (call_ref $t (i32.const 1) (local.get $r)))) (i32.const 1))
        (func $once (type $t) (loop $l (br_if $l (local.get 0))) (call_indirect (type $t) (local.get 0) (i32.const 0)))
        (func $f (param $n i32) (param $r (ref $t))
          (loop $l (br_if $l
            (i32.add (call $once (local.get $n)) (i32.add (call $refs (local.get $r)) (call $sort (local.get $n))))))))`),
    );
    const { locals, sites } = findSites(module).find((s) => s.func === 3) as Sited;
    const { calls } = writeContinuation(module, sites[0] as Site, locals, 0);
    expect([...calls].sort()).to.deep.equal([0, 1]);
  });

  it('find numeric globals before the loop, which is where V8 leaves their addresses', () => {
    const module = decodeModule(
      watAll(`(module (global $c i32 (i32.const 1)) (global $g (mut i32) (i32.const 2))
        (global $r (mut externref) (ref.null extern)) (global $unused (mut i32) (i32.const 3))
        (func $f (loop $l (global.set $g (global.get $c)) (drop (global.get $r)) (br_if $l (i32.const 0)))))`),
    );
    const [{ locals, sites }] = findSites(module) as [Sited];
    const rest = decodeModule(writeContinuation(module, sites[0] as Site, locals, 0).bytes);
    const body = new BodyReader(rest, rest.importedFunctions);
    const first: string[] = [];
    while (body.next() && body.op.name !== 'loop') first.push(`${body.op.name} ${body.a}`);
    expect(first).to.deep.equal(['global.get 1', 'global.set 1']);
  });
});
