// Heat on a 128 by 128 plate: n sweeps of the five-point stencil between two arrays, with the largest change kept.

const SIDE: i32 = 128;

export function run(n: i32): f64 {
  heap.reset();
  let from = new StaticArray<f64>(SIDE * SIDE);
  let to = new StaticArray<f64>(SIDE * SIDE);
  for (let i = 0; i < SIDE; i++) {
    from[i] = to[i] = 100.0;
    from[i * SIDE] = to[i * SIDE] = 50.0;
  }
  let change = 0.0;
  for (let sweep = 0; sweep < n; sweep++) {
    change = 0.0;
    for (let y = 1; y < SIDE - 1; y++) {
      for (let x = 1; x < SIDE - 1; x++) {
        const p = y * SIDE + x;
        const value = 0.25 * unchecked(from[p - 1] + from[p + 1] + from[p - SIDE] + from[p + SIDE]);
        const d = Math.abs(value - unchecked(from[p]));
        if (d > change) change = d;
        unchecked((to[p] = value));
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  let sum = 0.0;
  for (let i = 0; i < SIDE * SIDE; i++) sum += from[i];
  return sum + change;
}
