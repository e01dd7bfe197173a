;; Host calls: `env.host` called in a loop, and `env.reenter`, which calls the exported function `inner` again while this
;; activation waits. A mutable global counts both sides.
(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (import "env" "reenter" (func $reenter (param i32 f64) (result f64)))
  (memory (export "memory") 1)
  (global $calls (export "calls") (mut i32) (i32.const 0))

  ;; Called by the host from within `reenter`: a small loop over memory, so that the nested activation gets hot too.
  (func $inner (export "inner") (param $k i32) (result i32)
    (local $i i32) (local $s i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (loop $l
      (i32.store (i32.shl (local.get $i) (i32.const 2))
        (i32.add (i32.load (i32.shl (local.get $i) (i32.const 2))) (local.get $k)))
      (local.set $s (i32.xor (local.get $s) (i32.load (i32.shl (local.get $i) (i32.const 2)))))
      (br_if $l (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 16))))
    (local.get $s))

  (func $run (export "run") (param $n i32) (result f64)
    (local $i i32) (local $x i32) (local $sum f64)
    (global.set $calls (i32.const 0))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 64))
    (loop $each
      (local.set $x (i32.add (local.get $x) (call $host (i32.xor (local.get $x) (local.get $i)))))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 7)))
        (then
          (local.set $sum (f64.add
            (local.get $sum)
            (call $reenter (local.get $i) (f64.convert_i32_s (local.get $x)))))))
      (br_if $each (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.mul (local.get $n) (i32.const 100)))))
    (f64.add (local.get $sum) (f64.convert_i32_s (i32.add (local.get $x) (global.get $calls))))))
