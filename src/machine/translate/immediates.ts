/** Immediates that an instruction cannot take from its operands: arms are made for each combination that is used. */
import type { BodyReader } from '../../wasm/body.ts';
import type { OpRow } from '../../wasm/row.ts';
import type { StaticImm } from '../arms/numeric.ts';

/** The static immediates of the instruction in progress. */
export function staticImm(row: OpRow, body: BodyReader): StaticImm {
  if (row.imms.includes('lanes16')) return { lanes: Array.from(body.lanes) };
  if (row.imms.includes('lane')) return { lane: body.a };
  return {};
}

/** They as the end of an arm's key. */
export function immSuffix(imm: StaticImm): string {
  if (imm.lanes) return `:${imm.lanes.join(',')}`;
  return imm.lane === undefined ? '' : `:${imm.lane}`;
}
