/**
 * Translates one guest function from stack code into threaded register code.
 *
 * Locals and constants are used in place, results go straight into the local that a following `local.set` names, and a
 * comparison merges with the branch behind it; so one threaded instruction stands for two to three guest instructions.
 */
import type { BodyReader } from '../../wasm/body.ts';
import { isReference } from '../../wasm/hierarchy.ts';
import { enterArm } from '../arms/control.ts';
import { HEADER } from '../layout.ts';
import { skip } from './blocks.ts';
import { Draft } from './draft.ts';
import type { TranslateEnv, Translation } from './env.ts';
import { visit } from './visit.ts';

/**
 * Translates a function. `observe` is called before each guest instruction: how state dumps learn where operands are.
 */
export function translate(
  env: TranslateEnv,
  func: number,
  body: BodyReader,
  observe?: (d: Draft) => void,
): Translation {
  const d = new Draft(env, func, body);
  d.guest = body.start;
  d.liveTop = d.stack.top;
  const frameWord = emitEnter(d);
  d.label('func', [], d.sig.results, body.start);
  while (body.next()) {
    d.guest = body.offset;
    if (d.dead) {
      skip(d, body.op.name);
      continue;
    }
    d.liveTop = d.stack.top;
    observe?.(d);
    visit(d, body.op);
    d.pending++;
  }
  // The frame size is known only now.
  d.code.words[frameWord] = d.stack.highest;
  const { code, locals, loops, handlers } = d;
  return { code, frameBytes: d.stack.highest, locals, loops, handlers };
}

/** The head of the function. Gives the word that holds the size of its frame. */
function emitEnter(d: Draft): number {
  const { window, locals, sig } = d;
  const first = window + HEADER.bytes;
  const bytes = d.stack.top - first;
  d.begin(d.arm(enterArm.key, () => enterArm));
  d.code.word(0);
  d.code.word(0);
  d.code.word(0);
  d.code.word(d.env.enterTrigger);
  d.code.word(0);
  const frameWord = d.code.word(0);
  d.code.word(first);
  d.code.word(bytes);
  for (const local of locals.slice(sig.params.length)) {
    if (isReference(local.type)) d.emitNull(local.off, local.type);
  }
  d.last = null;
  return frameWord;
}
