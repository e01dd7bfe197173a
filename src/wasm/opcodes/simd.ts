/** Opcode rows: Fixed-width and relaxed SIMD. See `parse.ts` for the columns. */
export const SIMD = `
since simd
fd0000 v128.load memarg i:v load bytes=16
fd0001 v128.load8x8_s memarg i:v load bytes=8
fd0002 v128.load8x8_u memarg i:v load bytes=8
fd0003 v128.load16x4_s memarg i:v load bytes=8
fd0004 v128.load16x4_u memarg i:v load bytes=8
fd0005 v128.load32x2_s memarg i:v load bytes=8
fd0006 v128.load32x2_u memarg i:v load bytes=8
fd0007 v128.load8_splat memarg i:v load bytes=1
fd0008 v128.load16_splat memarg i:v load bytes=2
fd0009 v128.load32_splat memarg i:v load bytes=4
fd000a v128.load64_splat memarg i:v load bytes=8
fd000b v128.store memarg iv: store bytes=16
fd000c v128.const v128 :v pure
fd000d i8x16.shuffle lanes16 vv:v pure
fd000e i8x16.swizzle - vv:v pure
fd000f i8x16.splat - i:v pure
fd0010 i16x8.splat - i:v pure
fd0011 i32x4.splat - i:v pure
fd0012 i64x2.splat - I:v pure
fd0013 f32x4.splat - f:v pure
fd0014 f64x2.splat - F:v pure
fd0015 i8x16.extract_lane_s lane v:i pure
fd0016 i8x16.extract_lane_u lane v:i pure
fd0017 i8x16.replace_lane lane vi:v pure
fd0018 i16x8.extract_lane_s lane v:i pure
fd0019 i16x8.extract_lane_u lane v:i pure
fd001a i16x8.replace_lane lane vi:v pure
fd001b i32x4.extract_lane lane v:i pure
fd001c i32x4.replace_lane lane vi:v pure
fd001d i64x2.extract_lane lane v:I pure
fd001e i64x2.replace_lane lane vI:v pure
fd001f f32x4.extract_lane lane v:f pure
fd0020 f32x4.replace_lane lane vf:v pure
fd0021 f64x2.extract_lane lane v:F pure
fd0022 f64x2.replace_lane lane vF:v pure
fd0023 i8x16.eq - vv:v pure
fd0024 i8x16.ne - vv:v pure
fd0025 i8x16.lt_s - vv:v pure
fd0026 i8x16.lt_u - vv:v pure
fd0027 i8x16.gt_s - vv:v pure
fd0028 i8x16.gt_u - vv:v pure
fd0029 i8x16.le_s - vv:v pure
fd002a i8x16.le_u - vv:v pure
fd002b i8x16.ge_s - vv:v pure
fd002c i8x16.ge_u - vv:v pure
fd002d i16x8.eq - vv:v pure
fd002e i16x8.ne - vv:v pure
fd002f i16x8.lt_s - vv:v pure
fd0030 i16x8.lt_u - vv:v pure
fd0031 i16x8.gt_s - vv:v pure
fd0032 i16x8.gt_u - vv:v pure
fd0033 i16x8.le_s - vv:v pure
fd0034 i16x8.le_u - vv:v pure
fd0035 i16x8.ge_s - vv:v pure
fd0036 i16x8.ge_u - vv:v pure
fd0037 i32x4.eq - vv:v pure
fd0038 i32x4.ne - vv:v pure
fd0039 i32x4.lt_s - vv:v pure
fd003a i32x4.lt_u - vv:v pure
fd003b i32x4.gt_s - vv:v pure
fd003c i32x4.gt_u - vv:v pure
fd003d i32x4.le_s - vv:v pure
fd003e i32x4.le_u - vv:v pure
fd003f i32x4.ge_s - vv:v pure
fd0040 i32x4.ge_u - vv:v pure
fd0041 f32x4.eq - vv:v pure
fd0042 f32x4.ne - vv:v pure
fd0043 f32x4.lt - vv:v pure
fd0044 f32x4.gt - vv:v pure
fd0045 f32x4.le - vv:v pure
fd0046 f32x4.ge - vv:v pure
fd0047 f64x2.eq - vv:v pure
fd0048 f64x2.ne - vv:v pure
fd0049 f64x2.lt - vv:v pure
fd004a f64x2.gt - vv:v pure
fd004b f64x2.le - vv:v pure
fd004c f64x2.ge - vv:v pure
fd004d v128.not - v:v pure
fd004e v128.and - vv:v pure
fd004f v128.andnot - vv:v pure
fd0050 v128.or - vv:v pure
fd0051 v128.xor - vv:v pure
fd0052 v128.bitselect - vvv:v pure
fd0053 v128.any_true - v:i pure
fd0054 v128.load8_lane memarg,lane iv:v load bytes=1
fd0058 v128.store8_lane memarg,lane iv: store bytes=1
fd0055 v128.load16_lane memarg,lane iv:v load bytes=2
fd0059 v128.store16_lane memarg,lane iv: store bytes=2
fd0056 v128.load32_lane memarg,lane iv:v load bytes=4
fd005a v128.store32_lane memarg,lane iv: store bytes=4
fd0057 v128.load64_lane memarg,lane iv:v load bytes=8
fd005b v128.store64_lane memarg,lane iv: store bytes=8
fd005c v128.load32_zero memarg i:v load bytes=4
fd005d v128.load64_zero memarg i:v load bytes=8
fd005e f32x4.demote_f64x2_zero - v:v pure
fd005f f64x2.promote_low_f32x4 - v:v pure
fd0060 i8x16.abs - v:v pure
fd0061 i8x16.neg - v:v pure
fd0062 i8x16.popcnt - v:v pure
fd0063 i8x16.all_true - v:i pure
fd0064 i8x16.bitmask - v:i pure
fd0065 i8x16.narrow_i16x8_s - vv:v pure
fd0066 i8x16.narrow_i16x8_u - vv:v pure
fd0067 f32x4.ceil - v:v pure
fd0068 f32x4.floor - v:v pure
fd0069 f32x4.trunc - v:v pure
fd006a f32x4.nearest - v:v pure
fd006b i8x16.shl - vi:v pure
fd006c i8x16.shr_s - vi:v pure
fd006d i8x16.shr_u - vi:v pure
fd006e i8x16.add - vv:v pure
fd006f i8x16.add_sat_s - vv:v pure
fd0070 i8x16.add_sat_u - vv:v pure
fd0071 i8x16.sub - vv:v pure
fd0072 i8x16.sub_sat_s - vv:v pure
fd0073 i8x16.sub_sat_u - vv:v pure
fd0074 f64x2.ceil - v:v pure
fd0075 f64x2.floor - v:v pure
fd0076 i8x16.min_s - vv:v pure
fd0077 i8x16.min_u - vv:v pure
fd0078 i8x16.max_s - vv:v pure
fd0079 i8x16.max_u - vv:v pure
fd007a f64x2.trunc - v:v pure
fd007b i8x16.avgr_u - vv:v pure
fd007c i16x8.extadd_pairwise_i8x16_s - v:v pure
fd007d i16x8.extadd_pairwise_i8x16_u - v:v pure
fd007e i32x4.extadd_pairwise_i16x8_s - v:v pure
fd007f i32x4.extadd_pairwise_i16x8_u - v:v pure
fd0080 i16x8.abs - v:v pure
fd0081 i16x8.neg - v:v pure
fd0082 i16x8.q15mulr_sat_s - vv:v pure
fd0083 i16x8.all_true - v:i pure
fd0084 i16x8.bitmask - v:i pure
fd0085 i16x8.narrow_i32x4_s - vv:v pure
fd0086 i16x8.narrow_i32x4_u - vv:v pure
fd0087 i16x8.extend_low_i8x16_s - v:v pure
fd0088 i16x8.extend_high_i8x16_s - v:v pure
fd0089 i16x8.extend_low_i8x16_u - v:v pure
fd008a i16x8.extend_high_i8x16_u - v:v pure
fd008b i16x8.shl - vi:v pure
fd008c i16x8.shr_s - vi:v pure
fd008d i16x8.shr_u - vi:v pure
fd008e i16x8.add - vv:v pure
fd008f i16x8.add_sat_s - vv:v pure
fd0090 i16x8.add_sat_u - vv:v pure
fd0091 i16x8.sub - vv:v pure
fd0092 i16x8.sub_sat_s - vv:v pure
fd0093 i16x8.sub_sat_u - vv:v pure
fd0094 f64x2.nearest - v:v pure
fd0095 i16x8.mul - vv:v pure
fd0096 i16x8.min_s - vv:v pure
fd0097 i16x8.min_u - vv:v pure
fd0098 i16x8.max_s - vv:v pure
fd0099 i16x8.max_u - vv:v pure
fd009b i16x8.avgr_u - vv:v pure
fd009c i16x8.extmul_low_i8x16_s - vv:v pure
fd009d i16x8.extmul_high_i8x16_s - vv:v pure
fd009e i16x8.extmul_low_i8x16_u - vv:v pure
fd009f i16x8.extmul_high_i8x16_u - vv:v pure
fd00a0 i32x4.abs - v:v pure
fd00a1 i32x4.neg - v:v pure
fd00a3 i32x4.all_true - v:i pure
fd00a4 i32x4.bitmask - v:i pure
fd00a7 i32x4.extend_low_i16x8_s - v:v pure
fd00a8 i32x4.extend_high_i16x8_s - v:v pure
fd00a9 i32x4.extend_low_i16x8_u - v:v pure
fd00aa i32x4.extend_high_i16x8_u - v:v pure
fd00ab i32x4.shl - vi:v pure
fd00ac i32x4.shr_s - vi:v pure
fd00ad i32x4.shr_u - vi:v pure
fd00ae i32x4.add - vv:v pure
fd00b1 i32x4.sub - vv:v pure
fd00b5 i32x4.mul - vv:v pure
fd00b6 i32x4.min_s - vv:v pure
fd00b7 i32x4.min_u - vv:v pure
fd00b8 i32x4.max_s - vv:v pure
fd00b9 i32x4.max_u - vv:v pure
fd00ba i32x4.dot_i16x8_s - vv:v pure
fd00bc i32x4.extmul_low_i16x8_s - vv:v pure
fd00bd i32x4.extmul_high_i16x8_s - vv:v pure
fd00be i32x4.extmul_low_i16x8_u - vv:v pure
fd00bf i32x4.extmul_high_i16x8_u - vv:v pure
fd00c0 i64x2.abs - v:v pure
fd00c1 i64x2.neg - v:v pure
fd00c3 i64x2.all_true - v:i pure
fd00c4 i64x2.bitmask - v:i pure
fd00c7 i64x2.extend_low_i32x4_s - v:v pure
fd00c8 i64x2.extend_high_i32x4_s - v:v pure
fd00c9 i64x2.extend_low_i32x4_u - v:v pure
fd00ca i64x2.extend_high_i32x4_u - v:v pure
fd00cb i64x2.shl - vi:v pure
fd00cc i64x2.shr_s - vi:v pure
fd00cd i64x2.shr_u - vi:v pure
fd00ce i64x2.add - vv:v pure
fd00d1 i64x2.sub - vv:v pure
fd00d5 i64x2.mul - vv:v pure
fd00d6 i64x2.eq - vv:v pure
fd00d7 i64x2.ne - vv:v pure
fd00d8 i64x2.lt_s - vv:v pure
fd00d9 i64x2.gt_s - vv:v pure
fd00da i64x2.le_s - vv:v pure
fd00db i64x2.ge_s - vv:v pure
fd00dc i64x2.extmul_low_i32x4_s - vv:v pure
fd00dd i64x2.extmul_high_i32x4_s - vv:v pure
fd00de i64x2.extmul_low_i32x4_u - vv:v pure
fd00df i64x2.extmul_high_i32x4_u - vv:v pure
fd00e0 f32x4.abs - v:v pure
fd00e1 f32x4.neg - v:v pure
fd00e3 f32x4.sqrt - v:v pure
fd00e4 f32x4.add - vv:v pure
fd00e5 f32x4.sub - vv:v pure
fd00e6 f32x4.mul - vv:v pure
fd00e7 f32x4.div - vv:v pure
fd00e8 f32x4.min - vv:v pure
fd00e9 f32x4.max - vv:v pure
fd00ea f32x4.pmin - vv:v pure
fd00eb f32x4.pmax - vv:v pure
fd00ec f64x2.abs - v:v pure
fd00ed f64x2.neg - v:v pure
fd00ef f64x2.sqrt - v:v pure
fd00f0 f64x2.add - vv:v pure
fd00f1 f64x2.sub - vv:v pure
fd00f2 f64x2.mul - vv:v pure
fd00f3 f64x2.div - vv:v pure
fd00f4 f64x2.min - vv:v pure
fd00f5 f64x2.max - vv:v pure
fd00f6 f64x2.pmin - vv:v pure
fd00f7 f64x2.pmax - vv:v pure
fd00f8 i32x4.trunc_sat_f32x4_s - v:v pure
fd00f9 i32x4.trunc_sat_f32x4_u - v:v pure
fd00fa f32x4.convert_i32x4_s - v:v pure
fd00fb f32x4.convert_i32x4_u - v:v pure
fd00fc i32x4.trunc_sat_f64x2_s_zero - v:v pure
fd00fd i32x4.trunc_sat_f64x2_u_zero - v:v pure
fd00fe f64x2.convert_low_i32x4_s - v:v pure
fd00ff f64x2.convert_low_i32x4_u - v:v pure
since relaxed-simd
fd0100 i8x16.relaxed_swizzle - vv:v pure
fd0101 i32x4.relaxed_trunc_f32x4_s - v:v pure
fd0102 i32x4.relaxed_trunc_f32x4_u - v:v pure
fd0103 i32x4.relaxed_trunc_f64x2_s_zero - v:v pure
fd0104 i32x4.relaxed_trunc_f64x2_u_zero - v:v pure
fd0105 f32x4.relaxed_madd - vvv:v pure
fd0106 f32x4.relaxed_nmadd - vvv:v pure
fd0107 f64x2.relaxed_madd - vvv:v pure
fd0108 f64x2.relaxed_nmadd - vvv:v pure
fd0109 i8x16.relaxed_laneselect - vvv:v pure
fd010a i16x8.relaxed_laneselect - vvv:v pure
fd010b i32x4.relaxed_laneselect - vvv:v pure
fd010c i64x2.relaxed_laneselect - vvv:v pure
fd010d f32x4.relaxed_min - vv:v pure
fd010e f32x4.relaxed_max - vv:v pure
fd010f f64x2.relaxed_min - vv:v pure
fd0110 f64x2.relaxed_max - vv:v pure
fd0111 i16x8.relaxed_q15mulr_s - vv:v pure
fd0112 i16x8.relaxed_dot_i8x16_i7x16_s - vv:v pure
fd0113 i32x4.relaxed_dot_i8x16_i7x16_add_s - vvv:v pure
`;
