// Recursion with backtracking: the queens problem on boards 4..n by columns in bit masks, and Ackermann's A(2, n * 8).

function place(all: i32, columns: i32, left: i32, right: i32): i32 {
  if (columns == all) return 1;
  let count = 0;
  let free = all & ~(columns | left | right);
  while (free) {
    const bit = free & -free;
    free ^= bit;
    count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

function ackermann(m: i32, n: i32): i32 {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

export function run(n: i32): i32 {
  let sum = 0;
  for (let side = 4; side <= n; side++) sum = sum * 7 + place((1 << side) - 1, 0, 0, 0);
  return sum ^ ackermann(2, n * 8);
}
