/**
 * A small valid module for each instruction whose operands depend on immediates, on the stack or on what the module
 * has. Each is alone in its module: the host refuses both exception dialects in one.
 *
 * Every module has the same furniture: types 0 () -> (), 1 (i32) -> (i32), 2 a struct {mutable i8, mutable i32}, 3 an
 * array of mutable i8, 4 an array of mutable funcref; one memory; table 0 of funcref, table 1 of externref; tag 0
 * without and tag 1 with an i32; globals 0 mutable i32; function 0 of type 0, function 1 of type 1, and function 2 with
 * the snippet; element segment 0 passive; data segment 0 passive.
 */
import { CodeWriter } from '../../src/wasm/code.ts';
import type { ValType } from '../../src/wasm/row.ts';
import { writeValType } from '../../src/wasm/types.ts';
import { Writer } from '../../src/wasm/writer.ts';

type Snippet = (c: CodeWriter) => CodeWriter;

/** Locals of the function with the snippet: one of each type that snippets need. */
const LOCALS: readonly ValType[] = [
  'i32',
  'i64',
  'funcref',
  'externref',
  'anyref',
  'eqref',
  '(ref null 2)',
  '(ref null 3)',
  '(ref null 1)',
  '(ref null 4)',
  'i31ref',
  'exnref',
];
const [I32, I64, FUNC, EXTERN, ANY, EQ, STRUCT, ARRAY, TYPED, FUNCS, I31, EXN] = LOCALS.map((_, i) => i) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

