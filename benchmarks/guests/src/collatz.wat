;; Collatz: the longest sequence that starts below n * 1000, in 64-bit arithmetic. Written by hand with block parameters
;; and `select`, `if` with a result, `br_if` with a value: shapes that compilers seldom emit.
(module
  (func $length (param $x i64) (result i32)
    (local $steps i32)
    (block $done
      (loop $next
        (br_if $done (i64.eq (local.get $x) (i64.const 1)))
        (local.set $x
          (if (result i64) (i32.wrap_i64 (i64.and (local.get $x) (i64.const 1)))
            (then (i64.add (i64.mul (local.get $x) (i64.const 3)) (i64.const 1)))
            (else (i64.shr_u (local.get $x) (i64.const 1)))))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (br $next)))
    (local.get $steps))

  ;; Result: best start * 1000 + its number of steps.
  (func $run (export "run") (param $n i32) (result i64)
    (local $start i32) (local $limit i32) (local $best i32) (local $at i32) (local $length i32) (local $better i32)
    (local.set $limit (i32.mul (local.get $n) (i32.const 1000)))
    (local.set $start (i32.const 1))
    (loop $each
      (local.set $length (call $length (i64.extend_i32_u (local.get $start))))
      (local.set $better (i32.gt_s (local.get $length) (local.get $best)))
      (local.set $best (select (local.get $length) (local.get $best) (local.get $better)))
      (local.set $at (select (local.get $start) (local.get $at) (local.get $better)))
      (br_if $each (i32.lt_u
        (local.tee $start (i32.add (local.get $start) (i32.const 1)))
        (local.get $limit))))
    (i64.add
      (i64.mul (i64.extend_i32_u (local.get $at)) (i64.const 1000))
      (i64.extend_i32_u (local.get $best)))))
