/** Policies by name: `NAME` or `NAME:parameter=number:...`, as options of the machine take them. */
import { UserError, unknownName } from './errors.ts';

export type Params = Readonly<Record<string, number>>;

/** What a catalogue of policies has in common. */
export interface NamedPolicy {
  readonly name: string;
  readonly doc: string;
  /** Paper and section that it is from. */
  readonly source: string;
  /** Parameters besides the options of the machine, with their defaults. */
  readonly params?: Readonly<Record<string, { readonly default: number; readonly doc: string }>>;
}

/** The policy of an option's text, with all its parameters. Throws a UserError for what is not in the catalogue. */
export function readPolicy<P extends NamedPolicy>(
  catalogue: readonly P[],
  what: string,
  text: string,
): { policy: P; params: Params } {
  const [name = '', ...given] = text.split(':');
  const policy = catalogue.find((p) => p.name === name);
  const names = catalogue.map((p) => p.name);
  if (!policy) throw new UserError(unknownName(what, name, names));
  const known = policy.params ?? {};
  const params: Record<string, number> = {};
  for (const [key, row] of Object.entries(known)) params[key] = row.default;
  for (const item of given) {
    const [key = '', value = ''] = item.split('=');
    if (!(key in known)) {
      const all = Object.keys(known);
      throw new UserError(
        all.length === 0
          ? `the policy ${name} has no parameters, so '${item}' has no meaning`
          : `policy ${name}: ${unknownName('parameter', key, all)}`,
      );
    }
    if (!/^\d+$/.test(value)) throw new UserError(`policy ${name}: ${key} takes a whole number, not '${value}'`);
    params[key] = Number(value);
  }
  return { policy, params };
}
