;; One export for each way to end badly, and a few that end well.
(module $traps
  (import "env" "throws" (func $throws))
  (memory (export "memory") 1)
  (global $g (mut i32) (i32.const 0))
  (func $divide (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $never (export "never") (unreachable))
  (func $outside (export "outside") (result i32) (i32.load (i32.const 65536)))
  (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
  (func $host (export "host") (call $throws))
  (func $spin (export "spin") (loop $again (global.set $g (i32.add (global.get $g) (i32.const 1))) (br $again)))
  (func $swap (export "swap") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func $count (export "count") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_s (local.get $i) (local.get $n))))
    (local.get $i)))
