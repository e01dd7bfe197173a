/** Which locals probes pass on: those that something may still read. */
import { expect } from 'chai';
import { deadAt } from '../../src/osr/alive.ts';
import { findSites } from '../../src/osr/loops.ts';
import { decodeModule } from '../../src/wasm/decode.ts';
import { watAll } from '../proposals/text.ts';

/** Numbers of the locals that are dead at each site of the only function with sites. */
function dead(text: string): number[][] {
  const module = decodeModule(watAll(`(module (tag $t) ${text})`));
  return findSites(module).flatMap(({ func, locals, sites }) =>
    sites.map((site) => {
      const isDead = deadAt(module, func, site, locals.length);
      return locals.flatMap((_, i) => (isDead(i) ? [i] : []));
    }),
  );
}

/** A function of `$n` and `$a` to `$d`, which are locals 0 to 4. */
const f = (body: string, results = '') =>
  `(func (param $n i32) ${results} (local $a i32) (local $b i32) (local $c i32) (local $d i32) ${body})`;
const again = (label: string) => `(br_if ${label} (local.tee $n (i32.sub (local.get $n) (i32.const 1))))`;
const set = (local: string) => `(local.set ${local} (i32.const 1))`;
const get = (local: string) => `(drop (local.get ${local}))`;

describe('locals that probes pass on', () => {
  it('are not those that each trip writes before it reads them', () => {
    expect(
      dead(f(`(loop $l ${set('$a')} ${get('$a')} ${get('$b')} ${set('$b')} ${again('$l')}) ${get('$c')}`)),
    ).to.deep.equal([[1, 4]]);
  });

  it('are those that only one arm has written', () => {
    const body = `(loop $l
      (if (local.get $n) (then ${set('$a')} ${set('$b')}) (else ${set('$a')} ${set('$c')}))
      (if (local.get $n) (then ${set('$d')}))
      ${get('$a')} ${get('$b')} ${get('$c')} ${get('$d')} ${again('$l')})`;
    expect(dead(f(body))).to.deep.equal([[1]]);
  });

  it('are those that are read where a branch leads', () => {
    const body = `(block $out (block $table
      (loop $l (br_if $out (local.get $n)) ${set('$a')} ${set('$b')}
        (br_table $l $table $out (local.get $n))))
      ${get('$b')} (return)) ${get('$a')}`;
    expect(dead(f(body))).to.deep.equal([[2, 3, 4]]);
  });

  it('are not those of code that is never reached', () => {
    const body = `(if (local.get $n) (then (loop $l ${again('$l')} (br $l) ${get('$a')})) (else ${get('$b')})) ${get('$c')}`;
    expect(dead(f(body))).to.deep.equal([[1, 2, 3, 4]]);
  });

  it('are those that the next trip of the loop around reads', () => {
    const inner = (body: string) => `(loop $i (loop $k ${again('$k')}) ${body} ${again('$i')})`;
    const body = `(loop $o ${get('$a')} ${get('$b')} ${inner(set('$a'))}
      (if (local.get $n) (then ${set('$c')} (br $o))) ${get('$c')} (block ${set('$d')}) ${set('$d')} ${again('$o')})
      (block (block ${get('$d')}))`;
    // At the inner loop $a is written before the next trip reads it, and $d before it is read behind all.
    expect(dead(f(body))).to.deep.equal([[4], [1, 4]]);
  });

  it('are those that a handler reads, whenever it is thrown', () => {
    const body = `(block $h (try_table (catch $t $h)
        (loop $l ${set('$a')} ${set('$b')} (if (local.get $n) (then (throw $t))) ${again('$l')}))
      (return)) ${get('$a')}`;
    expect(dead(f(body))).to.deep.equal([[2, 3, 4]]);
  });
});
