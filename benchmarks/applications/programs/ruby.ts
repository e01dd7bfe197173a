/** CRuby 3.4 (C, WASI, 16 MB, Asyncify): `ruby -e` by the package's own virtual machine object under node:wasi. */
import { readFile } from 'node:fs/promises';
import { type Application, packageFile, required } from '../application.ts';

interface Vm {
  eval(code: string): { toString(): string };
}

const SCRIPT = `
def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
Point = Struct.new(:x, :y) do
  def norm = Math.sqrt(x * x + y * y)
end
words = %w[the quick brown fox jumps over the lazy dog]
fiber = Fiber.new { 3.times { |i| Fiber.yield i * i }; :done }
errors = (1..50).map { |i| Integer(i.odd? ? i.to_s : 'x') rescue $!.class.name }
[
  fib(18),
  words.group_by(&:size).transform_values(&:sort),
  Point.new(3, 4).norm,
  4.times.map { fiber.resume },
  errors.tally,
  (1..200).reduce(:*).to_s.size,
  'hello world'.gsub(/(o)(.)?/) { "<#{$1}|#{$2}>" },
  format('%08.3f %x', Math::PI, 255),
  (1..1000).lazy.select(&:even?).map { _1 ** 2 }.first(3),
  { a: 1, 'b' => [nil, true] }.inspect,
  [3, 1, 2].sort_by { -_1 },
].map(&:inspect).join("\\n")`;

export const application: Application = {
  doc: 'CRuby 3.4, WASI',
  async open() {
    const wasm = packageFile('@ruby/3.4-wasm-wasi', 'dist/ruby.wasm');
    const { DefaultRubyVM } = required<{
      DefaultRubyVM(module: WebAssembly.Module): Promise<{ vm: Vm }>;
    }>('@ruby/wasm-wasi/dist/node');
    const { vm } = await DefaultRubyVM(await WebAssembly.compile(await readFile(wasm)));
    return () => vm.eval(SCRIPT).toString();
  },
};
