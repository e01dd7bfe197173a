// Mandelbrot set over an n by n grid, at most 100 steps a point; gives the sum of the steps.

export function run(n: i32): i32 {
  let sum = 0;
  for (let y = 0; y < n; y++) {
    const ci = (2.0 * <f64>y) / <f64>n - 1.0;
    for (let x = 0; x < n; x++) {
      const cr = (2.0 * <f64>x) / <f64>n - 1.5;
      let zr = 0.0;
      let zi = 0.0;
      let k = 0;
      while (k < 100) {
        const r2 = zr * zr;
        const i2 = zi * zi;
        if (r2 + i2 > 4.0) break;
        zi = 2.0 * zr * zi + ci;
        zr = r2 - i2 + cr;
        k++;
      }
      sum += k;
    }
  }
  return sum;
}
