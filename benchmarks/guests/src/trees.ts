// Binary trees: allocation, tree walks and garbage collection (the Computer Language Benchmarks Game), depth 4..n.

class Tree {
  constructor(public left: Tree | null, public right: Tree | null) {}

  count(): i32 {
    const left = this.left;
    return left ? 1 + left.count() + this.right!.count() : 1;
  }
}

function grow(depth: i32): Tree {
  return depth > 0 ? new Tree(grow(depth - 1), grow(depth - 1)) : new Tree(null, null);
}

export function run(n: i32): i32 {
  const kept = grow(n);
  let check = 0;
  for (let depth = 4; depth <= n; depth += 2) {
    const trees = 1 << (n - depth + 2);
    for (let i = 0; i < trees; i++) check += grow(depth).count();
  }
  return check ^ (kept.count() << 4);
}
