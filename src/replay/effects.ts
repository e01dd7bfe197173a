/**
 * What a WASI function may write into the guest's memory: by its arguments, so that a recording need not compare the whole
 * memory at each call. From the interface's own definition (WASI preview 1, `wasi_snapshot_preview1.witx`; the older
 * `wasi_unstable` has the same places). Functions that are not here are compared.
 */

/** `[argument that is the address, bytes]`, or the number of the argument that says how many. */
type Place = readonly [at: number, bytes: number | { arg: number; times?: number } | 'vectors'];

const NOTHING: readonly Place[] = [];

// biome-ignore format: a row a function
const WRITES: Readonly<Record<string, readonly Place[]>> = {
  args_sizes_get: [[0, 4], [1, 4]],
  environ_sizes_get: [[0, 4], [1, 4]],
  clock_res_get: [[1, 8]],
  clock_time_get: [[2, 8]],
  fd_advise: NOTHING,
  fd_allocate: NOTHING,
  fd_close: NOTHING,
  fd_datasync: NOTHING,
  fd_fdstat_get: [[1, 24]],
  fd_fdstat_set_flags: NOTHING,
  fd_fdstat_set_rights: NOTHING,
  fd_filestat_get: [[1, 64]],
  fd_filestat_set_size: NOTHING,
  fd_filestat_set_times: NOTHING,
  fd_pread: [[1, 'vectors'], [4, 4]],
  fd_prestat_get: [[1, 8]],
  fd_prestat_dir_name: [[1, { arg: 2 }]],
  fd_pwrite: [[4, 4]],
  fd_read: [[1, 'vectors'], [3, 4]],
  fd_readdir: [[1, { arg: 2 }], [4, 4]],
  fd_renumber: NOTHING,
  fd_seek: [[3, 8]],
  fd_sync: NOTHING,
  fd_tell: [[1, 8]],
  fd_write: [[3, 4]],
  path_create_directory: NOTHING,
  path_filestat_get: [[4, 64]],
  path_filestat_set_times: NOTHING,
  path_link: NOTHING,
  path_open: [[8, 4]],
  path_readlink: [[3, { arg: 4 }], [5, 4]],
  path_remove_directory: NOTHING,
  path_rename: NOTHING,
  path_symlink: NOTHING,
  path_unlink_file: NOTHING,
  poll_oneoff: [[1, { arg: 2, times: 32 }], [3, 4]],
  proc_exit: NOTHING,
  proc_raise: NOTHING,
  random_get: [[0, { arg: 1 }]],
  sched_yield: NOTHING,
  sock_shutdown: NOTHING,
};

/** Address and length of each piece that an array of `iovec`s names. */
export function vectors(memory: ArrayBufferLike, at: number, count: number): [at: number, bytes: number][] {
  const view = new DataView(memory);
  const found: [number, number][] = [];
  for (let i = 0; i < count && at + 8 * i + 8 <= memory.byteLength; i++)
    found.push([view.getUint32(at + 8 * i, true), view.getUint32(at + 8 * i + 4, true)]);
  return found;
}

export const isWasi = (module: string): boolean => /^wasi_(snapshot_preview1|unstable)$/.test(module);

/** The pieces of memory that the call may have written; null where that is not known. */
export function writesOf(
  module: string,
  name: string,
  args: readonly unknown[],
  memory: ArrayBufferLike,
): [at: number, bytes: number][] | null {
  const places = isWasi(module) ? WRITES[name] : undefined;
  if (!places) return null;
  const number = (i: number) => Number(args[i]) >>> 0;
  const pieces = places.flatMap(([arg, bytes]): [number, number][] => {
    if (bytes === 'vectors') return vectors(memory, number(arg), number(arg + 1));
    if (typeof bytes === 'number') return [[number(arg), bytes]];
    return [[number(arg), number(bytes.arg) * (bytes.times ?? 1)]];
  });
  return pieces.flatMap(([at, bytes]) => {
    const end = Math.min(at + bytes, memory.byteLength);
    return end > at ? [[at, end - at] as [number, number]] : [];
  });
}
