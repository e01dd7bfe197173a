/** A region with one of everything, for tests of the text form and of the verifier. */
export const SAMPLE = `
region T7 $f+0x9 a name
func 3 $f
memory 0 min=65536
memory 1 min=0 shared mem64
global 0 i32 mut
global 1 (ref_null_func) mut foreign
entry !interp#0 @$f+0x9 pc=96 {}
gone !bounds#4 @$f+0x20 pc=140 ic=3
b0:
  v1 = slot.load i32 [0] @$f+0x9
  v2 = slot.load i64 [-16] @$f+0x9
  v3 = i32.const -1 @$f+0xa
  v4 = f64.const 0x7ff8000000000001 @$f+0xb
  v5 = frame.addr [32] @$f+0xb
  v128 = slot.load v128 [48] @$f+0xb
  v129 = i8x16.neg v128 @$f+0xb
  v6 = mem.bytes mem=1 @$f+0xb
  strip.limit v6 loop=1 @$f+0xb
  jump b1
b1: loop <- b0 b4 ic=7
  v7 = phi i32 v1 v20 @$f+0xc
  strip.check !loop#1 @$f+0xc pc=88 {-16:v2 0:v7}
  guard.bounds v7 k=12 !bounds#2 @$f+0xd pc=100 ic=2 {0:v7 8:v4 g0:v3 i32.store[v1+8]:v3 i64.store[m1:v2+0]:v2}
  v8 = i32.load v7 offset=8 @$f+0xd
  guard.bounds v2 mem=1 k=8 !bounds#3 @$f+0xe pc=104 fp=48 ic=3 {} @$f+0x7
  v9 = f32.load v2 offset=4294967295 mem=1 @$f+0xe
  host.call void func=2 types= !interp#5 @$f+0x10 pc=110 {}
  v10 = host.call void v8 func=1 types=i32,f64 !interp#6 @$f+0x11 pc=112 {0:v7}
  v11 = proj f64 v10 index=1 @$f+0x11
  v12 = select f64 v11 v4 v8 @$f+0x12
  v13 = f64.add v12 v12 @$f+0x13
  switch v8 b2 b3 b2
b2: <- b1
  i64.store v7 v2 offset=0 @$f+0x15
  branch v8 b4 b3 likely=then
b3: <- b1 b2
  exit !end#7 @$f+0x20 pc=200 {0:v13}
b4: <- b2
  v20 = i32.add v7 v3 @$f+0x21
  jump b1
`.trimStart();
