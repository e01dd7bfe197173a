// Five bodies of the solar system, n * 100 steps of a symplectic integrator (the Computer Language Benchmarks Game).

class Body {
  constructor(
    public x: f64, public y: f64, public z: f64,
    public vx: f64, public vy: f64, public vz: f64,
    public mass: f64,
  ) {}
}

const SOLAR_MASS: f64 = 4.0 * Math.PI * Math.PI;
const YEAR: f64 = 365.24;

function planets(): StaticArray<Body> {
  const bodies = new StaticArray<Body>(5);
  bodies[0] = new Body(0, 0, 0, 0, 0, 0, SOLAR_MASS);
  bodies[1] = new Body(
    4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
    0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
    0.000954791938424326609 * SOLAR_MASS,
  );
  bodies[2] = new Body(
    8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
    -0.00276742510726411030 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
    0.000285885980666130812 * SOLAR_MASS,
  );
  bodies[3] = new Body(
    12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
    0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
    0.0000436624404335156298 * SOLAR_MASS,
  );
  bodies[4] = new Body(
    15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
    0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
    0.0000515138902046611451 * SOLAR_MASS,
  );
  let px = 0.0;
  let py = 0.0;
  let pz = 0.0;
  for (let i = 0; i < 5; i++) {
    px += bodies[i].vx * bodies[i].mass;
    py += bodies[i].vy * bodies[i].mass;
    pz += bodies[i].vz * bodies[i].mass;
  }
  bodies[0].vx = -px / SOLAR_MASS;
  bodies[0].vy = -py / SOLAR_MASS;
  bodies[0].vz = -pz / SOLAR_MASS;
  return bodies;
}

function advance(bodies: StaticArray<Body>, dt: f64): void {
  for (let i = 0; i < 5; i++) {
    const a = unchecked(bodies[i]);
    let vx = a.vx;
    let vy = a.vy;
    let vz = a.vz;
    for (let j = i + 1; j < 5; j++) {
      const b = unchecked(bodies[j]);
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const d2 = dx * dx + dy * dy + dz * dz;
      const mag = dt / (d2 * Math.sqrt(d2));
      vx -= dx * b.mass * mag;
      vy -= dy * b.mass * mag;
      vz -= dz * b.mass * mag;
      b.vx += dx * a.mass * mag;
      b.vy += dy * a.mass * mag;
      b.vz += dz * a.mass * mag;
    }
    a.vx = vx;
    a.vy = vy;
    a.vz = vz;
    a.x += dt * vx;
    a.y += dt * vy;
    a.z += dt * vz;
  }
}

function energy(bodies: StaticArray<Body>): f64 {
  let e = 0.0;
  for (let i = 0; i < 5; i++) {
    const a = bodies[i];
    e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
    for (let j = i + 1; j < 5; j++) {
      const b = bodies[j];
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      e -= (a.mass * b.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}

export function run(n: i32): f64 {
  heap.reset();
  const bodies = planets();
  const steps = n * 100;
  for (let i = 0; i < steps; i++) advance(bodies, 0.01);
  return energy(bodies);
}
