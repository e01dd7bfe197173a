// Indirect calls: a polymorphic function table (eight functions, the next one chosen by data), a monomorphic call site,
// and virtual methods over four classes.

import { next, seed } from './lib/random';

type Step = (x: i32) => i32;

const STEPS: StaticArray<Step> = [
  (x: i32): i32 => x + 7,
  (x: i32): i32 => x ^ 0x55,
  (x: i32): i32 => x * 5,
  (x: i32): i32 => rotl<i32>(x, 3),
  (x: i32): i32 => x - (x >> 3),
  (x: i32): i32 => ~x,
  (x: i32): i32 => x + (x << 2),
  (x: i32): i32 => bswap<i32>(x),
];

abstract class Shape {
  abstract area(): f64;
}
class Square extends Shape {
  constructor(public side: f64) { super(); }
  area(): f64 { return this.side * this.side; }
}
class Rectangle extends Shape {
  constructor(public width: f64, public height: f64) { super(); }
  area(): f64 { return this.width * this.height; }
}
class Circle extends Shape {
  constructor(public radius: f64) { super(); }
  area(): f64 { return 3.0 * this.radius * this.radius; }
}
class Triangle extends Shape {
  constructor(public base: f64, public height: f64) { super(); }
  area(): f64 { return 0.5 * this.base * this.height; }
}

function shape(kind: i32, size: f64): Shape {
  if (kind == 0) return new Square(size);
  if (kind == 1) return new Rectangle(size, size + 1.0);
  if (kind == 2) return new Circle(size);
  return new Triangle(size, size + 2.0);
}

function apply(f: Step, times: i32, x: i32): i32 {
  for (let i = 0; i < times; i++) x = f(x);
  return x;
}

export function run(n: i32): i32 {
  seed(17);
  const shapes = new StaticArray<Shape>(64);
  for (let i = 0; i < 64; i++) shapes[i] = shape(<i32>(next() & 3), <f64>(i + 1));
  let x = 1;
  let total = 0.0;
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < 1000; i++) x = unchecked(STEPS[(x ^ i) & 7])(x) + i;
    x = apply(unchecked(STEPS[2]), 1000, x | 1);
    for (let i = 0; i < 64; i++) total += unchecked(shapes[i]).area();
  }
  return x ^ <i32>(<i64>total);
}
