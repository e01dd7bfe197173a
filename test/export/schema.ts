/** Checks a value against a JSON schema: the words of draft 2020-12 that docs/schema uses. Gives what is wrong, with its place. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function schemaErrors(schema: Schema, value: unknown, at = '$'): string[] {
  const errors: string[] = [];
  const type = typeOf(value);
  if (schema.type !== undefined && ![schema.type].flat().includes(type))
    return [`${at} is ${type}, not ${schema.type}`];
  if ('const' in schema && value !== schema.const) errors.push(`${at} is not ${schema.const}`);
  if (schema.enum && !schema.enum.includes(value)) errors.push(`${at} is none of ${schema.enum}`);
  if (type === 'array' && schema.items)
    (value as unknown[]).forEach((item, i) =>
      errors.push(...schemaErrors(schema.items as Schema, item, `${at}[${i}]`)),
    );
  if (type !== 'object') return errors;
  const object = value as Record<string, unknown>;
  for (const name of schema.required ?? []) if (object[name] === undefined) errors.push(`${at} lacks ${name}`);
  for (const [name, item] of Object.entries(object)) {
    const own = schema.properties?.[name] ?? schema.additionalProperties ?? true;
    if (own === false) errors.push(`${at} has ${name}, of which the schema says nothing`);
    else if (typeof own === 'object' && item !== undefined) errors.push(...schemaErrors(own, item, `${at}.${name}`));
  }
  return errors;
}
