// Pointer chasing: a ring of 32768 linked nodes in random order, walked n times, every value changed on the way.

import { next, seed } from './lib/random';

class Node {
  link: Node | null = null;
  value: i32 = 0;
}

const COUNT: i32 = 32768;

export function run(n: i32): i32 {
  heap.reset();
  const nodes = new StaticArray<Node>(COUNT);
  for (let i = 0; i < COUNT; i++) {
    nodes[i] = new Node();
    nodes[i].value = i;
  }
  seed(5);
  for (let i = COUNT - 1; i > 0; i--) {
    const j = <i32>(next() % <u32>(i + 1));
    const t = nodes[i];
    nodes[i] = nodes[j];
    nodes[j] = t;
  }
  for (let i = 0; i < COUNT; i++) nodes[i].link = nodes[(i + 1) % COUNT];
  const first = nodes[0];
  let sum = 0;
  for (let lap = 0; lap < n; lap++) {
    let node: Node = first;
    do {
      sum = sum * 31 + node.value;
      node.value += lap;
      node = node.link!;
    } while (node != first);
  }
  return sum;
}
