/** Deterministic numbers for the guests in C: xorshift32, the same as random.ts. */
#include <stdint.h>

static uint32_t state;

static void seed(uint32_t s) { state = s; }

static uint32_t random32(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

#define EXPORT(name) __attribute__((export_name(name)))
