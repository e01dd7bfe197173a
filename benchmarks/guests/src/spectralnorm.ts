// Spectral norm of an infinite matrix cut to n by n, ten power steps (the Computer Language Benchmarks Game).

function entry(i: i32, j: i32): f64 {
  return 1.0 / <f64>((((i + j) * (i + j + 1)) >>> 1) + i + 1);
}

function times(v: StaticArray<f64>, out: StaticArray<f64>, n: i32): void {
  for (let i = 0; i < n; i++) {
    let sum = 0.0;
    for (let j = 0; j < n; j++) sum += entry(i, j) * unchecked(v[j]);
    unchecked((out[i] = sum));
  }
}

function timesTransposed(v: StaticArray<f64>, out: StaticArray<f64>, n: i32): void {
  for (let i = 0; i < n; i++) {
    let sum = 0.0;
    for (let j = 0; j < n; j++) sum += entry(j, i) * unchecked(v[j]);
    unchecked((out[i] = sum));
  }
}

export function run(n: i32): f64 {
  heap.reset();
  const u = new StaticArray<f64>(n);
  const v = new StaticArray<f64>(n);
  const t = new StaticArray<f64>(n);
  for (let i = 0; i < n; i++) u[i] = 1.0;
  for (let i = 0; i < 10; i++) {
    times(u, t, n);
    timesTransposed(t, v, n);
    times(v, t, n);
    timesTransposed(t, u, n);
  }
  let uv = 0.0;
  let vv = 0.0;
  for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return Math.sqrt(uv / vv);
}
