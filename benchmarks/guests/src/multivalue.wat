;; Multi-value: functions with two and three results, blocks and loops with parameters, values kept on the operand stack
;; across a loop. Euclid's extended algorithm over n * 1000 pairs and a Fibonacci loop without locals.
(module
  (func $divrem (param $a i64) (param $b i64) (result i64 i64)
    (i64.div_s (local.get $a) (local.get $b))
    (i64.rem_s (local.get $a) (local.get $b)))

  ;; (g, x, y) with g = gcd(a, b) = a * x + b * y.
  (func $egcd (param $a i64) (param $b i64) (result i64 i64 i64)
    (local $x0 i64) (local $x1 i64) (local $y0 i64) (local $y1 i64) (local $q i64) (local $r i64) (local $t i64)
    (local.set $x0 (i64.const 1))
    (local.set $y1 (i64.const 1))
    (block $done
      (loop $next
        (br_if $done (i64.eqz (local.get $b)))
        (call $divrem (local.get $a) (local.get $b))
        (local.set $r)
        (local.set $q)
        (local.set $a (local.get $b))
        (local.set $b (local.get $r))
        (local.set $t (i64.sub (local.get $x0) (i64.mul (local.get $q) (local.get $x1))))
        (local.set $x0 (local.get $x1))
        (local.set $x1 (local.get $t))
        (local.set $t (i64.sub (local.get $y0) (i64.mul (local.get $q) (local.get $y1))))
        (local.set $y0 (local.get $y1))
        (local.set $y1 (local.get $t))
        (br $next)))
    (local.get $a)
    (local.get $x0)
    (local.get $y0))

  (func $swapAdd (param $a i64) (param $b i64) (result i64 i64)
    (local.get $b)
    (i64.add (local.get $a) (local.get $b)))

  ;; The k-th Fibonacci number modulo 2^64: the pair travels as loop parameters.
  (func $fib (param $k i32) (result i64)
    (i64.const 0)
    (i64.const 1)
    (loop $next (param i64 i64) (result i64 i64)
      (call $swapAdd)
      (local.set $k (i32.sub (local.get $k) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $k) (i32.const 0))))
    (drop))

  (func $run (export "run") (param $n i32) (result i64)
    (local $i i32) (local $limit i32) (local $a i64) (local $b i64) (local $g i64) (local $x i64) (local $y i64) (local $check i64)
    (local.set $limit (i32.mul (local.get $n) (i32.const 1000)))
    (loop $each
      (local.set $a (i64.mul (i64.extend_i32_u (i32.add (local.get $i) (i32.const 3))) (i64.const 1234567)))
      (local.set $b (i64.add (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 7654321)) (i64.const 89)))
      (call $egcd (local.get $a) (local.get $b))
      (local.set $y)
      (local.set $x)
      (local.set $g)
      ;; The identity must hold, or the check goes wrong for good.
      (if (i64.ne
            (local.get $g)
            (i64.add (i64.mul (local.get $a) (local.get $x)) (i64.mul (local.get $b) (local.get $y))))
        (then (unreachable)))
      (local.set $check (i64.add (i64.mul (local.get $check) (i64.const 31)) (i64.xor (local.get $x) (local.get $y))))
      (br_if $each (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $limit))))
    (i64.xor (local.get $check) (call $fib (local.get $limit)))))
