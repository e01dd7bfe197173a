/** What a user can get wrong: each is one sentence that says what, on standard error, with status 2. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Scratch, WYNAMO, wynamo } from './harness.ts';

const cat = fileURLToPath(new URL('guests/cat.wat', import.meta.url));
const traps = fileURLToPath(new URL('guests/traps.wat', import.meta.url));
/** `(module (func (export "f")))`. */
const MODULE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 4, 1, 2, 0, 11];
/** A name that the file system takes for no question at all. */
const LONG = 'n'.repeat(300);

describe('mistakes on the command line', () => {
  let scratch: Scratch;
  let files: Record<string, string>;
  before(() => {
    scratch = new Scratch();
    const folderWith = (name: string, content: string) => {
      mkdirSync(`${scratch.path}/${name}`);
      return dirname(scratch.file(`${name}/campaign.json`, content));
    };
    const flipped = Uint8Array.from(MODULE);
    flipped[30] = 0x1a; // `end` becomes `drop`
    files = {
      good: scratch.file('good.wasm', Uint8Array.from(MODULE)),
      truncated: scratch.file('truncated.wasm', Uint8Array.from(MODULE.slice(0, 28))),
      flipped: scratch.file('flipped.wasm', flipped),
      noise: scratch.file('noise.wasm', Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])),
      empty: scratch.file('empty.wasm', ''),
      syntax: scratch.file('syntax.wat', '(module (func (result i32) i32.const))'),
      types: scratch.file('types.wat', '(module (func (result i32)))'),
      one: scratch.file('one.wat', '(module (func (export "one") (param i32)))'),
      noExport: scratch.file('imports.mjs', 'export const x = 1;'),
      folder: scratch.path,
      campaign: folderWith('damaged', '{"schema": 1, "plan":'),
      other: folderWith('other', '{}'),
    };
  });
  after(() => scratch.remove());

  const cases: [string, (f: Record<string, string>) => string[], RegExp][] = [
    ['an unknown command', () => ['rum'], /no command 'rum'; did you mean 'run'\?/],
    ['an unknown flag', () => ['run', '--hot-lop=3', cat], /no flag --hot-lop; did you mean --hot-loop\?/],
    ["a guest's flag without --", () => ['run', cat, '--verbose'], /no flag --verbose.*after --/],
    ['a flag without its value', () => ['run', '--fuel'], /--fuel needs a value/],
    [
      'a flag with another flag in the place of its value',
      () => ['run', '--log', '--check', cat],
      /--log needs a value: --log=FILE/,
    ],
    ['a short flag without its value', () => ['report', cat, '-o'], /-o needs a value: -o FILE\n/],
    ['a level that is missing', () => ['run', '-O', '--check', cat], /-O needs a value: -OPASSES\n/],
    ['an empty file name', () => ['run', '--stats=', cat], /--stats needs a value: --stats=FILE/],
    [
      'fuel where nothing counts',
      (f) => ['run', '--mode=native', '--fuel=9', '--invoke=f', f.good!],
      /fuel cannot be kept, because in mode native/,
    ],
    [
      'a time limit where nothing could stop the guest',
      (f) => ['run', '--mode=native', '--timeout=9', '--invoke=f', f.good!],
      /timeout cannot be kept/,
    ],
    ['a switch with a value', () => ['run', '--check=yes', cat], /--check takes no value/],
    [
      'a mode that does not exist',
      () => ['run', '--mode=tracer', cat],
      /--mode takes interp, trace, native.*did you mean 'trace'/,
    ],
    [
      'a number out of range',
      () => ['run', '--hot-loop=0', cat],
      /--hot-loop takes a whole number from 1 to \d+, not '0'/,
    ],
    ['a number that is none', () => ['run', '--fuel=many', cat], /--fuel takes a whole number/],
    ['a level that does not exist', () => ['run', '-O4', cat], /-O takes a level/],
    ['a pass that does not exist', (f) => ['run', '-O+csee', '--invoke=f', f.good!], /csee/],
    ['a probability over 1', () => ['run', '--force-exits=2', cat], /--force-exits takes 'all' or a probability/],
    ['no file', () => ['run'], /which file\?/],
    ['a missing file', () => ['run', '/no/such.wasm'], /no file \/no\/such\.wasm/],
    ['a folder', (f) => ['run', f.folder!], /cannot be read: it is a folder; give the path of a \.wasm or \.wat file/],
    ['an empty file', (f) => ['run', f.empty!], /empty\.wasm is neither/],
    ['a file that is no module', (f) => ['run', f.noise!], /noise\.wasm is neither/],
    ['a truncated module', (f) => ['run', f.truncated!], /truncated\.wasm is no valid module: .+/],
    ['a module with a flipped byte', (f) => ['run', f.flipped!], /flipped\.wasm is no valid module: .+/],
    ['a syntax error in text', (f) => ['run', f.syntax!], /syntax\.wat.*1/],
    ['a type error in text', (f) => ['run', f.types!], /types\.wat/],
    [
      'a module without an entry',
      (f) => ['run', f.good!],
      /good\.wasm exports no _start.*--invoke=NAME \(it exports f\)/,
    ],
    [
      'an export that does not exist',
      (f) => ['run', '--invoke=g', f.good!],
      /no exported function 'g'; did you mean 'f'\?/,
    ],
    [
      'too many arguments',
      (f) => ['run', '--invoke=f', f.good!, '--', '1'],
      /f takes 0 arguments \(none\), not 1; they go after --\n/,
    ],
    ['too few arguments', (f) => ['run', '--invoke=one', f.one!], /one takes 1 argument \(i32\), not 0/],
    ['an import that nobody provides', () => ['run', traps], /imports the function env\.throws.*--imports=FILE/],
    ['imports that do not exist', () => ['run', '--imports=/no/such.mjs', traps], /\/no\/such\.mjs does not exist/],
    [
      'imports without a default export',
      (f) => ['run', `--imports=${f.noExport}`, traps],
      /no import object as its default export/,
    ],
    ['a folder for the guest that does not exist', () => ['run', '--dir=/no/such', cat], /no folder '\/no\/such'/],
    [
      'statistics into a folder that does not exist',
      (f) => ['run', '--invoke=f', '--stats=/no/such/s.json', f.good!],
      /cannot write/,
    ],
    [
      'a log into a folder that does not exist',
      (f) => ['run', '--invoke=f', '--log=/no/such/l', f.good!],
      /cannot write|\/no\/such\/l/,
    ],
    [
      'a folder in the place of a recording',
      (f) => ['run', `--replay=${f.folder}`, f.good!],
      /--replay: there is no file/,
    ],
    [
      'a damaged campaign',
      (f) => ['campaign', 'status', f.campaign!],
      /campaign\.json is damaged or of another version/,
    ],
    [
      'a campaign that is none',
      (f) => ['campaign', 'report', f.other!],
      /campaign\.json is damaged or of another version/,
    ],
    [
      'names that the file system refuses',
      (f) => ['run', '--invoke=f', `--stats=${LONG}`, f.good!],
      /cannot write n{300}: its name is too long/,
    ],
    [
      'a recording of which nothing can be known',
      (f) => ['run', `--replay=${LONG}`, f.good!],
      /--replay: there is no file/,
    ],
    ['a folder of which nothing can be known', () => ['run', `--dir=${LONG}`, cat], /--dir: there is no folder/],
    ['a stage that does not exist', (f) => ['dump', '--stage=opts', f.good!], /--stage takes .*did you mean 'opt'/],
    ['a trace that is no number', (f) => ['dump', '--trace=x', f.good!], /--trace takes the number/],
    ['a wrong --top', (f) => ['profile', '--top=0', f.good!], /--top takes a whole number/],
  ];
  for (const [name, args, sentence] of cases) {
    it(name, () => {
      const result = wynamo(args(files));
      expect(result.stderr).to.match(sentence);
      expect(result.stderr).to.match(/^wynamo: [^\n]+\n$/);
      expect(result).to.include({ status: 2, stdout: '' });
    });
  }

  it('a file that cannot be written is told before the guest runs', () => {
    for (const [command, flag] of [
      ['run', '--stats='],
      ['run', '--state='],
      ['report', '-o'],
      ['profile', '--format=json,-o'],
      ['profile', '--exact='],
      ['hint', '-o'],
      ['monitor', '--lcov='],
    ] as const) {
      for (const [path, reason] of [
        ['/no/such/file', 'its folder does not exist'],
        [scratch.path, 'it is a folder'],
        [`${cat}/file`, 'its folder is a file'],
      ] as const) {
        const flags = `${flag}${path}`.split(',');
        const result = wynamo([command, ...flags, cat], 'what the guest would print');
        expect(result).to.deep.equal({ status: 2, stdout: '', stderr: `wynamo: cannot write ${path}: ${reason}\n` });
      }
    }
  });

  it('standard output that takes no more is one sentence, too', () => {
    const { status, stderr } = spawnSync(process.execPath, [WYNAMO, 'list', 'passes'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    expect({ status, stderr }).to.deep.equal({
      status: 2,
      stderr: 'wynamo: cannot write standard output: the disk is full\n',
    });
  });

  it('no command at all shows the usage', () => {
    const result = wynamo([]);
    expect(result.stderr).to.contain('usage: wynamo COMMAND');
    expect(result).to.include({ status: 2, stdout: '' });
  });
});
