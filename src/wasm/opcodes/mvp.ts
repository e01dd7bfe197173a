/** Opcode rows: WebAssembly 1.0 and what toolchains emit today beside it. See `parse.ts` for the columns. */
export const MVP = `
since mvp
0 unreachable - - control
1 nop - : pure
2 block block - control
3 loop block - control
4 if block - control
5 else - - control
b end - - control
c br label - control
d br_if label - control
e br_table labels - control
f return - - control
10 call func - call
11 call_indirect type,table - call
1a drop - - pure
1b select - - pure
20 local.get local - local
21 local.set local - local
22 local.tee local - local
23 global.get global - global.get
24 global.set global - global.set
28 i32.load memarg i:i load bytes=4
29 i64.load memarg i:I load bytes=8
2a f32.load memarg i:f load bytes=4
2b f64.load memarg i:F load bytes=8
2c i32.load8_s memarg i:i load bytes=1
2d i32.load8_u memarg i:i load bytes=1
2e i32.load16_s memarg i:i load bytes=2
2f i32.load16_u memarg i:i load bytes=2
30 i64.load8_s memarg i:I load bytes=1
31 i64.load8_u memarg i:I load bytes=1
32 i64.load16_s memarg i:I load bytes=2
33 i64.load16_u memarg i:I load bytes=2
34 i64.load32_s memarg i:I load bytes=4
35 i64.load32_u memarg i:I load bytes=4
36 i32.store memarg ii: store bytes=4
37 i64.store memarg iI: store bytes=8
38 f32.store memarg if: store bytes=4
39 f64.store memarg iF: store bytes=8
3a i32.store8 memarg ii: store bytes=1
3b i32.store16 memarg ii: store bytes=2
3c i64.store8 memarg iI: store bytes=1
3d i64.store16 memarg iI: store bytes=2
3e i64.store32 memarg iI: store bytes=4
3f memory.size memory :i size
40 memory.grow memory i:i grow
41 i32.const i32 :i pure
42 i64.const i64 :I pure
43 f32.const f32 :f pure
44 f64.const f64 :F pure
45 i32.eqz - i:i pure
46 i32.eq - ii:i pure inverse=i32.ne commutes
47 i32.ne - ii:i pure inverse=i32.eq commutes
48 i32.lt_s - ii:i pure inverse=i32.ge_s
49 i32.lt_u - ii:i pure inverse=i32.ge_u
4a i32.gt_s - ii:i pure inverse=i32.le_s
4b i32.gt_u - ii:i pure inverse=i32.le_u
4c i32.le_s - ii:i pure inverse=i32.gt_s
4d i32.le_u - ii:i pure inverse=i32.gt_u
4e i32.ge_s - ii:i pure inverse=i32.lt_s
4f i32.ge_u - ii:i pure inverse=i32.lt_u
50 i64.eqz - I:i pure
51 i64.eq - II:i pure inverse=i64.ne commutes
52 i64.ne - II:i pure inverse=i64.eq commutes
53 i64.lt_s - II:i pure inverse=i64.ge_s
54 i64.lt_u - II:i pure inverse=i64.ge_u
55 i64.gt_s - II:i pure inverse=i64.le_s
56 i64.gt_u - II:i pure inverse=i64.le_u
57 i64.le_s - II:i pure inverse=i64.gt_s
58 i64.le_u - II:i pure inverse=i64.gt_u
59 i64.ge_s - II:i pure inverse=i64.lt_s
5a i64.ge_u - II:i pure inverse=i64.lt_u
5b f32.eq - ff:i pure inverse=f32.ne commutes
5c f32.ne - ff:i pure inverse=f32.eq commutes
5d f32.lt - ff:i pure
5e f32.gt - ff:i pure
5f f32.le - ff:i pure
60 f32.ge - ff:i pure
61 f64.eq - FF:i pure inverse=f64.ne commutes
62 f64.ne - FF:i pure inverse=f64.eq commutes
63 f64.lt - FF:i pure
64 f64.gt - FF:i pure
65 f64.le - FF:i pure
66 f64.ge - FF:i pure
67 i32.clz - i:i pure
68 i32.ctz - i:i pure
69 i32.popcnt - i:i pure
6a i32.add - ii:i pure commutes
6b i32.sub - ii:i pure
6c i32.mul - ii:i pure commutes
6d i32.div_s - ii:i trap
6e i32.div_u - ii:i trap
6f i32.rem_s - ii:i trap
70 i32.rem_u - ii:i trap
71 i32.and - ii:i pure commutes
72 i32.or - ii:i pure commutes
73 i32.xor - ii:i pure commutes
74 i32.shl - ii:i pure
75 i32.shr_s - ii:i pure
76 i32.shr_u - ii:i pure
77 i32.rotl - ii:i pure
78 i32.rotr - ii:i pure
79 i64.clz - I:I pure
7a i64.ctz - I:I pure
7b i64.popcnt - I:I pure
7c i64.add - II:I pure commutes
7d i64.sub - II:I pure
7e i64.mul - II:I pure commutes
7f i64.div_s - II:I trap
80 i64.div_u - II:I trap
81 i64.rem_s - II:I trap
82 i64.rem_u - II:I trap
83 i64.and - II:I pure commutes
84 i64.or - II:I pure commutes
85 i64.xor - II:I pure commutes
86 i64.shl - II:I pure
87 i64.shr_s - II:I pure
88 i64.shr_u - II:I pure
89 i64.rotl - II:I pure
8a i64.rotr - II:I pure
8b f32.abs - f:f pure
8c f32.neg - f:f pure
8d f32.ceil - f:f pure
8e f32.floor - f:f pure
8f f32.trunc - f:f pure
90 f32.nearest - f:f pure
91 f32.sqrt - f:f pure
92 f32.add - ff:f pure
93 f32.sub - ff:f pure
94 f32.mul - ff:f pure
95 f32.div - ff:f pure
96 f32.min - ff:f pure
97 f32.max - ff:f pure
98 f32.copysign - ff:f pure
99 f64.abs - F:F pure
9a f64.neg - F:F pure
9b f64.ceil - F:F pure
9c f64.floor - F:F pure
9d f64.trunc - F:F pure
9e f64.nearest - F:F pure
9f f64.sqrt - F:F pure
a0 f64.add - FF:F pure
a1 f64.sub - FF:F pure
a2 f64.mul - FF:F pure
a3 f64.div - FF:F pure
a4 f64.min - FF:F pure
a5 f64.max - FF:F pure
a6 f64.copysign - FF:F pure
a7 i32.wrap_i64 - I:i pure
a8 i32.trunc_f32_s - f:i trap
a9 i32.trunc_f32_u - f:i trap
aa i32.trunc_f64_s - F:i trap
ab i32.trunc_f64_u - F:i trap
ac i64.extend_i32_s - i:I pure
ad i64.extend_i32_u - i:I pure
ae i64.trunc_f32_s - f:I trap
af i64.trunc_f32_u - f:I trap
b0 i64.trunc_f64_s - F:I trap
b1 i64.trunc_f64_u - F:I trap
b2 f32.convert_i32_s - i:f pure
b3 f32.convert_i32_u - i:f pure
b4 f32.convert_i64_s - I:f pure
b5 f32.convert_i64_u - I:f pure
b6 f32.demote_f64 - F:f pure
b7 f64.convert_i32_s - i:F pure
b8 f64.convert_i32_u - i:F pure
b9 f64.convert_i64_s - I:F pure
ba f64.convert_i64_u - I:F pure
bb f64.promote_f32 - f:F pure
bc i32.reinterpret_f32 - f:i pure
bd i64.reinterpret_f64 - F:I pure
be f32.reinterpret_i32 - i:f pure
bf f64.reinterpret_i64 - I:F pure
since sign-extension
c0 i32.extend8_s - i:i pure
c1 i32.extend16_s - i:i pure
c2 i64.extend8_s - I:I pure
c3 i64.extend16_s - I:I pure
c4 i64.extend32_s - I:I pure
since saturating
fc0000 i32.trunc_sat_f32_s - f:i pure
fc0001 i32.trunc_sat_f32_u - f:i pure
fc0002 i32.trunc_sat_f64_s - F:i pure
fc0003 i32.trunc_sat_f64_u - F:i pure
fc0004 i64.trunc_sat_f32_s - f:I pure
fc0005 i64.trunc_sat_f32_u - f:I pure
fc0006 i64.trunc_sat_f64_s - F:I pure
fc0007 i64.trunc_sat_f64_u - F:I pure
since bulk-memory
fc0008 memory.init data,memory iii: bulk
fc0009 data.drop data : bulk
fc000a memory.copy memory,memory iii: bulk
fc000b memory.fill memory iii: bulk
fc000c table.init elem,table iii: bulk
fc000d elem.drop elem : bulk
fc000e table.copy table,table iii: bulk
since reference-types
1c select_t valtypes - pure
25 table.get table - table.get
26 table.set table - table.set
d0 ref.null heap - pure
d1 ref.is_null - - pure
d2 ref.func func - pure
fc000f table.grow table - grow
fc0010 table.size table :i size
fc0011 table.fill table - bulk
`;