function build(snippet: Snippet, exceptions: 'legacy' | 'none' | 'new'): Uint8Array<ArrayBuffer> {
  const out = new Writer().raw(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  const section = (id: number, write: (w: Writer) => void) => {
    const w = new Writer();
    write(w);
    out.u8(id).sized(w);
  };
  const bytes = (w: Writer, ...list: number[]) => w.raw(Uint8Array.from(list));
  section(1, (w) => {
    bytes(w, 6, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f);
    bytes(w, 0x5f, 2, 0x78, 1, 0x7f, 1, 0x5e, 0x78, 1, 0x5e, 0x70, 1, 0x60, 1, 0x7f, 0);
  });
  section(3, (w) => bytes(w, 3, 0, 1, 0));
  section(4, (w) => bytes(w, 2, 0x70, 0, 4, 0x6f, 0, 4));
  section(5, (w) => bytes(w, 1, 0, 1));
  section(13, (w) => bytes(w, 2, 0, 0, 0, 5));
  section(6, (w) => bytes(w, 1, 0x7f, 1, 0x41, 0, 0x0b));
  section(9, (w) => bytes(w, 1, 1, 0, 2, 0, 1));
  section(12, (w) => bytes(w, 1));
  section(10, (w) => {
    bytes(w, 3, 2, 0, 0x0b, 4, 0, 0x20, 0, 0x0b);
    const body = new Writer();
    const locals = LOCALS.filter((t) => t !== 'exnref' || exceptions === 'new');
    body.u32(locals.length);
    for (const t of locals) writeValType(body.u32(1), t);
    w.sized(body.raw(snippet(new CodeWriter()).finish()).u8(0x0b));
  });
  section(11, (w) => bytes(w, 1, 1, 3, 1, 2, 3));
  return out.finish();
}

const i32 = (c: CodeWriter, times = 1): CodeWriter => {
  for (let i = 0; i < times; i++) c.op('i32.const', 0);
  return c;
};
const get = (c: CodeWriter, local: number) => c.op('local.get', local);

const SNIPPETS: Record<string, Snippet> = {
  unreachable: (c) => c.op('unreachable'),
  block: (c) => i32(c).op('block', 1).op('end').op('drop'),
  loop: (c) => c.op('loop', 'void').op('end'),
  if: (c) => i32(c).op('if', 'i32').op('i32.const', 1).op('else').op('i32.const', 2).op('end').op('drop'),
  else: (c) => i32(c).op('if', 'void').op('else').op('end'),
  end: (c) => c.op('block', 'void').op('end'),
  br: (c) => c.op('br', 0),
  br_if: (c) => i32(c).op('br_if', 0),
  br_table: (c) => i32(c.op('block', 'void')).op('br_table', [0, 1, 0], 1).op('end'),
  return: (c) => c.op('return'),
  call: (c) => i32(c).op('call', 1).op('drop'),
  call_indirect: (c) => i32(c, 2).op('call_indirect', 1, 0).op('drop'),
  return_call: (c) => c.op('return_call', 0),
  return_call_indirect: (c) => i32(c).op('return_call_indirect', 0, 0),
  call_ref: (c) => get(i32(c), TYPED).op('call_ref', 1).op('drop'),
  return_call_ref: (c) => c.op('ref.null', '0').op('return_call_ref', 0),
  drop: (c) => i32(c).op('drop'),
  select: (c) => i32(c, 3).op('select').op('drop'),
  select_t: (c) =>
    i32(get(get(c, FUNC), FUNC))
      .op('select_t', ['funcref'])
      .op('drop'),
  'local.get': (c) => get(c, I64).op('drop'),
  'local.set': (c) => i32(c).op('local.set', I32),
  'local.tee': (c) => i32(c).op('local.tee', I32).op('drop'),
  'global.get': (c) => c.op('global.get', 0).op('drop'),
  'global.set': (c) => i32(c).op('global.set', 0),
  'table.get': (c) => i32(c).op('table.get', 1).op('drop'),
  'table.set': (c) => get(i32(c), EXTERN).op('table.set', 1),
  'table.size': (c) => c.op('table.size', 1).op('drop'),
  'table.grow': (c) => i32(get(c, EXTERN)).op('table.grow', 1).op('drop'),
  'table.fill': (c) => i32(get(i32(c), EXTERN)).op('table.fill', 1),
  'table.copy': (c) => i32(c, 3).op('table.copy', 0, 0),
  'table.init': (c) => i32(c, 3).op('table.init', 0, 0),
  'elem.drop': (c) => c.op('elem.drop', 0),
  'memory.init': (c) => i32(c, 3).op('memory.init', 0, 0),
  'data.drop': (c) => c.op('data.drop', 0),
  'ref.null': (c) => c.op('ref.null', 'extern').op('local.set', EXTERN),
  'ref.is_null': (c) => get(c, EXTERN).op('ref.is_null').op('drop'),
  'ref.func': (c) => c.op('ref.func', 1).op('local.set', TYPED),
  'ref.as_non_null': (c) => get(c, EQ).op('ref.as_non_null').op('drop'),
  br_on_null: (c) => get(c, EQ).op('br_on_null', 0).op('drop'),
  br_on_non_null: (c) =>
    get(c.op('block', '(ref eq)'), EQ).op('br_on_non_null', 0).op('unreachable').op('end').op('drop'),
  'ref.eq': (c) => get(get(c, EQ), EQ).op('ref.eq').op('drop'),
  'struct.new': (c) => i32(c, 2).op('struct.new', 2).op('drop'),
  'struct.new_default': (c) => c.op('struct.new_default', 2).op('local.set', STRUCT),
  'struct.get': (c) => get(c, STRUCT).op('struct.get', 2, 1).op('drop'),
  'struct.get_s': (c) => get(c, STRUCT).op('struct.get_s', 2, 0).op('drop'),
  'struct.get_u': (c) => get(c, STRUCT).op('struct.get_u', 2, 0).op('drop'),
  'struct.set': (c) => i32(get(c, STRUCT)).op('struct.set', 2, 1),
  'array.new': (c) => i32(c, 2).op('array.new', 3).op('drop'),
  'array.new_default': (c) => i32(c).op('array.new_default', 3).op('local.set', ARRAY),
  'array.new_fixed': (c) => i32(c, 3).op('array.new_fixed', 3, 3).op('drop'),
  'array.new_data': (c) => i32(c, 2).op('array.new_data', 3, 0).op('drop'),
  'array.new_elem': (c) => i32(c, 2).op('array.new_elem', 4, 0).op('drop'),
  'array.get': (c) => i32(get(c, FUNCS)).op('array.get', 4).op('drop'),
  'array.get_s': (c) => i32(get(c, ARRAY)).op('array.get_s', 3).op('drop'),
  'array.get_u': (c) => i32(get(c, ARRAY)).op('array.get_u', 3).op('drop'),
  'array.set': (c) => i32(get(c, ARRAY), 2).op('array.set', 3),
  'array.len': (c) => get(c, ARRAY).op('array.len').op('drop'),
  'array.fill': (c) => i32(get(c, ARRAY), 3).op('array.fill', 3),
  'array.copy': (c) => i32(get(i32(get(c, ARRAY)), ARRAY), 2).op('array.copy', 3, 3),
  'array.init_data': (c) => i32(get(c, ARRAY), 3).op('array.init_data', 3, 0),
  'array.init_elem': (c) => i32(get(c, FUNCS), 3).op('array.init_elem', 4, 0),
  'ref.test': (c) => get(c, ANY).op('ref.test', '2').op('drop'),
  'ref.test_null': (c) => get(c, ANY).op('ref.test_null', 'i31').op('drop'),
  'ref.cast': (c) => get(c, ANY).op('ref.cast', 'struct').op('drop'),
  'ref.cast_null': (c) => get(c, ANY).op('ref.cast_null', '3').op('local.set', ARRAY),
  // Flag 1: the source may be null; flag 2: so may the target.
  br_on_cast: (c) =>
    get(c.op('block', '(ref 2)'), ANY).op('br_on_cast', 1, 0, 'any', '2').op('unreachable').op('end').op('drop'),
  br_on_cast_fail: (c) =>
    get(c.op('block', 'anyref'), ANY).op('br_on_cast_fail', 3, 0, 'any', '2').op('end').op('drop'),
  'any.convert_extern': (c) => get(c, EXTERN).op('any.convert_extern').op('local.set', ANY),
  'extern.convert_any': (c) => get(c, ANY).op('extern.convert_any').op('local.set', EXTERN),
  'ref.i31': (c) => i32(c).op('ref.i31').op('local.set', I31),
  'i31.get_s': (c) => get(c, I31).op('i31.get_s').op('drop'),
  'i31.get_u': (c) => get(c, I31).op('i31.get_u').op('drop'),
};

const NEW_EXCEPTIONS: Record<string, Snippet> = {
  throw: (c) => i32(c).op('throw', 1),
  throw_ref: (c) => get(c, EXN).op('throw_ref'),
  try_table: (c) =>
    c
      .op('block', 'exnref')
      .op('block', 'i32')
      .op('try_table', 'void', [
        { kind: 0, tag: 1, label: 0 },
        { kind: 2, tag: 0, label: 2 },
        { kind: 3, tag: 0, label: 1 },
      ])
      .op('call', 0)
      .op('end')
      .op('i32.const', 0)
      .op('end')
      .op('drop')
      .op('ref.null', 'exn')
      .op('end')
      .op('drop'),
};

const LEGACY_EXCEPTIONS: Record<string, Snippet> = {
  try: (c) => c.op('try', 'void').op('call', 0).op('catch_all').op('end'),
  catch: (c) => i32(c.op('try', 'i32')).op('catch', 1).op('end').op('drop'),
  catch_all: (c) => c.op('try', 'void').op('catch', 0).op('catch_all').op('end'),
  rethrow: (c) => c.op('try', 'void').op('call', 0).op('catch_all').op('rethrow', 0).op('end'),
  delegate: (c) => c.op('try', 'void').op('try', 'void').op('call', 0).op('delegate', 0).op('catch_all').op('end'),
};

/** Bytes of a valid module that uses the instruction, by its name. */
export const FREE_FORM: Record<string, () => Uint8Array<ArrayBuffer>> = Object.fromEntries(
  (
    [
      [SNIPPETS, 'none'],
      [NEW_EXCEPTIONS, 'new'],
      [LEGACY_EXCEPTIONS, 'legacy'],
    ] as const
  ).flatMap(([list, dialect]) => Object.entries(list).map(([name, s]) => [name, () => build(s, dialect)])),
);
