;; Bulk memory: memory.fill, overlapping memory.copy, memory.init from a passive segment, table.copy and memory.grow (once,
;; on the first call), with a checksum by words in between; n rounds.
(module
  (memory (export "memory") 2 4)
  (table $t 4 funcref)
  (elem (i32.const 0) $one $two $three)
  (data $words "\01\23\45\67\89\ab\cd\ef\fe\dc\ba\98\76\54\32\10")
  (type $step (func (param i32) (result i32)))
  (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $two (param i32) (result i32) (i32.xor (local.get 0) (i32.const 0x2222)))
  (func $three (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))

  (func $sum (param $from i32) (param $to i32) (result i32)
    (local $s i32)
    (loop $l
      (local.set $s (i32.add (i32.rotl (local.get $s) (i32.const 5)) (i32.load (local.get $from))))
      (br_if $l (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (i32.const 4)))
        (local.get $to))))
    (local.get $s))

  (func $run (export "run") (param $n i32) (result i32)
    (local $i i32) (local $check i32)
    (if (i32.eq (memory.size) (i32.const 2)) (then (drop (memory.grow (i32.const 1)))))
    (loop $round
      (memory.fill (i32.const 0) (i32.and (local.get $i) (i32.const 255)) (i32.const 65536))
      (memory.init $words (i32.and (local.get $i) (i32.const 0xfff0)) (i32.const 0) (i32.const 16))
      ;; Overlaps in both directions: a wrong order would smear the bytes.
      (memory.copy (i32.const 24) (i32.const 0) (i32.const 60000))
      (memory.copy (i32.const 4) (i32.const 8) (i32.const 65000))
      (memory.copy (i32.const 131072) (i32.const 0) (i32.const 65536))
      (table.copy (i32.const 3) (i32.rem_u (local.get $i) (i32.const 3)) (i32.const 1))
      (local.set $check (i32.add
        (i32.mul (local.get $check) (i32.const 31))
        (call_indirect (type $step)
          (call $sum (i32.const 131072) (i32.const 135168))
          (i32.const 3))))
      (br_if $round (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $n))))
    (i32.xor (local.get $check) (memory.size))))
