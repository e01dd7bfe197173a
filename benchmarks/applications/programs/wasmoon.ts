/** Lua (C, Emscripten with exceptions by JavaScript): tables, closures, coroutines, patterns, errors, calls in both directions. */
import { type Application, required } from '../application.ts';

interface Engine {
  global: { set(name: string, value: unknown): void; get(name: string): (...args: unknown[]) => unknown };
  doString(code: string): Promise<unknown>;
}

const SCRIPT = `
local function sieve(n)
  local composite, count = {}, 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return count
end
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local out = {}
out[#out + 1] = 'primes ' .. sieve(30000)
out[#out + 1] = 'fib ' .. fib(21)
local co = coroutine.wrap(function() for i = 1, 500 do coroutine.yield(i * i) end return 'end' end)
local sum = 0
for i = 1, 500 do sum = sum + co() end
out[#out + 1] = 'squares ' .. sum .. ' ' .. co()
local text = string.rep('lua is fast; ', 200)
out[#out + 1] = 'vowels ' .. select(2, text:gsub('[aeiou]', '*')) .. ' ' .. text:upper():sub(1, 11)
local failed = 0
for i = 1, 200 do if not pcall(function() error({ code = i }) end) then failed = failed + 1 end end
out[#out + 1] = 'failed ' .. failed .. ' ' .. tostring(select(2, pcall(error, 'plain')))
local meta = setmetatable({}, { __index = function(_, k) return k * 2 end, __call = function(_, a) return a + 1 end })
out[#out + 1] = 'meta ' .. meta[21] .. ' ' .. meta(41)
local t = {}
for i = 1, 2000 do t[i] = (i * 7919) % 2003 end
table.sort(t)
out[#out + 1] = 'sorted ' .. table.concat(t, ',', 1, 12)
out[#out + 1] = string.format('host %s %5.2f %x', host(20, 22), math.pi, 255)
function later(x) return x * 3 + (1 << 4) // 3 end
return table.concat(out, '\\n')`;

export const application: Application = {
  doc: 'Lua interpreter',
  async open() {
    const { LuaFactory } = required<{ LuaFactory: new () => { createEngine(): Promise<Engine> } }>('wasmoon');
    const lua = await new LuaFactory().createEngine();
    await lua.doString('return 1');
    return async () => {
      lua.global.set('host', (a: number, b: number) => a + b);
      const text = String(await lua.doString(SCRIPT));
      return `${text}\nlater ${String(lua.global.get('later')(14))}`;
    };
  },
};
