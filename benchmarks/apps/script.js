// biome-ignore-all lint/style/useTemplate: concatenation is one of the things that are measured
// The JavaScript that `quickjs.ts` runs inside quickjs.wasm: task scheduling with objects and a queue, one-way
// constraints, sorting with closures, strings and regular expressions, JSON both ways, typed-array arithmetic, maps,
// generators, exceptions and big integers. Any JavaScript engine must give the same report, one line a part.

// biome-ignore lint/correctness/noUnusedVariables: called by name after the script was evaluated
function benchmark(scale) {
  const report = [];
  let seed = 1;
  function random() {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed;
  }

  // Tasks that pass packets to each other until all are idle, in the manner of the Richards benchmark.
  class Task {
    constructor(id, work) {
      this.id = id;
      this.work = work;
      this.queue = [];
      this.handled = 0;
    }
    step(scheduler) {
      const packet = this.queue.shift();
      if (!packet) return false;
      this.handled++;
      this.work(packet, scheduler, this);
      return true;
    }
  }
  class Scheduler {
    constructor() {
      this.tasks = [];
      this.switches = 0;
    }
    add(work) {
      this.tasks.push(new Task(this.tasks.length, work));
    }
    send(to, packet) {
      this.tasks[to].queue.push(packet);
    }
    run() {
      let busy = true;
      while (busy) {
        busy = false;
        for (const task of this.tasks) {
          while (task.step(this)) busy = true;
          this.switches++;
        }
      }
    }
  }
  function schedule() {
    const scheduler = new Scheduler();
    for (let i = 0; i < 6; i++) {
      scheduler.add((packet, s, task) => {
        packet.value = (packet.value * 31 + task.id) & 0xffff;
        if (--packet.life > 0) s.send((task.id + 1 + (packet.value & 3)) % 6, packet);
      });
    }
    for (let i = 0; i < 40; i++) scheduler.send(i % 6, { life: 60, value: i });
    scheduler.run();
    return scheduler.tasks.map((t) => t.handled).join(',') + '/' + scheduler.switches;
  }

  // A chain of one-way constraints that is edited and brought up to date, in the manner of DeltaBlue.
  function constraints() {
    const variables = Array.from({ length: 60 }, (_, i) => ({ value: i, uses: [] }));
    class Scale {
      constructor(from, to, factor) {
        Object.assign(this, { from, to, factor });
        from.uses.push(this);
      }
      satisfy() {
        const value = (this.from.value * this.factor + 1) % 10007;
        if (value === this.to.value) return;
        this.to.value = value;
        for (const next of this.to.uses) next.satisfy();
      }
    }
    for (let i = 0; i + 1 < variables.length; i++) new Scale(variables[i], variables[i + 1], 2 + (i % 5));
    let sum = 0;
    for (let edit = 0; edit < 60; edit++) {
      variables[0].value = edit;
      for (const use of variables[0].uses) use.satisfy();
      sum += variables[variables.length - 1].value;
    }
    return sum;
  }

  function sorting() {
    const rows = Array.from({ length: 1500 }, () => ({ key: random() % 500, name: 'n' + (random() % 1000) }));
    const by =
      (...fields) =>
      (a, b) => {
        for (const f of fields) if (a[f] !== b[f]) return a[f] < b[f] ? -1 : 1;
        return 0;
      };
    rows.sort(by('key', 'name'));
    return (
      rows
        .slice(0, 3)
        .map((r) => r.key + r.name)
        .join(' ') +
      ' ' +
      rows.at(-1).name
    );
  }

  function strings() {
    let text = '';
    for (let i = 0; i < 700; i++)
      text += String.fromCharCode(97 + (random() % 26)) + (i % 7 === 0 ? ' ' : '') + (random() % 100);
    const words = text.split(' ').map((w) => w.replace(/[0-9]+/g, (d) => '<' + d.length + '>'));
    const longest = words.reduce((a, b) => (b.length > a.length ? b : a), '');
    const pairs = text.match(/[aeiou][0-9]{2}/g) ?? [];
    return words.length + ' ' + longest.slice(0, 12) + ' ' + pairs.length + ' ' + text.toUpperCase().indexOf('Z9');
  }

  function json() {
    const tree = (depth) =>
      depth ? { id: depth, list: [1.5, -2, 'x"y\u00e9', null], kids: [tree(depth - 1), tree(depth - 1)] } : true;
    let text = JSON.stringify(tree(7));
    for (let i = 0; i < 4; i++) text = JSON.stringify(JSON.parse(text));
    let hash = 7;
    for (let i = 0; i < text.length; i += 3) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    return text.length + ' ' + hash;
  }

  function numbers() {
    const a = new Float64Array(4096).map((_, i) => Math.sin(i) * 100);
    const b = new Uint32Array(4096);
    for (let i = 0; i < 4096; i++) b[i] = (a[i] * 1000 + 1e6) ^ (i << 3);
    for (let k = 0; k < 3; k++) for (let i = 1; i < 4096; i++) b[i] = (b[i] + (b[i - 1] >>> 3)) >>> 0;
    return b[4095] + ' ' + a.reduce((s, x) => s + x, 0).toFixed(9);
  }

  function collections() {
    const counts = new Map();
    for (let i = 0; i < 4000; i++) {
      const k = 'k' + (random() % 300);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    function* walk() {
      for (const [k, v] of counts) if (v > 12) yield [k, v];
    }
    let caught = 0;
    let total = 0n;
    for (const [k, v] of walk()) {
      try {
        if (v & 1) throw new RangeError(k);
        total = total * 3n + BigInt(v);
      } catch (error) {
        if (error instanceof RangeError) caught++;
      }
    }
    return counts.size + ' ' + caught + ' ' + (total % 1000000007n);
  }

  const parts = { schedule, constraints, sorting, strings, json, numbers, collections };
  for (const name of Object.keys(parts)) {
    let last = '';
    for (let i = 0; i < scale; i++) last = parts[name]();
    report.push(name + ': ' + last);
  }
  return report.join('\n');
}
