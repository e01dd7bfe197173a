/**
 * Why a region cannot become a fragment. The cache counts these by name and leaves the trace to the interpreter; none of
 * them is a bug of the guest program.
 */
export const EMIT_ERRORS = {
  irreducible: 'the control flow has a loop with two entries',
  operation: 'an operation cannot be written in a fragment',
  import: 'the guest has no such entity, or the environment gives no place for it',
  value: 'a value is used where it is not available',
} as const;
export type EmitErrorName = keyof typeof EMIT_ERRORS;

export class EmitError extends Error {
  override readonly name = 'EmitError';
  readonly reason: EmitErrorName;

  constructor(reason: EmitErrorName, detail: string) {
    super(`${EMIT_ERRORS[reason]}: ${detail}`);
    this.reason = reason;
  }
}
